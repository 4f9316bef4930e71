import CivilTime
import Foundation
import Licensing

/// One license of each edition.
enum LicenseExamples {
  struct Malformed: Error {}

  static func date(_ text: String) throws -> CivilDate {
    guard let date = CivilDate(text) else { throw Malformed() }
    return date
  }

  static func license(_ text: String) throws -> LicenseID {
    guard let id = LicenseID(text) else { throw Malformed() }
    return id
  }

  static func line(_ number: Int) throws -> LineID {
    guard let id = LineID("lin_0193000000007000800000000000000\(number)") else { throw Malformed() }
    return id
  }

  private static func term(_ from: String, _ through: String) throws -> Term {
    guard let term = Term(from: try date(from), through: try date(through)) else {
      throw Malformed()
    }
    return term
  }

  static func all() throws -> [(String, License)] {
    [
      ("License: subscription", try subscription()),
      ("License: perpetual with maintenance", try perpetual()),
      ("License: pay-as-you-go", try payAsYouGo()),
      ("License: community", try community()),
    ]
  }

  private static func base(_ number: Int, _ edition: Edition) throws -> License {
    guard let customer = CustomerID("cus_01930000000070008000000000000001") else {
      throw Malformed()
    }
    return License(
      iss: ExampleBook.iss, jti: try license("lic_0193000000007000800000000000000\(number)"),
      line: try line(number), epoch: 7, sub: customer, customer: "ACME Ltd",
      product: ExampleBook.product, iat: ExampleBook.issued, edition: edition,
      zone: "Asia/Shanghai", support: edition == .community ? "community" : "5x8")
  }

  private static func subscription() throws -> License {
    var license = try base(1, .subscription)
    license.term = try term("2026-11-21", "2027-11-20")
    license.collectors = Collectors(limit: 500, overage: .refuse)
    license.graceDays = 14
    license.reporting = Reporting(mode: .daily, gateway: "https://usage.vendor.example")
    return license
  }

  private static func perpetual() throws -> License {
    var license = try base(2, .perpetual)
    license.maintenance = try term("2026-11-21", "2027-11-20")
    license.release = "1.98.190"
    license.collectors = Collectors(limit: 500, overage: .refuse)
    return license
  }

  private static func payAsYouGo() throws -> License {
    var license = try base(3, .payg)
    license.term = try term("2026-11-21", "2027-11-20")
    license.graceDays = 14
    license.reporting = Reporting(
      mode: .realtime, gateway: "https://usage.vendor.example", leaseHours: 72)
    license.price = Price(currency: "CNY", minorPerCollectorDay: 120)
    // The signing key of the examples caps collectors, and only a limit that refuses keeps a cap.
    license.collectors = Collectors(limit: 10_000, overage: .refuse)
    return license
  }

  private static func community() throws -> License {
    var license = try base(4, .community)
    license.collectors = Collectors(limit: 100, overage: .refuse)
    return license
  }
}
