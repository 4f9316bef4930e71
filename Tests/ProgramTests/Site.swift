import Foundation

/// A customer's site: a pay-as-you-go license, its verifier, the vendor's gateway, and between the two
/// something that can misbehave.
struct Site: Sendable {
  let stage: Stage
  let office: VendorOffice

  /// What the verifier's `status` says of its ledger.
  struct Status: Decodable {
    struct Ledger: Decodable {
      let seq: Int
      let receipted: Int
    }
    let ledger: Ledger
  }

  /// What `usage show` says of today.
  struct Usage: Decodable {
    /// Missing while nothing has been observed.
    let peak: Int?
    let distinct: Int
    let state: String
  }

  /// What the gateway has of an installation.
  struct Installation: Decodable {
    let seq: Int
    let records: Int
    let peak: Int?
  }

  static func open(on stage: Stage) async throws -> Site {
    let site = Site(stage: stage, office: try await VendorOffice.shared())
    try stage.write("keyset.tally", try await site.office.keyset())
    try stage.write("upstream", "9")
    try site.behave("pass")
    return site
  }

  func behave(_ behaviour: String) throws { try stage.write("behaviour", behaviour) }

  func startBadGateway(port: String = "0") async throws -> Daemon {
    try await stage.start(
      try Programs.path("python3"),
      [Programs.script("bad_gateway.py"), "--port", port, "--folder", stage.folder.path])
  }

  func startGateway(port: String = "0") async throws -> Daemon {
    let daemon = try await stage.start(
      "tally-gateway",
      [
        "serve", "--state", "gateway", "--listen", "127.0.0.1:\(port)", "--key",
        office.pem("gateway"), "--passphrase-file", office.passphraseFile, "--keyset",
        "keyset.tally",
      ] + office.trust)
    try stage.write("upstream", daemon.port)
    return daemon
  }

  /// Issues the license, which names a gateway, and installs it.
  func install(gateway port: String) async throws {
    try await office.issue(
      .payg, to: stage.path("payg.license"),
      ["--from", Day.today(-2), "--years", "1"]
        + Edition.usage(gateway: "http://127.0.0.1:\(port)"))
    try await stage.done(
      "tally-verifier", ["license", "install", "payg.license", "--state", "state"] + office.trust)
  }

  func startVerifier(listen: String = "127.0.0.1:0") async throws -> Daemon {
    try await stage.start(
      "tally-verifier",
      [
        "serve", "--state", "state", "--listen", listen, "--gather-seconds", "0",
        "--report-seconds", "1", "--release", office.release, "--running", VendorOffice.version,
      ] + office.trust)
  }

  func verifier(_ arguments: [String]) async throws -> Outcome {
    try await stage.run("tally-verifier", arguments + ["--state", "state"] + office.trust)
  }

  func status() async throws -> Status {
    try await verifier(["status", "--format", "json"]).json(Status.self)
  }

  func usage() async throws -> Usage {
    try await verifier(["usage", "show", "--format", "json"]).json(Usage.self)
  }

  func installations() async throws -> [Installation] {
    let outcome = try await stage.run(
      "tally-gateway", ["installation", "list", "--state", "gateway", "--format", "json"])
    return try outcome.json([Installation].self)
  }

  /// Lines that the misbehaving gateway has written, by behaviour.
  func seen(_ behaviour: String) -> Int {
    Command.read(stage.path("seen")).split(separator: "\n").filter { $0 == behaviour }.count
  }
}
