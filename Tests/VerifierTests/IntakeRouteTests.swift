import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Licensing
import Metering
import NIOCore
import Sealing
import Serving
import Testing
import Verifier

/// The ways in under other settings than the standard ones.
@Suite struct IntakeRouteTests {
  static func settings(
    _ sources: String? = nil, dataKit: String? = nil, doubt: IntakeSettings.Leaning = .admit,
    unidentified: IntakeSettings.Leaning = .admit
  ) throws -> IntakeSettings {
    IntakeSettings(
      identity: try IdentityRules(sources: sources, dataKit: dataKit), doubt: doubt,
      unidentified: unidentified)
  }

  static func start(
    _ settings: IntakeSettings, limit: Int64? = nil, site: TestSite? = nil
  ) async throws -> RunningSite {
    let site = try site ?? TestSite()
    let license = try site.license(limit: limit, overage: limit == nil ? nil : .refuse)
    return try await site.start(installing: license, intake: settings)
  }

  static func admit(
    _ running: RunningSite, _ headers: HTTPFields, path: String = "/v1/admit"
  ) async throws -> RouteTests.Answer {
    try await RouteTests.ask(running, path, headers: headers)
  }

  static func header(_ name: String, _ value: String) throws -> HTTPFields {
    [try #require(HTTPField.Name(name)): value]
  }

  static func reason(_ answer: RouteTests.Answer) throws -> String? {
    answer.headers[try #require(HTTPField.Name("Tally-Reason"))]
  }

  /// Kind and identity of whoever is in the inventory.
  static func collectors(_ running: RunningSite, _ query: String = "") async throws -> [String] {
    try await running.daemon.step()
    let answer = try await RouteTests.ask(
      running, "/v1/collectors?\(query)", headers: RouteTests.bearer(running))
    #expect(answer.status == 200, "\(answer.body)")
    let json = try JSONScanner.scan(Array(answer.body.utf8))
    guard case .array(let list)? = json["collectors"] else { return [] }
    return list.map { "\($0["kind"]?.string ?? "")/\($0["identity"]?.string ?? "")" }
  }

  @Test func `every collector is counted by its own name, whichever way it says it`() async throws {
    let running = try await Self.start(
      try Self.settings("datakit-agent,header:X-Collector,query:collector,basic-user=prometheus"))
    let pushes: [(String, HTTPFields)] = [
      ("/v1/admit", [.userAgent: "datakit-linux-amd64/1.80.0/web-01"]),
      ("/v1/admit", try Self.header("X-Collector", "edge-1")),
      ("/v1/admit", try Self.header("X-Original-URI", "/v1/traces?collector=edge-1")),
      ("/v1/admit", [.authorization: "Basic cHJvbTpwdw=="]),
      ("/v1/admit/loki/api/v1/push?collector=edge-2", [:]),
      ("/v1/admit?collector=edge-3", [:]),
      ("/v1/admit", [.userAgent: "curl/8"]),
    ]
    for (path, headers) in pushes {
      #expect(try await Self.admit(running, headers, path: path).status == 204)
    }
    #expect(try running.view.collectors == 5)
    #expect(
      try await Self.collectors(running) == [
        "collector/edge-1", "collector/edge-2", "collector/edge-3", "datakit/web-01",
        "prometheus/prom",
      ])
    let metrics = try await RouteTests.ask(running, "/metrics").body
    #expect(metrics.contains("tally_beats_unidentified_total 1\n"))
    #expect(metrics.contains("tally_beats_total{way=\"admit\"} 6\n"))
  }

  @Test func `a push without a name passes or not, as the settings say`() async throws {
    let running = try await Self.start(try Self.settings("basic-user", unidentified: .refuse))
    for headers: HTTPFields in [[:], [.authorization: "Basic !"]] {
      let answer = try await Self.admit(running, headers)
      #expect(answer.status == 403)
      #expect(try Self.reason(answer) == "UNIDENTIFIED")
      #expect(answer.body == #"{"error_code":"tally.unidentified"}"#)
    }
    #expect(try await Self.admit(running, [.authorization: "Basic YTpi"]).status == 204)
    #expect(try running.view.collectors == 1)
  }

  @Test func `without a license a push passes or not, as the settings say, and never 5xx`()
    async throws
  {
    for (leaning, status) in [(IntakeSettings.Leaning.admit, 204), (.refuse, 403)] {
      let site = try TestSite()
      let running = try await site.start(intake: try Self.settings(doubt: leaning))
      let answer = try await Self.admit(
        running, [.userAgent: "datakit-linux-amd64/1.80.0/a"])
      #expect(answer.status == status)
      #expect(try Self.reason(answer) == (leaning == .refuse ? "IN_DOUBT" : nil))
      let metrics = try await RouteTests.ask(running, "/metrics").body
      #expect(metrics.contains("tally_intake_doubt_total 1\n"))
      #expect(metrics.contains("tally_beats_uncounted_total 1\n"))
    }
  }

  @Test func `without a clock a push passes or not, as the settings say`() async throws {
    for (leaning, status) in [(IntakeSettings.Leaning.admit, 204), (.refuse, 403)] {
      let running = try await Self.start(try Self.settings(doubt: leaning))
      running.site.clocks.breakDown()
      let agent: HTTPFields = [.userAgent: "datakit-linux-amd64/1.80.0/a"]
      #expect(try await Self.admit(running, agent).status == status)
      let metrics = running.daemon.metrics.registry.text()
      #expect(metrics.contains("tally_intake_doubt_total 1\n"))
      let trace = try await RouteTests.ask(
        running, "/v1/datakit/usage_trace", .post, body: Array(#"{"hostname":"a"}"#.utf8))
      #expect(trace.status == 503)
    }
  }

  @Test func `a refused push says why, in words a DataKit understands`() async throws {
    let running = try await Self.start(try Self.settings("basic-user"), limit: 1)
    #expect(try await Self.admit(running, [.authorization: "Basic YTpi"]).status == 204)
    let refused = try await Self.admit(running, [.authorization: "Basic Yjpj"])
    #expect(refused.status == 403)
    #expect(try Self.reason(refused) == "OVER_LIMIT")
    #expect(refused.body == #"{"error_code":"kodo.beyondDataUsage"}"#)
    #expect(try await Self.collectors(running) == ["collector/a", "collector/b"])
    #expect(try await Self.collectors(running, "online=true") == ["collector/a"])
  }

  @Test func `native beats say which of them were refused`() async throws {
    let running = try await Self.start(IntakeSettings(), limit: 2)
    let body =
      "[" + ["a", "b", "c", "a", "d"].map { "{\"collector\":\"\($0)\"}" }.joined(separator: ",")
      + "]"
    let answer = try await RouteTests.ask(
      running, "/v1/beats", .post, headers: RouteTests.bearer(running), body: Array(body.utf8))
    #expect(answer.body == #"{"taken":3,"refused":2,"refused_beats":[3,5]}"#)
    let fine = try await RouteTests.ask(
      running, "/v1/beats", .post, headers: RouteTests.bearer(running),
      body: Array(#"{"collector":"a"}"#.utf8))
    #expect(fine.body == #"{"taken":1,"refused":0}"#)
  }

  @Test func `beats are taken up to their limits and not above`() async throws {
    let running = try await Self.start(IntakeSettings())
    func post(_ body: [UInt8]) async throws -> RouteTests.Answer {
      try await RouteTests.ask(
        running, "/v1/beats", .post, headers: RouteTests.bearer(running), body: body)
    }
    let most = NativeBeats.maximum
    let lines = (0...most).map { "{\"collector\":\"c\($0)\"}" }
    let whole = Array(lines.dropLast().joined(separator: "\n").utf8)
    #expect(try await post(whole).body == "{\"taken\":\(most),\"refused\":0}")
    #expect(try await post(Array(lines.joined(separator: "\n").utf8)).status == 400)
    #expect(try running.view.collectors == Int64(most))
    let limit = 4 * 1024 * 1024
    let filler = [UInt8](repeating: 0x20, count: limit - whole.count)
    #expect(try await post(whole + filler).status == 200)
    #expect(try await post(whole + filler + [0x20]).status == 413)
  }

  @Test func `with more than the host name a DataKit is counted by its trace alone`() async throws {
    let running = try await Self.start(try Self.settings(dataKit: "hostname+ip"), limit: 2)
    func trace(_ host: String, _ address: String?) async throws -> Int {
      let member = address.map { ",\"ip\":\"\($0)\"" } ?? ""
      return try await RouteTests.ask(
        running, "/v1/datakit/usage_trace", .post,
        body: Array("{\"hostname\":\"\(host)\"\(member)}".utf8)
      ).status
    }
    func push(_ host: String) async throws -> Int {
      try await Self.admit(running, [.userAgent: "datakit-linux-amd64/1.80.0/\(host)"]).status
    }
    #expect(try await push("a") == 204)
    #expect(try running.view.collectors == 0)
    #expect(try await trace("a", "10.0.0.1") == 200)
    #expect(try await trace("a", "10.0.0.2") == 200)
    #expect(try await trace("a", nil) == 400)
    #expect(try await trace("a", "10.0.0.1/8") == 400)
    #expect(try running.view.collectors == 2)
    #expect(try await trace("b", "10.0.0.3") == 200)
    #expect(try await push("a") == 204)
    #expect(try await push("b") == 403)
    #expect(
      try await Self.collectors(running, "online=true") == [
        "datakit/a/10.0.0.1", "datakit/a/10.0.0.2",
      ])
  }
}
