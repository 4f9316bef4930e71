import CivilTime
import Foundation
import GRDB
import Libcrypto
import Licensing
import Logging
import Metering
import Platform
import Sealing
import StartupCheck
import TestSupport
import Verifier

/// One customer's site for a test: a fresh state folder, a vendor, clocks that stand still.
///
/// 2026-11-21T04:00:00Z is noon in Asia/Shanghai.
final class TestSite: Sendable {
  static let noon: Int64 = 1_795_233_600
  static let midnight: Int64 = 1_795_276_800

  let folder: StateFolder
  let vendor: TestVendor
  let clocks: TestClocks
  let line: LineID
  private let customer: CustomerID
  private let path: String

  init(at wall: Int64 = TestSite.noon) throws {
    path = NSTemporaryDirectory() + "tv-" + UUID().uuidString.prefix(13)
    folder = StateFolder("\(path)/state")
    vendor = try TestVendor(iat: TestSite.noon - 86_400)
    clocks = TestClocks(wall: wall)
    guard let line = LineID("lin_1"), let customer = CustomerID("cus_1") else {
      throw Missing(what: "an identifier")
    }
    self.line = line
    self.customer = customer
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  struct Missing: Error {
    let what: String
  }

  /// A pay-as-you-go license of the site's line.
  func license(
    revision: Int64 = 1, window: Int64 = 300, limit: Int64? = nil, overage: Overage? = nil,
    from: String = "2026-11-21", enforce: Enforcement = .start, zone: String = "Asia/Shanghai",
    reporting: Reporting? = nil
  ) throws -> License {
    guard let jti = LicenseID("lic_\(revision)"), let start = CivilDate(from),
      let through = start.adding(days: 364)
    else { throw Missing(what: "a date") }
    return License(
      iss: vendor.iss, jti: jti, line: line, revision: revision, sub: customer,
      customer: "ACME Ltd", product: "platform", iat: TestSite.noon - 3600, edition: .payg,
      zone: zone, term: Term(from: start, through: through),
      collectors: Collectors(limit: limit, overage: overage, window: window), support: "5x8",
      graceDays: 14,
      reporting: reporting
        ?? Reporting(mode: .realtime, gateway: "http://127.0.0.1:9", leaseHours: 72),
      price: Price(currency: "CNY", minorPerCollectorDay: 120), enforce: enforce)
  }

  /// A license file as the vendor hands it over.
  func file(_ licenses: License...) throws -> [UInt8] {
    var blocks = [ArmourBlock(kind: .keyset, document: vendor.keyset)]
    for license in licenses {
      blocks.append(ArmourBlock(kind: .license, document: try vendor.jws(license)))
    }
    return Array(Armour.write(blocks).utf8)
  }

  func releaseFile() throws -> GivenFile {
    guard let released = CivilDate("2026-11-01") else { throw Missing(what: "a date") }
    let release = Release(
      iss: vendor.iss, iat: TestSite.noon - 86_400, product: "platform", version: "1.0.0",
      released: released)
    let text = Armour.write([
      ArmourBlock(kind: .keyset, document: vendor.keyset),
      ArmourBlock(kind: .release, document: try vendor.jws(release)),
    ])
    return GivenFile(Array(text.utf8), as: .release, source: "platform.release")
  }

  func surroundings(bootID: String = "boot-1") throws -> Surroundings {
    Surroundings(
      folder: folder, roots: vendor.roots, release: try releaseFile(),
      running: RunningRelease("1.0.0"), wall: clocks, boot: clocks, bootID: bootID)
  }

  func open(
    bootID: String = "boot-1", in surroundings: Surroundings? = nil
  ) async throws -> Installation {
    try await Installation(surroundings ?? self.surroundings(bootID: bootID))
  }

  /// Runs SQL on the ledger's file, past the ledger.
  func execute(_ sql: String, _ arguments: StatementArguments = []) throws {
    let queue = try DatabaseQueue(path: folder.ledger)
    try queue.write { try $0.execute(sql: sql, arguments: arguments) }
    try queue.close()
  }

  static var logger: Logger {
    Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
  }

  /// An opened site with its daemon, which nothing drives but the test.
  func start(
    in surroundings: Surroundings? = nil,
    installing licenses: License..., bootID: String = "boot-1",
    weather: FakeGateway.Weather = .fair, intake: IntakeSettings = IntakeSettings()
  ) async throws -> RunningSite {
    let installation = try await open(bootID: bootID, in: surroundings)
    for license in licenses {
      let offer = try ShelfOffer(file: try file(license), source: "test.license")
      _ = try await installation.shelf.take(offer)
    }
    let gateway = FakeGateway(
      vendor: vendor, clocks: clocks, key: installation.keys.installation.publicKey, line: line)
    gateway.set(weather)
    let daemon = try await VerifierDaemon(
      installation, client: gateway, intake: intake, logger: Self.logger)
    return RunningSite(site: self, daemon: daemon, gateway: gateway)
  }
}

/// A daemon at work, turned by hand.
struct RunningSite: Sendable {
  let site: TestSite
  let daemon: VerifierDaemon
  let gateway: FakeGateway

  var ledger: Ledger { daemon.desk.installation.ledger }

  /// Lets whole seconds pass, one at a time, with a turn of the counter in each.
  func pass(_ seconds: Int) async throws {
    for _ in 0..<seconds {
      site.clocks.pass(1)
      try await daemon.step()
    }
  }

  /// Beats of DataKits that arrive now.
  func beat(_ hosts: String..., weight: Int64? = nil) throws -> [Presence.Arrival?] {
    let beats = try hosts.map { host in
      guard let identity = CollectorIdentity(kind: CollectorIdentity.dataKit, text: host) else {
        throw TestSite.Missing(what: "an identity")
      }
      return Beat(identity: identity, weight: weight)
    }
    guard let keeper = daemon.counting.keeper else { throw TestSite.Missing(what: "a counter") }
    return try keeper.take(beats)
  }

  var view: MeterView {
    get throws {
      guard let keeper = daemon.counting.keeper else { throw TestSite.Missing(what: "a counter") }
      return keeper.view
    }
  }

  /// The payloads of the ledger's records.
  func records() async throws -> [UsageRecord] {
    try await ledger.records(from: 1, limit: 10_000).map { entry in
      try UsageRecord.parse(UnverifiedDocument(Array(entry.jws.utf8), as: .usage).payload)
    }
  }

  func report(force: Bool = false) async throws -> ReportRun? {
    try await daemon.reporter.pass(force ? .command : .serve, force: force).run
  }
}
