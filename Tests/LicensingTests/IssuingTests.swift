import CivilTime
import Licensing
import Sealing
import Testing

struct IssuingTests {
  /// Constraints, an edition with 365 days and 1000 collectors, and whether the key may sign it.
  static let caps: [(KeyConstraints, Edition, Bool)] = [
    (KeyConstraints(), .subscription, true),
    (KeyConstraints(), .community, true),
    (KeyConstraints(products: ["observability-platform"]), .payg, true),
    (KeyConstraints(products: ["other"]), .payg, false),
    (KeyConstraints(products: []), .payg, false),
    (KeyConstraints(editions: ["payg", "subscription"]), .subscription, true),
    (KeyConstraints(editions: ["payg"]), .subscription, false),
    (KeyConstraints(maximumDays: 365), .subscription, true),
    (KeyConstraints(maximumDays: 364), .subscription, false),
    (KeyConstraints(maximumDays: 365), .perpetual, false),
    (KeyConstraints(editions: ["perpetual"], maximumDays: 365), .perpetual, true),
    (KeyConstraints(editions: ["perpetual"], maximumDays: 364), .perpetual, false),
    (KeyConstraints(maximumDays: 365), .community, false),
    (KeyConstraints(editions: ["community"], maximumDays: 1), .community, true),
    (KeyConstraints(maximumCollectors: 1000), .subscription, true),
    (KeyConstraints(maximumCollectors: 999), .subscription, false),
    (KeyConstraints(maximumCollectors: 1000), .payg, false),
  ]

  @Test(arguments: caps.indices)
  func `a key signs within its constraints`(_ index: Int) throws {
    #expect(Self.caps.count == 17)
    let (constraints, edition, allowed) = Self.caps[index]
    let excess = try Sample.license(edition).excess(over: constraints)
    #expect((excess == nil) == allowed, "\(excess ?? "nothing")")
  }

  @Test func `a limit counts once for each installation`() throws {
    let license = try Sample.license(.subscription) { $0.installations = 2 }
    #expect(license.excess(over: KeyConstraints(maximumCollectors: 2000)) == nil)
    #expect(license.excess(over: KeyConstraints(maximumCollectors: 1999)) != nil)
  }

  @Test func `a release key signs releases of its products`() throws {
    let release = try Sample.release()
    #expect(release.excess(over: KeyConstraints(products: [Sample.product])) == nil)
    #expect(release.excess(over: KeyConstraints(products: ["other"])) != nil)
    #expect(release.excess(over: KeyConstraints(editions: [], maximumDays: 0)) == nil)
  }

  static let shortfalls: [(Edition, String, String, Bool)] = [
    (.subscription, "2026-11-21", "2027-11-20", false),
    (.subscription, "2026-11-21", "2027-11-19", true),
    (.subscription, "2028-02-29", "2029-02-28", false),
    (.subscription, "2028-02-29", "2029-02-27", true),
    (.subscription, "2027-03-01", "2028-02-29", false),
    (.subscription, "2027-03-01", "2028-02-28", true),
    (.payg, "2026-11-21", "2026-11-21", false),
  ]

  @Test(arguments: shortfalls)
  func `a subscription lasts a year, pay as you go a day`(
    _ edition: Edition, _ from: String, _ through: String, _ isShort: Bool
  ) throws {
    let license = try Sample.license(edition) { $0.term = try Shared.term(from, through) }
    #expect((license.termShortfall != nil) == isShort)
  }

  static let renewals: [(TermLength, RenewalBasis, String, String, String)] = [
    (.years(1), .fromEnd, "2027-10-01", "2027-11-21", "2028-11-20"),
    (.years(1), .today, "2027-10-01", "2027-10-01", "2028-09-30"),
    (.years(1), .later, "2027-10-01", "2027-11-21", "2028-11-20"),
    (.years(1), .fromEnd, "2028-01-05", "2027-11-21", "2028-11-20"),
    (.years(1), .later, "2028-01-05", "2028-01-05", "2029-01-04"),
    (.years(1), .today, "2028-02-29", "2028-02-29", "2029-02-28"),
    (.years(4), .today, "2028-02-29", "2028-02-29", "2032-02-28"),
    (.days(1), .fromEnd, "2027-10-01", "2027-11-21", "2027-11-21"),
    (.days(30), .fromEnd, "2027-10-01", "2027-11-21", "2027-12-20"),
    (.days(30), .later, "2028-02-20", "2028-02-20", "2028-03-20"),
  ]

  @Test(arguments: renewals)
  func `a term is renewed from its stated basis`(
    _ length: TermLength, _ basis: RenewalBasis, _ today: String, _ from: String,
    _ through: String
  ) throws {
    let present = try Shared.term("2026-11-21", "2027-11-20")
    let next = present.renewed(for: length, basis: basis, today: try Shared.date(today))
    #expect(try next == Shared.term(from, through))
  }

  @Test(arguments: [
    TermLength.years(0), .years(-1), .years(Int.max), .days(0), .days(-1), .days(.max),
    .years(8000), .days(2_932_896),
  ])
  func `a length that makes no term gives none`(_ length: TermLength) throws {
    let present = try Shared.term("2026-11-21", "2027-11-20")
    for basis in RenewalBasis.allCases {
      #expect(present.renewed(for: length, basis: basis, today: present.from) == nil)
    }
    let last = try Shared.term("9999-12-31", "9999-12-31")
    #expect(last.renewed(for: .days(1), basis: .fromEnd, today: present.from) == nil)
  }
}
