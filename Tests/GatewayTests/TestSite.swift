import CivilTime
import Foundation
import Gateway
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import LibcryptoIssuing
import Licensing
import Logging
import NIOCore
import Platform
import Reporting
import Sealing
import Synchronization
import TestSupport

/// A clock that a test sets.
final class ManualClock: WallClock {
  private let instant: Mutex<Int64>

  init(_ instant: Int64) { self.instant = Mutex(instant) }

  func now() throws(PlatformError) -> Int64 { instant.withLock { $0 } }
  func set(_ instant: Int64) { self.instant.withLock { $0 = instant } }
  func advance(_ seconds: Int64) { instant.withLock { $0 += seconds } }
}

/// A vendor, its gateway on a folder of its own, and a license: everything real but the clock and the
/// network.
struct TestSite {
  /// 2026-11-21T12:00:00Z.
  static let noon: Int64 = 1_795_219_200 + 43_200

  let vendor: TestVendor
  let clock = ManualClock(noon)
  let folder: URL
  let license: License
  let licenseText: String
  private let kind: StoreKind
  private(set) var store: any LedgerStore
  private(set) var gateway: Gateway

  /// Plays a story on a fresh site and removes its folder.
  static func play<Result>(
    installations: Int64 = 1, leaseHours: Int64 = 72, from: String = "2026-11-01",
    _ body: (inout TestSite) async throws -> Result
  ) async throws -> Result {
    var site = try await TestSite(installations: installations, leaseHours: leaseHours, from: from)
    do {
      let result = try await body(&site)
      await site.store.close()
      try await site.kind.remove(site.folder)
      return result
    } catch {
      await site.store.close()
      throw error
    }
  }

  private init(installations: Int64, leaseHours: Int64, from: String) async throws {
    kind = StoreKind.current
    vendor = try TestVendor()
    folder = FileManager.default.temporaryDirectory.appending(
      path: "gateway-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    license = try Self.payg(
      "1", revision: 1, from: from, installations: installations, leaseHours: leaseHours)
    licenseText = try vendor.jws(license)
    store = try await kind.open(folder)
    let trust = try GatewayTrust(vendor.trust, revocations: nil)
    let chain = trust.view.chain
    // As a start does.
    try await store.change { ledger in
      for keyset in chain { try ledger.put(keyset, at: Self.noon) }
    }
    gateway = Gateway(
      store: store, trust: trust, key: try vendor.key(.gateway), clock: clock)
  }

  /// A pay-as-you-go license in UTC, 1.20 a day.
  static func payg(
    _ name: String, line: String = "lin_1", revision: Int64, from: String = "2026-11-01",
    through: String = "2027-10-31", installations: Int64 = 1, leaseHours: Int64 = 72,
    sub: String = "cus_1", zone: String = "UTC"
  ) throws -> License {
    License(
      iss: "https://license.vendor.example", jti: try some(LicenseID("lic_\(name)")),
      line: try some(LineID(line)), revision: revision, sub: try some(CustomerID(sub)),
      customer: "ACME Ltd", product: "observability-platform", iat: 1_793_491_200,
      edition: .payg, zone: zone,
      term: Term(
        from: try some(CivilDate(from)), through: try some(CivilDate(through))),
      support: "5x8", installations: installations, graceDays: 14,
      reporting: Reporting(
        mode: .realtime, gateway: "https://usage.vendor.example", leaseHours: leaseHours),
      price: Price(currency: "CNY", minorPerCollectorDay: 120))
  }

  static func some<Value>(_ value: Value?) throws -> Value {
    try TestInstallation.some(value)
  }

  /// Changes rows of the store past it, as damage does.
  func tamper(_ sql: String) async throws { try await kind.tamper(folder, sql) }

  /// Closes the store and opens it again, as a new process would.
  mutating func restart() async throws {
    await store.close()
    store = try await kind.open(folder)
    let (keysets, revocations) = try await store.read {
      (try $0.keysets().map(\.text), try $0.revocations())
    }
    gateway = Gateway(
      store: store,
      trust: try GatewayTrust(try vendor.trust.advanced(by: keysets), revocations: revocations),
      key: try vendor.key(.gateway), clock: clock)
  }

  func installation(date: String = "2026-11-21") throws -> TestInstallation {
    try TestInstallation(license: license.jti, root: vendor.trust.root, date: date)
  }

  /// An installation that is activated.
  func activated(date: String = "2026-11-21") async throws -> TestInstallation {
    let installation = try installation(date: date)
    _ = try await activate(installation)
    return installation
  }

  /// One that took another's place.
  func successor(of old: TestInstallation) async throws -> TestInstallation {
    let new = try installation()
    _ = try await activate(new, replaces: old.thumbprint)
    return new
  }

  func activate(
    _ installation: TestInstallation, replaces: Thumbprint? = nil
  ) async throws -> ActivationAnswer {
    try await gateway.activations.activate(
      ActivationRequest(
        license: licenseText, enrolment: try installation.enrolment(replaces: replaces)))
  }

  func report(
    _ installation: TestInstallation, _ records: [String], alive: String? = nil,
    have: Holdings = Holdings()
  ) async throws -> ReportAnswer {
    try await gateway.reports.take(
      ReportRequest(
        installation: installation.thumbprint, records: records, alive: alive, have: have))
  }

  /// Opens a receipt as a verifier would.
  func open(_ receipt: String) throws -> Receipt {
    try vendor.trust.open(Array(receipt.utf8), as: Receipt.self).payload
  }

  func token(_ scopes: Set<TokenScope> = [.read, .publish]) async throws -> String {
    try await gateway.tokens.make(scopes, days: 1, note: "test").text
  }

  /// Sends a request through the router, without a socket.
  func send(
    _ method: HTTPRequest.Method, _ path: String, token: String? = nil, _ body: [UInt8] = []
  ) async throws -> Answer {
    let headers: HTTPFields = token.map { [.authorization: "Bearer \($0)"] } ?? [:]
    let application = Application(
      router: GatewayRouter.build(gateway),
      logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    return try await application.test(.router) { client in
      try await client.execute(
        uri: path, method: method, headers: headers, body: ByteBuffer(bytes: body)
      ) { response in
        Answer(
          status: response.status.code, headers: response.headers,
          body: Array(response.body.readableBytesView))
      }
    }
  }
}

/// What the router answered.
struct Answer: Sendable {
  let status: Int
  let headers: HTTPFields
  let body: [UInt8]

  var json: JSONValue? { try? JSONScanner.scan(body, maximumDepth: 16) }
  var problem: Problem? { Problem(body) }
  var text: String { String(decoding: body, as: UTF8.self) }
}

/// The problem that a call is refused with.
func problem(_ body: () async throws -> some Any) async throws -> Problem {
  do {
    _ = try await body()
  } catch let problem as Problem {
    return problem
  }
  throw TestInstallation.Missing()
}
