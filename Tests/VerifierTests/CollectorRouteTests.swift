import HTTPTypes
import Metering
import Sealing
import Testing
import Verifier

@Suite struct CollectorRouteTests {
  static func page(
    _ running: RunningSite, _ query: String
  ) async throws -> (rows: [JSONValue], next: String?) {
    let answer = try await RouteTests.ask(
      running, "/v1/collectors?\(query)", headers: RouteTests.bearer(running))
    #expect(answer.status == 200, "\(answer.body)")
    let json = try JSONScanner.scan(Array(answer.body.utf8))
    guard case .array(let rows)? = json["collectors"] else { return ([], nil) }
    return (rows, json["next"]?.string)
  }

  static func names(_ rows: [JSONValue]) -> [String] {
    rows.map { $0["identity"]?.string ?? "" }
  }

  static func names(_ running: RunningSite, _ query: String) async throws -> [String] {
    names(try await page(running, query).rows)
  }

  static func take(_ running: RunningSite, _ json: String) async throws {
    let answer = try await RouteTests.ask(
      running, "/v1/beats", .post, headers: RouteTests.bearer(running), body: Array(json.utf8))
    #expect(answer.status == 200)
  }

  static func running(_ site: TestSite? = nil) async throws -> RunningSite {
    let site = try site ?? TestSite()
    return try await site.start(installing: try site.license())
  }

  @Test func `each is shown with what it says of itself, and when it was there`() async throws {
    let running = try await Self.running()
    let begun = try running.site.clocks.now()
    try await Self.take(
      running,
      #"[{"collector":"b","weight":3,"version":"1.0","host":"h1"},{"collector":"a","kind":"edge"}]"#
    )
    try await running.pass(2)
    try await Self.take(running, #"{"collector":"b","version":"1.1"}"#)
    try await running.pass(1)
    let rows = try await Self.page(running, "").rows
    #expect(Self.names(rows) == ["b", "a"])
    let row = try #require(rows.first)
    #expect(row["kind"] == "collector" && row["version"] == "1.1" && row["host"] == "h1")
    #expect(row["weight"] == .integer(3) && row["online"] == .bool(true))
    #expect(row["first_seen"]?.integer.map { abs($0 - begun) <= 1 } == true)
    #expect(row["last_seen"] == .integer(begun + 2))
    #expect(row["refused_at"] == nil && row["suspected_pair"] == nil)
  }

  @Test func `pages follow each other without a gap, whatever comes in between`() async throws {
    let running = try await Self.running()
    let beats = (0..<25).map { "{\"collector\":\"c\($0 + 10)\"}" }.joined(separator: ",")
    try await Self.take(running, "[\(beats)]")
    try await running.pass(1)
    var names: [String] = []
    var after = ""
    for size in [10, 10, 5] {
      let (rows, next) = try await Self.page(running, "limit=10\(after)")
      #expect(rows.count == size)
      names += Self.names(rows)
      #expect((next == nil) == (size == 5))
      after = next.map { "&after=\($0)" } ?? ""
      try await Self.take(running, #"[{"collector":"a"},{"collector":"c10"}]"#)
      try await running.pass(1)
    }
    #expect(names == (10..<35).map { "c\($0)" })
  }

  @Test func `filters narrow it down, each by itself and together`() async throws {
    let running = try await Self.running()
    try await Self.take(
      running,
      """
      [{"collector":"web-1","host":"h1"},{"collector":"web-2","host":"h2"},
      {"collector":"we","kind":"edge"},{"collector":"web-3","kind":"edge","host":"h1"},
      {"collector":"db 1%","host":"h1"}]
      """)
    try await running.pass(1)
    try await Self.take(running, #"{"collector":"web-1","bye":true}"#)
    try await running.pass(2)
    let cases: [(String, [String])] = [
      ("kind=edge", ["we", "web-3"]), ("host=h1", ["db 1%", "web-1", "web-3"]),
      ("online=false", ["web-1"]), ("online=true&host=h1", ["db 1%", "web-3"]),
      ("prefix=web", ["web-1", "web-2", "web-3"]), ("prefix=web&kind=edge", ["web-3"]),
      ("prefix=db%201%25", ["db 1%"]), ("kind=none", []), ("prefix=WEB", []),
      ("limit=1&kind=edge", ["we"]),
    ]
    for (query, expected) in cases {
      #expect(try await Self.names(running, query) == expected, "\(query)")
    }
  }

  @Test(arguments: [
    "limit=0", "limit=1001", "limit=x", "online=yes", "after=!", "after=AA", "after=AQ",
    "after=A2FiYw", "name=a", "kind=a&kind=b", "kind=%", "=",
  ])
  func `a query that cannot be meant is refused`(query: String) async throws {
    let running = try await Self.running()
    let answer = try await RouteTests.ask(
      running, "/v1/collectors?\(query)", headers: RouteTests.bearer(running))
    #expect(answer.status == 400, "\(query): \(answer.body)")
  }

  @Test func `it asks for the token, but for the socket`() async throws {
    let running = try await Self.running()
    #expect(try await RouteTests.ask(running, "/v1/collectors").status == 401)
    #expect(try await RouteTests.ask(running, "/v1/control/collectors").status == 200)
  }

  @Test func `it stands after a restart, with when each was last there`() async throws {
    let site = try TestSite()
    let seen: Int64
    do {
      let running = try await Self.running(site)
      try await Self.take(running, #"[{"collector":"gone"},{"collector":"there"}]"#)
      try await running.pass(200)
      seen = try site.clocks.now()
      try await Self.take(running, #"{"collector":"there","version":"2"}"#)
      try await running.pass(1)
      try await running.daemon.counting.finish()
    }
    site.clocks.pass(250)
    let running = try await site.start()
    try await running.pass(2)
    let rows = try await Self.page(running, "").rows
    #expect(Self.names(rows) == ["gone", "there"])
    #expect(rows.map { $0["online"] } == [.bool(false), .bool(true)])
    #expect(rows[0]["last_seen"]?.integer.map { abs($0 - (seen - 200)) <= 1 } == true)
    #expect(rows[1]["last_seen"]?.integer.map { abs($0 - seen) <= 1 } == true)
    #expect(rows[1]["version"] == "2")
  }

  @Test func `two collectors under one name are a suspicion in the list, in status and in metrics`()
    async throws
  {
    let running = try await Self.running()
    for turn in 0..<4 {
      let run = turn % 2 == 0 ? "r1" : "r2"
      let body = "{\"hostname\":\"web-01\",\"runtime_id\":\"\(run)\"}"
      _ = try await RouteTests.ask(
        running, "/v1/datakit/usage_trace", .post, body: Array(body.utf8))
      try await running.pass(30)
    }
    let row = try #require(try await Self.page(running, "").rows.first)
    #expect(row["suspected_pair"]?["returns"] == .integer(2))
    let status = try JSONScanner.scan(
      Array(try await RouteTests.ask(running, "/v1/control/status").body.utf8), maximumDepth: 16)
    let pairs = try #require(status["counting"]?["suspected_pairs"])
    #expect(pairs["count"] == .integer(1))
    #expect(pairs.text.contains("web-01"))
    let metrics = try await RouteTests.ask(running, "/metrics").body
    #expect(metrics.contains("tally_collectors_suspected_pairs 1\n"))
    #expect(try running.view.collectors == 1)
  }
}
