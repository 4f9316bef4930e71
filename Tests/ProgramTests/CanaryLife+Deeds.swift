import Foundation

extension CanaryLife {
  private func startGateway() async throws -> Daemon {
    try await stage.start("tally-gateway", try gateway(["--passphrase-file", "passphrase"]))
  }

  private func startVerifier(_ gateway: Daemon) async throws -> Daemon {
    try await stage.start("tally-verifier", verifier(["--gateway", gateway.address]))
  }

  private func state(_ more: [String]) -> [String] { more + ["--state", "state"] + Self.trust }

  /// Everything that goes right: issue, publish, activate, count, report, renew, stop.
  func live() async throws {
    let gateway = try await startGateway()
    try await run(
      "tally",
      [
        "publish", "--all", "--to", gateway.address, "--token-file", "token", "--registry",
        "registry",
      ])
    let verifier = try await startVerifier(gateway)
    try await run("tally-verifier", state(["activate"]))
    try await count(at: verifier)
    try await run("tally-verifier", state(["report"]))
    try await run("tally-verifier", state(["status"]))
    try await run("tally-verifier", state(["status", "--format", "json"]))
    try await run("tally-verifier", state(["usage", "show"]))
    try await run("tally-verifier", state(["license", "install", "payg.license"]))
    try await run(
      "tally-verifier",
      [
        "check", "--license", "payg.license", "--standing", "state/standing", "--release",
        "platform.release", "--running", VendorOffice.version,
      ] + Self.trust)
    for list in [["token", "list"], ["installation", "list"]] {
      try await run("tally-gateway", list + ["--state", "gateway"])
    }
    for list in [["key", "list"], ["license", "list"], ["customer", "list"], ["audit", "log"]] {
      try await run("tally", list + ["--registry", "registry"])
      try await run(
        "tally", list + ["--registry", "registry", "--format", "json"])
    }
    try await stop("tally-verifier, living", verifier)
    try await stop("tally-gateway, living", gateway)
  }

  private func stop(_ who: String, _ daemon: Daemon) async throws {
    let status = try await daemon.stop()
    hearing.hear(who, daemon)
    guard status == 0 else { throw TestFault("\(who) ended with \(status): \(daemon.errors)") }
  }

  /// Collectors by every way in, with their tokens, and those who read.
  private func count(at verifier: Daemon) async throws {
    let own = try stage.text("state/token").trimmingCharacters(in: .whitespacesAndNewlines)
    let query = "token=\(Self.collectorToken)"
    let trace = "{\"hostname\":\"web-01\",\"token\":\"\(Self.collectorToken)\",\"usage_cores\":2}"
    let beat = "{\"id\":\"agent-1\"}"
    var answers: [Answer] = []
    answers.append(
      try await HTTP.post("\(verifier.address)/v1/datakit/usage_trace?\(query)", trace))
    answers.append(try await HTTP.post("\(verifier.address)/v1/beats", beat, token: own))
    answers.append(try await HTTP.get("\(verifier.address)/v1/admit?\(query)"))
    answers.append(try await HTTP.get("\(verifier.address)/v1/verdict", token: own))
    answers.append(try await HTTP.get("\(verifier.address)/metrics"))
    // A request that is refused holds the same secrets.
    for path in ["/v1/beats", "/v1/verdict", "/v1/admit?\(query)&\(query)", "/no/\(own)?\(query)"] {
      answers.append(
        try await HTTP.post("\(verifier.address)\(path)", trace, token: Self.wrongToken))
      answers.append(try await HTTP.get("\(verifier.address)\(path)", token: Self.wrongToken))
    }
    for answer in answers { hearing.hear("an answer of the verifier", answer.body) }
  }

  /// Everything that goes wrong: passphrases, damaged files, tokens, requests, states.
  func err() async throws {
    let license = try stage.text("payg.license")
    try damage(license)
    let mistakes: [(String, [String])] = [
      ("tally", ["key", "new", "--use", "release", "--registry", "registry"]),
      ("tally", ["release", "sign"] + release("x.release") + wrongSigning),
      ("tally", ["keyset", "publish"] + wrongSigning),
      ("tally", ["license", "verify", "flipped.license"]),
      ("tally", ["license", "inspect", "cut.license"]),
      ("tally-gateway", try gateway(["--passphrase-file", "wrong"])),
      ("tally-gateway", try gateway(["--passphrase-fd", "99"])),
      (
        "tally-gateway",
        try gateway(["--passphrase-file", "passphrase", "--keyset", "cut.license"])
      ),
    ]
    for (program, arguments) in mistakes { try await fail(program, arguments) }
    for file in ["flipped.license", "cut.license", "forged.license", "passphrase"] {
      try await fail("tally-verifier", state(["license", "install", file]))
      try await fail(
        "tally-verifier",
        ["check", "--license", file, "--release", "platform.release"] + Self.trust)
      try await fail(
        "tally-verifier",
        ["check", "--license", "payg.license", "--standing", file, "--release", file] + Self.trust)
    }
    let gateway = try await startGateway()
    try await provoke(gateway, license)
    let verifier = try await startVerifier(gateway)
    try await fail(
      "tally",
      [
        "publish", "--all", "--to", gateway.address, "--token-file", "wrong-token", "--registry",
        "registry",
      ])
    // The gateway goes while the verifier reports to it.
    await gateway.kill()
    hearing.hear("tally-gateway, killed", gateway)
    try await fail("tally-verifier", state(["report"]))
    try await run("tally-verifier", state(["activate"]))
    try await stop("tally-verifier, without a gateway", verifier)
    try await loseStates()
  }

  private var wrongSigning: [String] { ["--registry", "registry", "--passphrase-file", "wrong"] }

  private func release(_ file: String) -> [String] {
    [
      "--product", VendorOffice.product, "--version", "2.0.0", "--released", Day.today(), "--out",
      file,
    ]
  }

  /// The license with a changed byte, cut off, bare, and bare with another signature.
  private func damage(_ license: String) throws {
    let lines = license.split(separator: "\n", omittingEmptySubsequences: false)
    var flipped = lines.map(String.init)
    let middle = lines.count - 6
    flipped[middle] = String(flipped[middle].reversed())
    try stage.write("flipped.license", flipped.joined(separator: "\n"))
    try stage.write("cut.license", lines.dropLast(4).joined(separator: "\n"))
    let block = lines.reversed().drop { !$0.hasPrefix("-----END") }.dropFirst()
      .prefix { !$0.hasPrefix("-----BEGIN") }.reversed().filter { !$0.hasPrefix("=") }.joined()
    guard let bare = Data(base64Encoded: block) else {
      throw TestFault("the last block of the license cannot be read")
    }
    try stage.write("bare.license", bare)
    try stage.write("forged.license", Data(bare.dropLast(4) + Data("AAAA".utf8)))
  }

  /// Requests that hold a license or a token where none belongs.
  private func provoke(_ gateway: Daemon, _ license: String) async throws {
    let bare = try stage.text("bare.license")
    for body in [
      license, bare, "{\"license\":\"\(bare)\"}", "{\"license\":7,\"enrolment\":\"\(bare)\"}",
    ] {
      for path in [
        "/v1/activations", "/v1/reports", "/v1/publications", "/v1/licenses", "/v1/keysets",
        "/v1/\(bare.prefix(600))", "/v1/reports?token=\(Self.wrongToken)",
      ] {
        let answer = try await HTTP.post(
          "\(gateway.address)\(path)", body, token: Self.wrongToken)
        guard answer.status >= 400 else { throw TestFault("\(path) took it: \(answer.body)") }
        hearing.hear("tally-gateway, \(path.prefix(20))", answer.body)
      }
    }
  }

  /// Keys and ledgers that are not what they should be.
  private func loseStates() async throws {
    try stage.write("state/installation.key", "not 32 bytes of a key", mode: 0o600)
    try await fail("tally-verifier", verifier())
    try stage.write("state/ledger.sqlite", try stage.text("payg.license"))
    try await fail("tally-verifier", state(["status"]))
    let pem = "registry/keys/\(try stage.text("license-key")).pem"
    let text = try stage.text(pem)
    try stage.write(pem, text.replacingOccurrences(of: "M", with: "N"), mode: 0o600)
    try await fail("tally", ["license", "issue"] + community + Self.signing)
    try stage.write(pem, text, mode: 0o644)
    try await fail("tally", ["license", "issue"] + community + Self.signing)
  }

  private var community: [String] {
    [
      "--edition", "community", "--customer", (try? stage.text("customer")) ?? "", "--product",
      VendorOffice.product, "--zone", "UTC", "--yes", "--out", "c.license",
    ]
  }
}
