import Licensing
import Metering
import Reporting
import Sealing
import TestSupport
import Testing
import Verifier

@Suite struct ReporterTests {
  /// A site whose ledger has some records without a receipt.
  static func running(_ peaks: Int, weather: FakeGateway.Weather = .fair) async throws
    -> (TestSite, RunningSite)
  {
    let site = try TestSite()
    let running = try await site.start(installing: try site.license(), weather: weather)
    for peak in 0..<peaks {
      _ = try running.beat("host-\(peak)")
      try await running.pass(6)
    }
    return (site, running)
  }

  @Test func `serve activates by itself and reports`() async throws {
    let (_, running) = try await Self.running(3)
    let run = try await running.report()
    #expect(run?.outcome == "RECEIPTED")
    #expect(run?.records == 3)
    #expect(running.gateway.stored.enrolments == 1)
    #expect(running.gateway.stored.records == (try await running.records()))
    #expect(await running.daemon.reporter.backlog == 0)
    #expect(try await running.report() == nil)
  }

  @Test func `a sign of life renews the receipt when nothing is new`() async throws {
    let (site, running) = try await Self.running(1)
    _ = try await running.report()
    let first = try #require(try await running.ledger.receipts().newest)
    for _ in 0..<13 {
      _ = try running.beat("host-0")
      try await running.pass(23)
    }
    #expect(try await running.report() == nil)
    try await running.pass(1)
    #expect(try await running.report()?.outcome == "RECEIPTED")
    let alive = try #require(running.gateway.stored.alive.last)
    #expect(alive.seq == (try await running.ledger.head().seq))
    #expect(alive.at == (try site.clocks.now()))
    #expect(try await running.ledger.receipts().newest != first)
  }

  @Test(arguments: [
    FakeGateway.Weather.down, .garbage, .answerLost, .forgedReceipt,
    .problem(.storeUnavailable, facts: [:]), .problem(.rateLimited, facts: [:]),
    .problem(.signatureInvalid, facts: [:]),
  ])
  func `whatever the gateway does, no record is lost and none counts twice`(
    weather: FakeGateway.Weather
  ) async throws {
    let (site, running) = try await Self.running(2)
    _ = try await running.report()
    running.gateway.set(weather)
    for peak in 2..<5 {
      _ = try running.beat("host-\(peak)")
      try await running.pass(6)
      let run = try await running.report(force: true)
      #expect(run?.outcome != "RECEIPTED")
    }
    #expect(await running.daemon.reporter.backlog == 3)
    running.gateway.set(.fair)
    site.clocks.pass(400)
    #expect(try await running.report()?.outcome == "RECEIPTED")
    #expect(running.gateway.stored.records == (try await running.records()))
    #expect(running.gateway.stored.records.count == 5)
    #expect(try await running.ledger.receipts().through == 5)
  }

  @Test func `while the gateway is down attempts are spaced out`() async throws {
    let (site, running) = try await Self.running(1)
    _ = try await running.report()
    running.gateway.set(.down)
    _ = try running.beat("more")
    try await running.pass(6)
    let before = running.gateway.stored.requests
    for _ in 0..<600 {
      site.clocks.pass(1)
      _ = try await running.report()
    }
    // 600 s at pauses of 0.5 s, doubling to 150 s at the least.
    #expect((2...12).contains(running.gateway.stored.requests - before))
  }

  @Test func `records that a restored gateway has lost are sent again`() async throws {
    let (_, running) = try await Self.running(4)
    _ = try await running.report()
    running.gateway.forget(from: 2)
    _ = try running.beat("one-more")
    try await running.pass(6)
    #expect(try await running.report()?.outcome == "RECEIPTED")
    #expect(running.gateway.stored.records == (try await running.records()))
    #expect(running.gateway.stored.records.count == 5)
  }

  @Test func `a fork ends reporting and is a finding`() async throws {
    let (_, running) = try await Self.running(2)
    _ = try await running.report()
    running.gateway.set(.problem(.forked, facts: ["seq": 3]))
    _ = try running.beat("one-more")
    try await running.pass(6)
    #expect(try await running.report()?.outcome == "FORKED")
    #expect(await running.daemon.reporter.halt == .forked)
    #expect(try await running.report() == nil)
    guard case .verdict(let verdict) = await running.daemon.standing.judgement else {
      Issue.record("no verdict")
      return
    }
    let finding = try #require(verdict.findings(.ledgerDamaged).first)
    #expect(finding.facts[.seq] == .integer(3))
  }

  @Test func `a renewal that the gateway brings is installed and kept`() async throws {
    let site = try TestSite()
    let running = try await site.start(installing: try site.license(revision: 1))
    let next = try site.license(revision: 2, limit: 1, overage: .refuse)
    running.gateway.deliver(Delivery(licenses: [try site.vendor.jws(next)]))
    _ = try await running.report()
    let content = await running.daemon.desk.installation.shelf.content
    #expect(content.licenses.map(\.payload.revision).sorted() == [1, 2])
    #expect(try running.beat("a", "b") == [.joined, .refused])
    #expect(try await running.ledger.documents().licenses.count == 2)
  }

  @Test func `by hand it is safe to run twice, and each run is recorded`() async throws {
    let (_, running) = try await Self.running(2)
    let first = try await running.daemon.desk.report()
    let second = try await running.daemon.desk.report()
    #expect(first.outcome == "RECEIPTED" && first.records == 2)
    #expect(second.outcome == "RECEIPTED" && second.records == 0)
    #expect(running.gateway.stored.records.count == 2)
    let runs = try await running.ledger.runs(limit: 10)
    #expect(runs == [second, first])
  }

  @Test func `an activation holds and is given again`() async throws {
    let (_, running) = try await Self.running(0)
    #expect(try await running.daemon.desk.activate().code == "ACTIVATED")
    #expect(try await running.daemon.desk.activate().code == "ACTIVATED")
    #expect(running.gateway.stored.enrolments == 1)
  }

  @Test func `in offline mode nothing ever dials`() async throws {
    let site = try TestSite()
    var license = try site.license(reporting: Reporting(mode: .offline))
    license.edition = .community
    license.term = nil
    license.price = nil
    license.graceDays = 0
    license.gaps = .observed
    license.activation = .optional
    let running = try await site.start(installing: license)
    _ = try running.beat("a")
    try await running.pass(10)
    #expect(try await running.report() == nil)
    #expect(try await running.report(force: true)?.outcome == "OFFLINE")
    #expect(running.gateway.stored.requests == 0 && running.gateway.stored.enrolments == 0)
  }
}
