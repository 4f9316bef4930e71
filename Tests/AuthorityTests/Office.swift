import Authority
import CivilTime
import Foundation
import Libcrypto
import Licensing
import Platform
import Sealing
import Synchronization
import Testing

/// A clock that stands where it is set.
final class HandClock: WallClock {
  private let time: Mutex<Int64>

  init(_ time: Int64) { self.time = Mutex(time) }

  func set(_ time: Int64) { self.time.withLock { $0 = time } }
  func now() -> Int64 { time.withLock { $0 } }
}

/// A vendor's registry in a folder of its own: keys, a keyset and a customer, copied from one made
/// once.
final class Office {
  static let iss = "https://license.vendor.example"
  /// 2026-11-21T06:00:00Z, 14:00 in Shanghai.
  static let start: Int64 = 1_795_240_800
  static let passphrase = "correct horse"

  let folder: String
  let clock = HandClock(Office.start)
  private(set) var authority: Authority
  let customer: CustomerID

  init() throws {
    let template = try Template.shared.get()
    folder = NSTemporaryDirectory() + "authority-" + UUID().uuidString
    try Files.makeFolder("\(folder)/keys")
    for (name, bytes) in template.files {
      try Files.create("\(folder)/\(name)", with: bytes, mode: 0o600)
    }
    customer = template.customer
    authority = try Self.open(folder, clock)
  }

  /// Another office with the same registry, to play a story on in more than one way.
  init(copying other: Office) throws {
    try other.authority.registry.close()
    folder = NSTemporaryDirectory() + "authority-" + UUID().uuidString
    try FileManager.default.copyItem(atPath: other.folder, toPath: folder)
    customer = other.customer
    clock.set(other.clock.now())
    authority = try Self.open(folder, clock)
    try other.reopen()
  }

  func copy() throws -> Office { try Office(copying: self) }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  static func open(_ folder: String, _ clock: HandClock) throws -> Authority {
    Authority(
      registry: try Registry(folder, for: .make), clock: clock, who: "maria", compiledRoots: nil)
  }

  static func secret(_ text: String = passphrase) -> Secret {
    var bytes = Array(text.utf8)
    return Secret(taking: &bytes)
  }

  /// Ends the process, as it were, and starts the next one.
  func reopen() throws {
    try authority.registry.close()
    // The lock goes with the last copy of the old registry.
    let elsewhere = NSTemporaryDirectory() + "authority-" + UUID().uuidString
    authority = try Self.open(elsewhere, clock)
    try FileManager.default.removeItem(atPath: elsewhere)
    authority = try Self.open(folder, clock)
  }

  func key(_ role: KeyRole) throws -> KeyRecord {
    let key = try authority.registry.keys().last { $0.role == role }
    return try #require(key)
  }

  func order(_ edition: Edition) -> LicenseOrder {
    var order = LicenseOrder(
      edition: edition, customer: customer, product: "observability-platform",
      zone: "Asia/Shanghai")
    switch edition {
    case .subscription:
      order.end = .length(.years(1))
      order.collectors = Collectors(limit: 100, overage: .refuse)
      order.graceDays = 14
    case .perpetual:
      order.end = .length(.years(1))
      order.collectors = Collectors(limit: 100, overage: .record)
      order.release = "1.98.190"
    case .payg:
      order.end = .length(.days(30))
      order.reporting = Reporting(
        mode: .realtime, gateway: "https://usage.vendor.example", leaseHours: 72)
      order.price = Price(currency: "CNY", minorPerCollectorDay: 120)
    case .community: break
    }
    return order
  }

  func issue(_ edition: Edition, why: String = "an order") throws -> Verified<License> {
    try issue(order(edition), why: why)
  }

  /// Issues what is meant: a second line, a release that is signed elsewhere.
  func issue(_ order: LicenseOrder, why: String = "an order") throws -> Verified<License> {
    try authority.issueLicense(order, passphrase: Self.secret(), confirmed: true, why: why)
  }
}

/// The files of a registry with all keys, made once: encrypting a key is slow by design.
private struct Template {
  let files: [(name: String, bytes: [UInt8])]
  let customer: CustomerID

  static let shared: Result<Template, any Error> = Result { try Template() }

  private init() throws {
    let folder = NSTemporaryDirectory() + "authority-template-" + UUID().uuidString
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let authority = try Office.open(folder, HandClock(Office.start))
    var names = ["registry.sqlite"]
    for role in KeyRole.allCases {
      let key = try authority.newKey(
        KeyOrder(role: role), passphrase: Office.secret(), why: "first keys")
      names.append(key.pem)
    }
    _ = try authority.publishKeyset(
      iss: Office.iss, threshold: nil, passphrase: Office.secret(), why: "first keyset")
    customer = try authority.addCustomer("ACME Ltd", why: "first customer").id
    try authority.registry.close()
    // What is committed may still stand in the log beside the file.
    if Files.exists("\(folder)/registry.sqlite-wal") { names.append("registry.sqlite-wal") }
    files = try names.map { ($0, try Files.read("\(folder)/\($0)")) }
  }
}
