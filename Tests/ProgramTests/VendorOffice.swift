import Foundation
import Synchronization

/// A vendor with everything that `tally` makes: root, keys, keyset, a customer, licenses, a release.
///
/// Opened once for all tests, which only issue into it.
struct VendorOffice: Sendable {
  static let product = "observability-platform"
  static let version = "1.98.190"
  static let zone = "Asia/Shanghai"
  static let passphrase = "a passphrase of the tests\n"

  let folder: URL
  /// The customer's id.
  let customer: String
  /// Thumbprints of the keys by use.
  let keys: [String: String]

  private static let opened = Task { try await open() }

  static func shared() async throws -> VendorOffice { try await opened.value }

  var root: String { folder.appending(path: "root.jwks").path }
  var release: String { folder.appending(path: "platform.release").path }
  var passphraseFile: String { folder.appending(path: "passphrase").path }
  var registry: String { folder.appending(path: "registry").path }

  /// The flag of every program that trusts this vendor.
  var trust: [String] { ["--trust-root", root] }

  /// The PEM file of a key.
  func pem(_ use: String) -> String { "\(registry)/keys/\(keys[use] ?? "").pem" }

  /// The flags of whatever signs.
  var signing: [String] { ["--registry", registry, "--passphrase-file", passphraseFile] }

  /// Runs `tally`, which must succeed.
  @discardableResult
  func tally(_ arguments: [String]) async throws -> String {
    try await Self.tally(arguments, in: folder)
  }

  private static func tally(_ arguments: [String], in folder: URL) async throws -> String {
    let outcome = try await Command.run("tally", arguments, in: folder)
    guard outcome.status == 0 else {
      throw TestFault("tally \(arguments.joined(separator: " ")): \(outcome.said)")
    }
    return outcome.output
  }

  private static func open() async throws -> VendorOffice {
    let folder = try Stage.makeFolder()
    clearAtExit(folder)
    let secret = folder.appending(path: "passphrase")
    try Data(passphrase.utf8).write(to: secret)
    try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: secret.path)
    let signing = ["--registry", "registry", "--passphrase-file", "passphrase"]
    var keys: [String: String] = [:]
    for use in ["root", "license", "release", "gateway"] {
      let out = try await tally(["key", "new", "--use", use] + signing, in: folder)
      keys[use] = out.split(whereSeparator: \.isWhitespace).first.map(String.init)
    }
    _ = try await tally(
      ["keyset", "publish", "--iss", "https://license.vendor.example"] + signing, in: folder)
    let root = try await tally(["key", "root", "--registry", "registry"], in: folder)
    try Data(root.utf8).write(to: folder.appending(path: "root.jwks"))
    let customer = try await tally(
      ["customer", "add", "ACME Ltd", "--registry", "registry"], in: folder)
    let office = VendorOffice(
      folder: folder, customer: customer.trimmingCharacters(in: .whitespacesAndNewlines), keys: keys
    )
    try await office.signRelease(version, released: Day.today(-20), to: office.release)
    return office
  }

  private static let folders = Mutex<[String]>([])

  private static func clearAtExit(_ folder: URL) {
    folders.withLock { $0.append(folder.path) }
    atexit { VendorOffice.clear() }
  }

  private static func clear() {
    for path in folders.withLock({ $0 }) { try? FileManager.default.removeItem(atPath: path) }
  }

  /// Signs a release; a date of the past is meant.
  func signRelease(_ version: String, released: String, to file: String) async throws {
    try await tally(
      [
        "release", "sign", "--product", Self.product, "--version", version, "--released", released,
        "--yes", "RELEASE_BACKDATED", "--out", file,
      ] + signing)
  }

  /// Issues a license into a file; gateways on this machine and dates of the past are meant.
  func issue(_ edition: Edition, to file: String, _ more: [String] = []) async throws {
    try await tally(
      [
        "license", "issue", "--edition", edition.rawValue, "--customer", customer, "--product",
        Self.product, "--zone", Self.zone,
      ] + (more.isEmpty ? edition.terms : more) + ["--yes", "--out", file] + signing)
  }

  /// The file that a gateway is started with.
  func keyset() async throws -> String {
    try await tally(["keyset", "export", "--registry", registry])
  }
}

/// What a license of each edition usually says.
enum Edition: String, CaseIterable, Sendable {
  case subscription, perpetual, payg, community

  var terms: [String] {
    let year = ["--from", Day.today(-2), "--years", "1"]
    return switch self {
    case .subscription: year + ["--collectors", "500"]
    case .perpetual: year + ["--release", VendorOffice.version, "--collectors", "500"]
    case .payg: year + Self.usage(gateway: "http://127.0.0.1:9")
    case .community: []
    }
  }

  /// The terms of pay-as-you-go that name a gateway.
  static func usage(gateway: String) -> [String] {
    [
      "--window", "300", "--price", "CNY 1.20", "--gateway", gateway, "--lease-hours", "72",
    ]
  }
}

/// Dates relative to today at the customer's.
enum Day {
  static func today(_ days: Int = 0) -> String {
    var calendar = Calendar(identifier: .gregorian)
    calendar.timeZone = TimeZone(identifier: VendorOffice.zone) ?? .gmt
    let date = calendar.date(byAdding: .day, value: days, to: Date()) ?? Date()
    let parts = calendar.dateComponents([.year, .month, .day], from: date)
    return String(
      format: "%04d-%02d-%02d", parts.year ?? 0, parts.month ?? 0, parts.day ?? 0)
  }
}
