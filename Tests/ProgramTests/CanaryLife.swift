import Foundation

/// A vendor, a gateway and a customer whose every secret is known to the test, and what they do.
struct CanaryLife: Sendable {
  let stage: Stage
  let hearing = Hearing()
  let customer: String
  /// What `tally-gateway token new` printed: the one time that a token is shown.
  let tokenOutput: String
  let canaries: Canaries
  private let seeds: [Data]

  static let passphrase = "canary passphrase 5e0c2f"
  static let wrong = "canary wrong passphrase 91ab"
  static let wrongToken = "canarywrongtoken0123456789abcdef0123456789"
  static let collectorToken = "tkn_canarycollector0123456789abcdef"
  static let signing = ["--registry", "registry", "--passphrase-file", "passphrase"]

  static func open(on stage: Stage, customer: String) async throws -> CanaryLife {
    try stage.write("passphrase", passphrase + "\n", mode: 0o600)
    try stage.write("wrong", wrong + "\n", mode: 0o600)
    try stage.write("wrong-token", wrongToken + "\n", mode: 0o600)
    var seeds: [Data] = []
    for use in ["root", "license", "release", "gateway"] {
      let key = try await stage.done("tally", ["key", "new", "--use", use] + signing)
      try stage.write("\(use)-key", key.trimmingCharacters(in: .whitespacesAndNewlines))
    }
    try await stage.done(
      "tally", ["keyset", "publish", "--iss", "https://license.vendor.example"] + signing)
    try stage.write(
      "root.jwks", try await stage.done("tally", ["key", "root", "--registry", "registry"]))
    try stage.write(
      "keyset.tally", try await stage.done("tally", ["keyset", "export", "--registry", "registry"]))
    let id = try await stage.done("tally", ["customer", "add", customer, "--registry", "registry"])
    try stage.write("customer", id.trimmingCharacters(in: .whitespacesAndNewlines))
    try await makeLedger(stage)
    let made = try await stage.done(
      "tally-gateway",
      ["token", "new", "--scope", "publish,read", "--days", "9", "--state", "gateway"])
    let token = made.trimmingCharacters(in: .whitespacesAndNewlines)
    try stage.write("token", token + "\n", mode: 0o600)

    var canaries = Canaries()
    canaries.add("the passphrase", .secret, passphrase)
    canaries.add("a wrong passphrase", .secret, wrong)
    canaries.add("a wrong token", .secret, wrongToken)
    canaries.add("a collector's token", .secret, collectorToken)
    canaries.add("the gateway's token", .secret, token)
    canaries.add("the customer", .license, customer)
    for path in try stage.files("registry/keys") {
      let name = "key \(path.split(separator: "/").last?.prefix(6) ?? "")"
      canaries.add(name, .secret, lines: Command.read(path))
      try await stage.done(
        "openssl",
        ["pkey", "-in", path, "-passin", "file:passphrase", "-outform", "DER", "-out", "der"])
      let seed = try stage.data("der").suffix(32)
      seeds.append(seed)
      canaries.add(name, bytes: seed)
      try FileManager.default.removeItem(atPath: stage.path("der"))
    }
    let life = CanaryLife(
      stage: stage, customer: customer, tokenOutput: made, canaries: canaries, seeds: seeds)
    return try await life.withLicense()
  }

  /// A gateway's ledger is made when it first serves.
  private static func makeLedger(_ stage: Stage) async throws {
    let gateway = try await stage.start(
      "tally-gateway",
      [
        "serve", "--state", "gateway", "--listen", "127.0.0.1:0", "--key",
        "registry/keys/\(try stage.text("gateway-key")).pem", "--passphrase-file", "passphrase",
        "--keyset", "keyset.tally",
      ] + trust)
    _ = try await gateway.stop()
  }

  private init(
    stage: Stage, customer: String, tokenOutput: String, canaries: Canaries, seeds: [Data]
  ) {
    self.stage = stage
    self.customer = customer
    self.tokenOutput = tokenOutput
    self.canaries = canaries
    self.seeds = seeds
  }

  /// The life once it has a license and the customer's own keys, which it learns of.
  private func withLicense() async throws -> CanaryLife {
    try await issue(gateway: "http://127.0.0.1:9", to: "payg.license")
    try await stage.done(
      "tally",
      [
        "release", "sign", "--product", VendorOffice.product, "--version", VendorOffice.version,
        "--released", Day.today(-20), "--out", "platform.release",
      ] + Self.signing)
    try await stage.done(
      "tally-verifier", ["license", "install", "payg.license", "--state", "state"] + Self.trust)
    var canaries = canaries
    canaries.add("the license", .license, lines: try stage.text("payg.license"))
    canaries.add("the installation's key", bytes: try stage.data("state/installation.key"))
    canaries.add("the key of the evidence", bytes: try stage.data("state/evidence.key"))
    canaries.add(
      "the verifier's token", .secret,
      try stage.text("state/token").trimmingCharacters(in: .whitespacesAndNewlines))
    return CanaryLife(
      stage: stage, customer: customer, tokenOutput: tokenOutput, canaries: canaries, seeds: seeds)
  }

  static let trust = ["--trust-root", "root.jwks"]

  private func issue(gateway: String, to file: String) async throws {
    hearing.hear(
      "tally license issue",
      try await stage.run(
        "tally",
        [
          "license", "issue", "--edition", "payg", "--customer", try stage.text("customer"),
          "--product", VendorOffice.product, "--zone", VendorOffice.zone, "--from", Day.today(-2),
          "--years", "1", "--yes", "--out", file,
        ] + Edition.usage(gateway: gateway) + Self.signing))
  }

  /// The secrets themselves, and the files in which each may lie.
  func secretBytes() throws -> [(name: String, bytes: Data, homes: Set<String>)] {
    var secrets: [(name: String, bytes: Data, homes: Set<String>)] = seeds.enumerated().map {
      ("the seed of key \($0.offset)", $0.element, [])
    }
    let token = try stage.text("token").trimmingCharacters(in: .whitespacesAndNewlines)
    let own = try stage.text("state/token").trimmingCharacters(in: .whitespacesAndNewlines)
    secrets += [
      ("the passphrase", Data(Self.passphrase.utf8), ["passphrase"]),
      ("the gateway's token", Data(token.utf8), ["token"]),
      ("the verifier's token", Data(own.utf8), ["state/token"]),
      (
        "the installation's key", try stage.data("state/installation.key"),
        ["state/installation.key"]
      ),
      ("the key of the evidence", try stage.data("state/evidence.key"), ["state/evidence.key"]),
    ]
    return secrets
  }

  /// Runs a command that must succeed; its words are kept.
  func run(_ program: String, _ arguments: [String]) async throws {
    let outcome = try await hear(program, arguments)
    guard outcome.status == 0 else {
      throw TestFault("\(program) \(arguments): \(outcome.said)")
    }
  }

  /// Runs a command that must fail and say why; its words are kept.
  func fail(_ program: String, _ arguments: [String]) async throws {
    let outcome = try await hear(program, arguments)
    guard outcome.status > 0, !(outcome.output + outcome.errors).isEmpty else {
      throw TestFault("\(program) \(arguments) should fail: \(outcome.said)")
    }
  }

  private func hear(_ program: String, _ arguments: [String]) async throws -> Outcome {
    let who = "\(program) \(arguments.prefix(3).joined(separator: " "))"
    return hearing.hear(who, try await stage.run(program, arguments))
  }

  func gateway(_ more: [String] = []) throws -> [String] {
    [
      "serve", "--state", "gateway", "--listen", "127.0.0.1:0", "--key",
      "registry/keys/\(try stage.text("gateway-key")).pem", "--keyset", "keyset.tally",
      "--log-level", "trace",
    ] + Self.trust + more
  }

  func verifier(_ more: [String] = []) -> [String] {
    [
      "serve", "--state", "state", "--listen", "127.0.0.1:0", "--gather-seconds", "0",
      "--report-seconds", "1", "--release", "platform.release", "--running", VendorOffice.version,
      "--log-level", "trace",
    ] + Self.trust + more
  }
}
