import CivilTime
import HTTPTypes
import Metering
import Testing
import Verifier

/// Changed rules hold from the next midnight.
@Suite struct IdentityDateTests {
  static let old = "basic-user"
  static let new = "header:X-Collector,basic-user"

  static func start(_ site: TestSite, _ sources: String) async throws -> RunningSite {
    try await site.start(
      installing: try site.license(), intake: try IntakeRouteTests.settings(sources))
  }

  /// A push that has a name under either rule.
  static func push(_ running: RunningSite) async throws {
    var headers = try IntakeRouteTests.header("X-Collector", "by-header")
    headers[.authorization] = "Basic YnktdXNlcjpwdw=="
    #expect(try await IntakeRouteTests.admit(running, headers).status == 204)
  }

  static func rules(_ running: RunningSite) async throws -> [String] {
    try await running.records().map { "\($0.date) \($0.rule.identity)" }
  }

  @Test func `a date goes on under the rule that it began with, and the next has the new one`()
    async throws
  {
    // A quarter of an hour before midnight.
    let site = try TestSite(at: TestSite.midnight - 900)
    do {
      let running = try await Self.start(site, Self.old)
      try await Self.push(running)
      try await running.pass(5)
      try await running.daemon.counting.finish()
    }
    let running = try await Self.start(site, Self.new)
    try await Self.push(running)
    try await running.pass(600)
    for _ in 0..<4 {
      try await Self.push(running)
      try await running.pass(60)
    }
    #expect(
      try await IntakeRouteTests.collectors(running, "online=true") == ["collector/by-user"])
    try await running.pass(60)
    for _ in 0..<3 {
      try await Self.push(running)
      try await running.pass(30)
    }
    #expect(
      try await IntakeRouteTests.collectors(running, "online=true") == ["collector/by-header"])
    let day = try #require(try running.view.summary)
    #expect(day.date.description == "2026-11-22")
    #expect(day.peak?.count == 1)
    let rules = try await Self.rules(running)
    let first = "2026-11-21 datakit:hostname;admit:basic-user"
    let second = "2026-11-22 datakit:hostname;admit:header:x-collector,basic-user"
    #expect(rules.filter { $0.hasPrefix("2026-11-21") }.allSatisfy { $0 == first })
    #expect(rules.contains(first) && rules.last == second, "\(rules)")
  }

  @Test func `a rule taken back before midnight changes nothing`() async throws {
    let site = try TestSite(at: TestSite.midnight - 300)
    for sources in [Self.old, Self.new, Self.old] {
      let running = try await Self.start(site, sources)
      try await Self.push(running)
      try await running.pass(5)
      try await running.daemon.counting.finish()
    }
    let running = try await Self.start(site, Self.old)
    try await running.pass(400)
    try await Self.push(running)
    #expect(
      try await IntakeRouteTests.collectors(running, "online=true") == ["collector/by-user"])
  }

  @Test func `a rule that changes while the verifier is off over midnight holds when it is back`()
    async throws
  {
    let site = try TestSite(at: TestSite.midnight - 100)
    do {
      let running = try await Self.start(site, Self.old)
      try await Self.push(running)
      try await running.pass(2)
      try await running.daemon.counting.finish()
    }
    site.clocks.pass(150)
    let running = try await Self.start(site, Self.new)
    try await Self.push(running)
    try await running.pass(2)
    #expect(
      try await IntakeRouteTests.collectors(running, "online=true") == ["collector/by-header"])
    let rules = try await Self.rules(running)
    #expect(rules.first == "2026-11-21 datakit:hostname;admit:basic-user", "\(rules)")
  }

  @Test func `native collectors and kinds that the change leaves alone stay online`() async throws {
    let site = try TestSite(at: TestSite.midnight - 100)
    do {
      let running = try await Self.start(site, "datakit-agent")
      try await running.pass(1)
      try await running.daemon.counting.finish()
    }
    let running = try await Self.start(site, "datakit-agent,basic-user")
    let agent: HTTPFields = [.userAgent: "datakit-linux-amd64/1.80.0/web-01"]
    #expect(try await IntakeRouteTests.admit(running, agent).status == 204)
    try await running.pass(110)
    #expect(try running.view.collectors == 1)
    #expect(
      try await IntakeRouteTests.collectors(running, "online=true") == ["datakit/web-01"])
    let day = try #require(try running.view.summary)
    #expect(day.date.description == "2026-11-22")
    #expect(day.peak?.at == TestSite.midnight)
  }
}
