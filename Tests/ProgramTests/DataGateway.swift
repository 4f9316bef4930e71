import Foundation
import Testing

/// The platform's data gateway: a proxy with the configuration that we ship, between collectors, the
/// verifier, and a platform that writes down what it gets.
struct DataGateway: Sendable {
  static let sample = "nginx-data-gateway.conf"

  let stage: Stage
  /// Where collectors push to.
  let address: String

  var port: String { address.split(separator: ":").last.map(String.init) ?? "" }

  /// A request as the platform got it.
  struct Seen: Decodable {
    let method: String
    let path: String
    let agent: String
    let length: Int
  }

  /// Starts the platform.
  static func startPlatform(on stage: Stage) async throws -> Daemon {
    try await stage.start(
      try Programs.python(), [Programs.script("upstream.py"), "--folder", stage.folder.path])
  }

  /// Starts a platform, and nginx before it.
  /// - Parameter unanswered: what becomes of pushes while the verifier does not answer.
  static func open(
    on stage: Stage, verifier: String, unanswered: String = "admit"
  ) async throws -> DataGateway {
    let platform = try await startPlatform(on: stage)
    let nginx = try await stage.start(
      try Programs.python(),
      [Programs.script("run_nginx.py")] + arguments(on: stage)
        + [
          "--put", "127.0.0.1:8090", "127.0.0.1:\(verifier)", "--put", "127.0.0.1:9528",
          "127.0.0.1:\(platform.port)", "--put", "default admit;", "default \(unanswered);",
        ])
    return DataGateway(stage: stage, address: nginx.address)
  }

  static func arguments(on stage: Stage) -> [String] {
    let file = ProgramTests.SampleTests.samples.appending(path: sample).path
    return ["--folder", stage.folder.path, "--conf", file, "--listen", "9529"]
  }

  /// What the platform got so far.
  func seen() throws -> [Seen] {
    try stage.text("upstream.jsonl").split(separator: "\n").map {
      try JSONDecoder().decode(Seen.self, from: Data($0.utf8))
    }
  }

  /// How many requests for a path the platform got.
  func count(_ path: String) throws -> Int {
    try seen().count { $0.path.split(separator: "?").first.map(String.init) == path }
  }

  /// Sends a captured request of a DataKit with another host name of the same length.
  /// - Returns: status and body.
  func send(_ capture: String, host: String = "web-01") async throws -> Answer {
    var data = try Data(
      contentsOf: URL(fileURLWithPath: Programs.script("Captures/\(capture).http")))
    let (old, new) = (Data("web-01".utf8), Data(host.utf8))
    guard old.count == new.count else { throw TestFault("\(host) has another length") }
    while old != new, let range = data.range(of: old) { data.replaceSubrange(range, with: new) }
    let file = "\(capture)-\(host).http"
    try stage.write(file, data)
    let answer = try await stage.done(
      try Programs.python(), [Programs.script("raw_request.py"), port, stage.path(file), "--body"])
    let lines = answer.split(separator: "\n", maxSplits: 1).map(String.init)
    return Answer(
      status: lines.first.flatMap { Int($0) } ?? 0,
      body: (lines.count > 1 ? lines[1] : "").trimmingCharacters(in: .newlines))
  }
}

/// Who is there, as the verifier tells it.
struct CollectorList: Decodable {
  struct Collector: Decodable, Hashable {
    let kind: String
    let identity: String
    let version: String?
    let host: String?
    let weight: Int
    let online: Bool
    let first_seen: Int
    let last_seen: Int
  }

  let collectors: [Collector]
  let next: String?

  /// `kind/identity` of each.
  var names: [String] { collectors.map { "\($0.kind)/\($0.identity)" } }
}

extension Site {
  /// Installs a license for so many collectors, of which further ones are refused.
  func install(limit: Int) async throws {
    try await office.issue(
      .subscription, to: stage.path("limited.license"),
      [
        "--from", Day.today(-2), "--years", "1", "--collectors", "\(limit)", "--overage", "refuse",
      ])
    try await stage.done(
      "tally-verifier",
      ["license", "install", "limited.license", "--state", "state"] + office.trust)
  }

  /// Starts the verifier with further flags.
  func startVerifier(_ flags: [String]) async throws -> Daemon {
    try await stage.start(
      "tally-verifier",
      [
        "serve", "--state", "state", "--listen", "127.0.0.1:0", "--gather-seconds", "0",
        "--report-seconds", "1", "--release", office.release, "--running", VendorOffice.version,
      ] + flags + office.trust)
  }

  /// Who is online, by the route that asks for the token.
  func online(_ verifier: Daemon) async throws -> CollectorList {
    let token = try stage.text("state/token").trimmingCharacters(in: .whitespacesAndNewlines)
    let answer = try await HTTP.get(
      "\(verifier.address)/v1/collectors?online=true&limit=1000", token: token)
    guard answer.status == 200 else { throw TestFault("collectors: \(answer)") }
    return try JSONDecoder().decode(CollectorList.self, from: Data(answer.body.utf8))
  }
}
