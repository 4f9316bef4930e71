import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Licensing
import Metering
import NIOCore
import Sealing
import Testing
import Verifier

@Suite struct RouteTests {
  /// A captured request: its head taken apart, its body byte for byte.
  struct Capture {
    let method: HTTPRequest.Method
    let path: String
    let headers: HTTPFields
    let body: [UInt8]

    init(_ name: String) throws {
      let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appending(path: "Captures/\(name)")
      let bytes = [UInt8](try Data(contentsOf: file))
      let end = try #require(
        bytes.indices.first { Array(bytes[$0...].prefix(4)) == [13, 10, 13, 10] })
      let lines = String(decoding: bytes[..<end], as: UTF8.self)
        .split(separator: "\r\n").map(String.init)
      let request = lines[0].split(separator: " ").map(String.init)
      method = try #require(HTTPRequest.Method(request[0]))
      path = request[1]
      var headers = HTTPFields()
      for line in lines.dropFirst() {
        let colon = try #require(line.firstIndex(of: ":"))
        let name = try #require(HTTPField.Name(String(line[..<colon])))
        headers.append(
          HTTPField(
            name: name, value: line[line.index(after: colon)...].drop { $0 == " " }.description))
      }
      self.headers = headers
      body = Array(bytes[(end + 4)...])
    }
  }

  struct Answer: Sendable {
    let status: Int
    let body: String
    let headers: HTTPFields

    init(_ response: TestResponse) {
      status = Int(response.status.code)
      body = String(buffer: response.body)
      headers = response.headers
    }
  }

  static func ask(
    _ running: RunningSite, _ path: String, _ method: HTTPRequest.Method = .get,
    headers: HTTPFields = [:], body: [UInt8] = []
  ) async throws -> Answer {
    let application = Application(router: running.daemon.socketRouter())
    return try await application.test(.router) { client in
      Answer(
        try await client.execute(
          uri: path, method: method, headers: headers,
          body: body.isEmpty ? nil : ByteBuffer(bytes: body)))
    }
  }

  static func bearer(_ running: RunningSite) -> HTTPFields {
    [.authorization: "Bearer \(running.daemon.desk.installation.keys.token)"]
  }

  static func running(_ license: License? = nil, _ site: TestSite) async throws -> RunningSite {
    try await site.start(installing: try license ?? site.license())
  }

  @Test func `a real DataKit's usage trace is counted, byte for byte`() async throws {
    let running = try await Self.running(nil, try TestSite())
    let capture = try Capture("usage_trace.http")
    #expect(capture.headers[.contentType] == nil)
    #expect(String(capture.body.count) == capture.headers[.contentLength])
    let answer = try await Self.ask(
      running, capture.path, capture.method, headers: capture.headers, body: capture.body)
    #expect(answer.status == 200)
    #expect(answer.body == "{}")
    #expect(try running.view.collectors == 1)
    #expect(try running.view.online == 1)
  }

  @Test func `a real DataKit's push is counted through admit, as the same collector`() async throws
  {
    let running = try await Self.running(nil, try TestSite())
    let trace = try Capture("usage_trace.http")
    _ = try await Self.ask(
      running, trace.path, trace.method, headers: trace.headers, body: trace.body)
    let push = try Capture("write_metric.http")
    #expect(push.body.count == 35)
    for method in [HTTPRequest.Method.get, .post, .head, .put] {
      let answer = try await Self.ask(running, "/v1/admit", method, headers: push.headers)
      #expect(answer.status == 204)
    }
    let whole = try await Self.ask(
      running, "/v1/admit", .post, headers: push.headers, body: push.body)
    #expect(whole.status == 204)
    #expect(try running.view.collectors == 1)
  }

  @Test func `a push that names no collector passes and is counted as such`() async throws {
    let running = try await Self.running(nil, try TestSite())
    for agent in ["", "Prometheus/2.42.0", "datakit", "datakit-linux-amd64/1.80.0/"] {
      let headers: HTTPFields = agent.isEmpty ? [:] : [.userAgent: agent]
      #expect(try await Self.ask(running, "/v1/admit", headers: headers).status == 204)
    }
    #expect(try running.view.collectors == 0)
    let metrics = try await Self.ask(running, "/metrics").body
    #expect(metrics.contains("tally_beats_unidentified_total 4\n"))
  }

  @Test func `a newcomer above the limit is refused in words a DataKit understands`() async throws {
    let site = try TestSite()
    let running = try await Self.running(
      try site.license(limit: 1, overage: .refuse), site)
    func admit(_ host: String) async throws -> Answer {
      try await Self.ask(
        running, "/v1/admit", headers: [.userAgent: "datakit-linux-amd64/1.80.0/\(host)"])
    }
    #expect(try await admit("a").status == 204)
    let refused = try await admit("b")
    #expect(refused.status == 403)
    #expect(refused.body == #"{"error_code":"kodo.beyondDataUsage"}"#)
    #expect(try await admit("a").status == 204)
    let trace = try await Self.ask(
      running, "/v1/datakit/usage_trace?token=t", .post, body: Array(#"{"hostname":"b"}"#.utf8))
    #expect(trace.status == 200)
    #expect(try running.view.collectors == 1)
  }

  @Test func `with enforcement at the intake a denied license refuses the push`() async throws {
    let site = try TestSite()
    let running = try await Self.running(try site.license(enforce: .intake), site)
    let agent: HTTPFields = [.userAgent: "datakit-linux-amd64/1.80.0/a"]
    // Not activated yet: the verdict denies.
    #expect(try await Self.ask(running, "/v1/admit", headers: agent).status == 403)
    _ = try await running.report()
    await running.daemon.standing.refresh(try running.view)
    #expect(try await Self.ask(running, "/v1/admit", headers: agent).status == 204)
  }

  @Test func `that it is not known here what runs refuses no push`() async throws {
    let site = try TestSite()
    var surroundings = try site.surroundings()
    surroundings.release = nil
    surroundings.running = nil
    let running = try await site.start(
      in: surroundings, installing: try site.license(enforce: .intake))
    let agent: HTTPFields = [.userAgent: "datakit-linux-amd64/1.80.0/a"]
    // Not activated yet, which is more.
    #expect(try await Self.ask(running, "/v1/admit", headers: agent).status == 403)
    _ = try await running.report()
    await running.daemon.standing.refresh(try running.view)
    let judgement = await running.daemon.standing.judgement
    guard case .verdict(let verdict) = judgement else {
      Issue.record("no verdict: \(judgement)")
      return
    }
    #expect(verdict.outcome == .deny && verdict.code == .releaseUnknown)
    #expect(try await Self.ask(running, "/v1/admit", headers: agent).status == 204)
  }

  @Test func `without enforcement at the intake a denied license refuses no push`() async throws {
    let running = try await Self.running(nil, try TestSite())
    let agent: HTTPFields = [.userAgent: "datakit-linux-amd64/1.80.0/a"]
    #expect(try await Self.ask(running, "/v1/admit", headers: agent).status == 204)
  }

  @Test(arguments: [
    (#"{"collector":"a"}"#, 1, 1), (#"[{"collector":"a"},{"collector":"b","weight":3}]"#, 2, 4),
    ("{\"collector\":\"a\"}\n{\"collector\":\"b\"}\n", 2, 2),
    (#"[{"collector":"a"},{"collector":"a","bye":true}]"#, 1, 1),
  ])
  func `native beats come one, many or by the line`(
    body: String, collectors: Int64, online: Int64
  ) async throws {
    let running = try await Self.running(nil, try TestSite())
    let answer = try await Self.ask(
      running, "/v1/beats", .post, headers: Self.bearer(running), body: Array(body.utf8))
    #expect(answer.status == 200)
    #expect(try running.view.collectors == collectors)
    #expect(try running.view.online == online)
  }

  @Test(arguments: ["/v1/beats", "/v1/verdict"])
  func `a path that asks for the token takes no other`(path: String) async throws {
    let running = try await Self.running(nil, try TestSite())
    let method: HTTPRequest.Method = path == "/v1/beats" ? .post : .get
    let headers: [HTTPFields] = [
      [:], [.authorization: "Bearer wrong"], [.authorization: "Basic dDp0"],
      [.authorization: "Bearer "],
    ]
    for headers in headers {
      let answer = try await Self.ask(
        running, path, method, headers: headers, body: Array(#"{"collector":"a"}"#.utf8))
      #expect(answer.status == 401)
      #expect(answer.headers[.wwwAuthenticate] == "Bearer")
    }
    #expect(try running.view.collectors == 0)
  }

  @Test(arguments: [
    "", "{", "null", "[]x", #"{"hostname":7}"#, #"{"hostname":""}"#, #"{"usage_cores":1}"#,
  ])
  func `a usage trace that cannot be read is a problem, not a fault`(body: String) async throws {
    let running = try await Self.running(nil, try TestSite())
    let answer = try await Self.ask(
      running, "/v1/datakit/usage_trace", .post, body: Array(body.utf8))
    #expect(answer.status == 400)
    #expect(answer.body.contains(#""code":"MALFORMED""#))
    #expect(try running.view.collectors == 0)
  }

  @Test(arguments: ["0", "-1", "1e400", "65536", "99999999999999999999", "\"4\"", "null"])
  func `what can be nobody's weight changes no count`(_ cores: String) async throws {
    let running = try await Self.running(nil, try TestSite())
    for (cores, online) in [("3", 3), (cores, 3), ("2", 2)] as [(String, Int64)] {
      let answer = try await Self.ask(
        running, "/v1/datakit/usage_trace", .post,
        body: Array("{\"hostname\":\"web-01\",\"usage_cores\":\(cores)}".utf8))
      #expect(answer.status == 200)
      try await running.pass(1)
      #expect(try running.view.online == online)
    }
    let answer = try await Self.ask(
      running, "/v1/beats", .post, headers: Self.bearer(running),
      body: Array("[{\"collector\":\"b\"},{\"collector\":\"a\",\"weight\":\(cores)}]".utf8))
    #expect(answer.status == 400)
    #expect(answer.body.contains("beat 2.weight must be a number above 0 and at most 65535"))
    #expect(try running.view.collectors == 1)
    let metrics = try await Self.ask(running, "/metrics", .get).body
    #expect(metrics.contains("\ntally_weights_ignored_total 1\n"))
    #expect(metrics.contains("\ntally_beats_malformed_total 1\n"))
  }

  @Test func `bodies are taken up to their limits and not above`() async throws {
    let running = try await Self.running(nil, try TestSite())
    func trace(_ size: Int) -> [UInt8] {
      let start = #"{"hostname":"a","x":""#
      let filler = String(repeating: "x", count: size - start.utf8.count - 2)
      return Array("\(start)\(filler)\"}".utf8)
    }
    let limit = 64 * 1024
    let path = "/v1/datakit/usage_trace"
    #expect(try await Self.ask(running, path, .post, body: trace(limit)).status == 200)
    #expect(try await Self.ask(running, path, .post, body: trace(limit + 1)).status == 413)
    let beats = [UInt8](repeating: 0x20, count: 4 * 1024 * 1024 + 1)
    let answer = try await Self.ask(
      running, "/v1/beats", .post, headers: Self.bearer(running), body: beats)
    #expect(answer.status == 413)
  }

  @Test func `the verdict is the one that check would give`() async throws {
    let running = try await Self.running(nil, try TestSite())
    let denied = try await Self.ask(running, "/v1/verdict", headers: Self.bearer(running))
    #expect(denied.status == 200)
    #expect(denied.body.hasPrefix(#"{"verdict":"deny","code":"NOT_ACTIVATED""#))
    _ = try await running.report()
    let allowed = try await Self.ask(running, "/v1/verdict", headers: Self.bearer(running))
    #expect(allowed.body.hasPrefix(#"{"verdict":"allow","code":"VALID""#))
  }

  @Test func `health, readiness and metrics tell where it stands`() async throws {
    let site = try TestSite()
    let running = try await site.start()
    #expect(try await Self.ask(running, "/healthz").status == 200)
    #expect(try await Self.ask(running, "/readyz").status == 503)
    _ = try await running.daemon.desk.install(
      try site.file(try site.license()), source: "a.license")
    #expect(try await Self.ask(running, "/readyz").status == 200)
    _ = try running.beat("a", weight: 3)
    try await running.pass(6)
    let metrics = try await Self.ask(running, "/metrics")
    #expect(metrics.headers[.contentType] == "text/plain; version=0.0.4")
    for line in [
      "tally_collectors_online 1", "tally_weight_online 3", "tally_peak_today 3",
      "tally_ledger_seq 1", "tally_ledger_unreceipted 1", "tally_receipt_age_seconds -1",
      "tally_verdict_severity 2", "tally_ready 1",
    ] {
      #expect(metrics.body.contains("\n\(line)\n"), "\(line)")
    }
  }

  @Test func `a path that is not there is a problem document`() async throws {
    let running = try await Self.running(nil, try TestSite())
    let answer = try await Self.ask(running, "/v1/nothing")
    #expect(answer.status == 404)
    #expect(answer.headers[.contentType] == "application/problem+json")
  }

  @Test func `control answers on the socket alone`() async throws {
    let running = try await Self.running(nil, try TestSite())
    let paths: [(String, HTTPRequest.Method)] = [
      ("/v1/control/status", .get), ("/v1/control/usage", .get), ("/v1/control/report", .post),
      ("/v1/control/activate", .post), ("/v1/control/license", .post),
    ]
    let application = Application(router: running.daemon.intakeRouter())
    try await application.test(.router) { client in
      for (path, method) in paths {
        let response = try await client.execute(uri: path, method: method)
        #expect(response.status == .notFound, "\(path)")
      }
    }
  }

  @Test func `control shows usage and status, and installs`() async throws {
    let site = try TestSite()
    let running = try await Self.running(nil, site)
    _ = try running.beat("a", "b")
    try await running.pass(6)
    let usage = try JSONScanner.scan(
      Array(try await Self.ask(running, "/v1/control/usage").body.utf8), maximumDepth: 8)
    #expect(usage["date"] == "2026-11-21")
    #expect(usage["peak"] == .integer(2))
    #expect(usage["state"] == "open")
    #expect(usage["receipted"] == .bool(false))
    #expect(usage["peak_at"]?["local"]?.string?.hasSuffix("+08:00") == true)
    let file = try site.file(try site.license(revision: 2))
    let installed = try await Self.ask(
      running, "/v1/control/license?source=b.license", .post, body: file)
    #expect(installed.status == 200)
    let status = try JSONScanner.scan(
      Array(try await Self.ask(running, "/v1/control/status").body.utf8), maximumDepth: 16)
    #expect(status["license"]?["highest_revision"] == .integer(2))
    #expect(status["serving"] == .bool(true))
    #expect(try await Self.ask(running, "/v1/control/usage?date=2026-13-01").status == 400)
    #expect(try await Self.ask(running, "/v1/control/usage?date=2020-01-01").status == 409)
    let refused = try await Self.ask(running, "/v1/control/license", .post, body: [1, 2, 3])
    #expect(refused.status == 400)
  }

  @Test func `a known path answers every method, and says which it takes`() async throws {
    let running = try await Self.running(nil, try TestSite())
    let paths: [(String, String)] = [
      ("/healthz", "GET, HEAD"), ("/readyz", "GET, HEAD"), ("/metrics", "GET, HEAD"),
      ("/v1/verdict", "GET, HEAD"), ("/v1/beats", "POST"), ("/v1/datakit/usage_trace", "POST"),
      ("/v1/control/report", "POST"), ("/v1/control/status", "GET, HEAD"),
    ]
    for (path, allow) in paths {
      let answer = try await Self.ask(running, path, .delete)
      #expect(answer.status == 405 && answer.headers[.allow] == allow, "\(path)")
      #expect(answer.body.contains("METHOD_NOT_ALLOWED"), "\(path)")
    }
    let head = try await Self.ask(running, "/healthz", .head)
    #expect(head.status == 200 && head.body.isEmpty)
    let propfind = try #require(HTTPRequest.Method("PROPFIND"))
    #expect(try await Self.ask(running, "/v1/admit", propfind).status == 204)
  }
}
