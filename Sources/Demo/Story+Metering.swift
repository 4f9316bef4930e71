import AsyncHTTPClient
import CivilTime
import Foundation

extension Story {
  /// Pay-as-you-go from activation to statement.
  func playMetering() async throws {
    let daemons = Daemons()
    let client = HTTPClient(eventLoopGroupProvider: .singleton)
    do {
      try await play(daemons, client)
    } catch {
      daemons.killAll()
      try await client.shutdown()
      throw error
    }
    daemons.killAll()
    try await client.shutdown()
  }

  private func play(_ daemons: Daemons, _ client: HTTPClient) async throws {
    heading("Pay-as-you-go: the vendor's gateway and the customer's verifier")
    let gateway = try daemons.start(gatewayWords(listen: "127.0.0.1:0"), in: shell, log: "gateway")
    try issuePayAsYouGo(gateway.address)
    try check("payg.license", "1.98.190", "deny", "NOT_ACTIVATED")
    try shell.run(
      ["tally-verifier", "license", "install", "payg.license", "--state", "customer-state"])
    try shell.run(["tally-verifier", "activate", "--state", "customer-state"])
    let verifier = try daemons.start(
      [
        "tally-verifier", "serve", "--state", "customer-state", "--listen", "127.0.0.1:0",
        "--release", "1.98.190.release", "--running", "1.98.190", "--report-seconds", "2",
      ], in: shell, log: "verifier")
    try checkStanding()

    heading("200 collectors of different weights; 40 of them fall silent")
    let collectors = Collectors(client: client, address: verifier.address)
    let all = Self.collectors
    try await collectors.send(all)
    try await wait("the peak at the verifier", for: 290) { try usage("peak") }
    try await wait("the peak at the gateway", for: 290) { try atGateway("peak") }
    try showPeaks()
    try await keepSending(collectors, Array(all.dropFirst(40)), until: 232)
    try expect("the peak at the verifier", try usage("peak"), 290)

    try await playOutage(daemons, gateway, collectors)
    try await playRenewal(gateway.address)
    try playStatement()
    heading("Both daemons stop cleanly")
    try verifier.stop()
  }

  private func gatewayWords(listen: String) throws -> [String] {
    [
      "tally-gateway", "serve", "--state", "gateway-state", "--listen", listen, "--key",
      try gatewayKey(), "--passphrase-file", "passphrase", "--keyset", "keyset.tally",
    ]
  }

  private func gatewayKey() throws -> String {
    let keys = try shell.capture(
      ["tally", "key", "list", "--registry", "registry", "--format", "json"])
    for index in 0..<16 where try Self.text("\(index).use", in: keys.output) == "gateway" {
      return "registry/\(try Self.text("\(index).pem", in: keys.output))"
    }
    throw DemoError("the registry has no gateway key")
  }

  private func issuePayAsYouGo(_ gateway: String) throws {
    let issued = try issue(
      "payg",
      [
        "--from", today.description, "--years", "1", "--window", "10", "--price", "CNY 1.20",
        "--gateway", gateway, "--lease-hours", "72",
      ], yes: "LINE_EXISTS,WINDOW_UNUSUAL,GATEWAY_PLAIN", out: "payg.license")
    let names = issued.split(separator: " ").map(String.init)
    guard names.count == 3 else { throw DemoError("license issue said \(issued)") }
    (license, line) = (names[0], names[1])
  }

  /// Today's peak as the customer sees it, and as the vendor does.
  private func showPeaks() throws {
    try shell.run(["tally-verifier", "usage", "show", "--state", "customer-state"])
    try shell.run(["tally-gateway", "installation", "list", "--state", "gateway-state"])
  }

  private func checkStanding() throws {
    try shell.run(
      [
        "tally-verifier", "check", "--standing", "customer-state/standing", "--release",
        "1.98.190.release", "--running", "1.98.190",
      ])
  }

  /// 150 collectors of weight 1, 30 of weight 2 and 20 of weight 4: 290 in all. The first 40 weigh 58.
  static let collectors: [Collectors.Collector] = (0..<200).map { index in
    let cores = index % 10 == 9 ? 4 : index % 20 < 3 ? 2 : 1
    return Collectors.Collector(hostname: "web-\(1000 + index)", cores: cores)
  }

  /// What `usage show` says of today.
  private func usage(_ name: String) throws -> Int {
    let answer = try shell.capture(
      ["tally-verifier", "usage", "show", "--state", "customer-state", "--format", "json"])
    return try Self.number(name, in: answer.output)
  }

  /// What the gateway has of the one installation.
  private func atGateway(_ name: String) throws -> Int {
    let answer = try shell.capture(
      ["tally-gateway", "installation", "list", "--state", "gateway-state", "--format", "json"])
    return try Self.number("0.\(name)", in: answer.output)
  }

  /// Sends for those that are left until the silent ones are out of their window.
  private func keepSending(
    _ collectors: Collectors, _ left: [Collectors.Collector], until online: Int
  ) async throws {
    let end = ContinuousClock.now + .seconds(25)
    while ContinuousClock.now < end {
      try await collectors.send(left)
      if try usage("online") == online { break }
      try await Task.sleep(for: .seconds(1))
    }
    try expect("the weight online at the verifier", try usage("online"), online)
  }

  private func playOutage(
    _ daemons: Daemons, _ gateway: Daemon, _ collectors: Collectors
  ) async throws {
    heading("The gateway stops; usage goes on; the gateway comes back")
    try gateway.stop()
    let newcomers = (0..<100).map { Collectors.Collector(hostname: "job-\($0)", cores: 1) }
    try await collectors.send(Array(Self.collectors.dropFirst(40)) + newcomers)
    try await wait("the peak at the verifier", for: 332) { try usage("peak") }
    let address = gateway.address.dropFirst("http://".count)
    _ = try daemons.start(gatewayWords(listen: String(address)), in: shell, log: "gateway-again")
    try await wait("the peak at the gateway", for: 332, seconds: 30) { try atGateway("peak") }
    try showPeaks()
    let status = try shell.run(
      ["tally-verifier", "status", "--state", "customer-state", "--format", "json"], quiet: true)
    let head = try Self.number("ledger.seq", in: status)
    try await wait("the newest record at the gateway", for: true) {
      try atGateway("seq") >= head
    }
    try expect(
      "records at the gateway, each once", try atGateway("records"), try atGateway("seq"))
  }

  private func playRenewal(_ gateway: String) async throws {
    heading("A renewal at the vendor's side arrives by itself")
    let token = try shell.run(
      ["tally-gateway", "token", "new", "--scope", "publish,read", "--state", "gateway-state"],
      quiet: true)
    try save("token", token)
    try FileManager.default.setAttributes(
      [.posixPermissions: 0o600], ofItemAtPath: shell.folder.appending(path: "token").path)
    try shell.run(
      [
        "tally", "license", "renew", line, "--years", "1", "--basis", "from-end", "--out",
        "renewed.license",
      ] + Self.registry)
    try shell.run([
      "tally", "publish", "--to", gateway, "--token-file", "token", "--registry", "registry",
    ])
    try await wait("the highest revision at the verifier", for: 2, seconds: 20) {
      let status = try shell.capture(
        ["tally-verifier", "status", "--state", "customer-state", "--format", "json"])
      return try Self.number("license.highest_revision", in: status.output)
    }
    try checkStanding()
  }

  private func playStatement() throws {
    heading("The provisional statement, and its seal")
    let words =
      [
        "tally-gateway", "statement", "show", "--license", license,
        "--month", String(today.description.prefix(7)), "--state", "gateway-state",
      ] + [
        "--key", try gatewayKey(), "--passphrase-file", "passphrase", "--keyset", "keyset.tally",
      ]
    try shell.run(words)
    try shell.run(words + ["--out", "statement.tally"])
    let checked = try shell.run(
      [
        "tally-verifier", "statement", "check", "statement.tally", "--keyset", "keyset.tally",
        "--format", "json",
      ])
    try expect(
      "the quantity of the statement", try Self.number("totals.0.quantity", in: checked), 332)
    try expect("its amount in fen", try Self.number("totals.0.amount", in: checked), 39_840)
  }
}

/// The daemons that run, so that none is left behind.
final class Daemons {
  private var all: [Daemon] = []

  func start(_ words: [String], in shell: Shell, log: String) throws -> Daemon {
    let daemon = try Daemon(words, in: shell, log: "\(log).log")
    all.append(daemon)
    return daemon
  }

  func killAll() {
    for daemon in all { daemon.kill() }
  }
}
