import CivilTime
import Libcrypto
import Licensing
import Metering
import Platform
import Sealing
import StartupCheck
import TestSupport
import Testing
import Verifier

@Suite struct CountingTests {
  @Test func `a new peak is sealed after a few seconds and reported`() async throws {
    let site = try TestSite()
    let running = try await site.start(installing: try site.license())
    _ = try await running.report()
    _ = try running.beat("a", "b", weight: 4)
    try await running.pass(2)
    #expect(try await running.records().isEmpty)
    try await running.pass(2)
    let record = try #require(try await running.records().last)
    #expect(record.stage == .sample)
    #expect(record.peak?.count == 8)
    #expect(record.license == "lic_1")
    #expect(record.at == record.to)
    #expect(record.gaps.map(\.reason) == [.before])
    #expect(record.root == site.vendor.trust.root)
    #expect(record.release == "1.0.0")
    _ = try await running.report()
    #expect(running.gateway.stored.records == [record])
    #expect(try await running.ledger.receipts().through == 1)
  }

  @Test func `one collector by two ways in counts once`() async throws {
    let site = try TestSite()
    let running = try await site.start(installing: try site.license())
    let trace = try UsageTrace.parse(Array(#"{"hostname":"web-01","usage_cores":2}"#.utf8))
    let push = try #require(DataKitUserAgent.parse("datakit-linux-amd64/1.80.0/web-01"))
    let keeper = try #require(running.daemon.counting.keeper)
    #expect(try keeper.take([trace, push]) == [.joined, .kept])
    #expect(try running.view.collectors == 1)
    #expect(try running.view.online == 2)
  }

  @Test func `after a restart whoever is in its window is online, the time away is a gap`()
    async throws
  {
    let site = try TestSite()
    do {
      let running = try await site.start(installing: try site.license(window: 300))
      _ = try running.beat("a", "b", "c")
      try await running.pass(20)
      try await running.daemon.counting.finish()
    }
    let stopped = try site.clocks.now()
    site.clocks.pass(60)
    let running = try await site.start()
    #expect(try running.view.collectors == 3)
    #expect(try running.beat("a") == [.kept])
    try await running.pass(2)
    let day = try #require(try running.view.summary)
    #expect(day.peak?.count == 3)
    let gap = try #require(day.gaps.last)
    #expect(gap.reason == .stopped)
    #expect(abs(gap.from - stopped) <= 1)
    #expect(abs(gap.to - (stopped + 60)) <= 1)
    site.clocks.pass(9)
    try await running.pass(240)
    #expect(try running.view.collectors == 1)
  }

  @Test func `a kill loses what came after the last commit, and says which seconds`() async throws {
    let site = try TestSite()
    do {
      let running = try await site.start(installing: try site.license())
      _ = try running.beat("a")
      try await running.pass(5)
      // Arrives after the last commit; the process is gone before the next one.
      site.clocks.pass(1)
      _ = try running.beat("b")
    }
    let killed = try site.clocks.now()
    site.clocks.pass(30)
    let running = try await site.start()
    try await running.pass(2)
    #expect(try running.view.collectors == 1)
    let day = try #require(try running.view.summary)
    #expect(day.peak?.count == 1)
    let gap = try #require(day.gaps.last)
    #expect(gap.reason == .stopped && gap.from <= killed && gap.from >= killed - 2)
    #expect(gap.to >= killed + 29)
  }

  @Test func `a restart without a license that verifies goes on by the journal, and ends the date`()
    async throws
  {
    let site = try TestSite()
    do {
      let running = try await site.start(installing: try site.license(window: 120))
      _ = try running.beat("a", "b")
      try await running.pass(5)
      try await running.daemon.counting.finish()
    }
    let rest = TestSite.midnight - (try site.clocks.now())
    var surroundings = try site.surroundings()
    surroundings.roots = try TestVendor(iss: site.vendor.iss).roots
    surroundings.release = nil
    let installation = try await Installation(surroundings)
    #expect(try await installation.working()?.isTrusted == false)
    let gateway = FakeGateway(
      vendor: site.vendor, clocks: site.clocks,
      key: installation.keys.installation.publicKey, line: site.line)
    let daemon = try await VerifierDaemon(
      installation, client: gateway, logger: TestSite.logger)
    let running = RunningSite(site: site, daemon: daemon, gateway: gateway)
    #expect(try running.view.online == 2)
    #expect(try running.view.rules.window == 120)
    try await running.pass(130)
    #expect(try running.view.online == 0)
    site.clocks.pass(rest)
    try await running.pass(3)
    let day = try #require(try await running.records().first { $0.stage == .day })
    #expect(day.license == "lic_1" && day.peak?.count == 2)
  }

  @Test func `a boot in between is bridged by the wall clock`() async throws {
    let site = try TestSite()
    do {
      let running = try await site.start(installing: try site.license())
      _ = try running.beat("a")
      try await running.pass(5)
      try await running.daemon.counting.finish()
    }
    let stopped = try site.clocks.now()
    let rebooted = TestClocks(wall: stopped + 100, boot: 7)
    var surroundings = try site.surroundings(bootID: "boot-2")
    surroundings.wall = rebooted
    surroundings.boot = rebooted
    let installation = try await Installation(surroundings)
    let gateway = FakeGateway(
      vendor: site.vendor, clocks: rebooted, key: installation.keys.installation.publicKey,
      line: site.line)
    let daemon = try await VerifierDaemon(
      installation, client: gateway, logger: TestSite.logger)
    let keeper = try #require(daemon.counting.keeper)
    #expect(keeper.view.collectors == 1)
    rebooted.pass(1)
    try await daemon.step()
    let gap = try #require(keeper.view.summary?.gaps.last)
    #expect(gap.reason == .stopped)
    #expect(abs(gap.length - 100) <= 1)
  }

  @Test func `a machine that stood still did not watch`() async throws {
    let site = try TestSite()
    let running = try await site.start(installing: try site.license())
    _ = try running.beat("a")
    try await running.pass(3)
    site.clocks.pass(100)
    // The first thing after the pause is a beat, not a turn of the counter.
    _ = try running.beat("b")
    try await running.pass(1)
    let gap = try #require(try running.view.summary?.gaps.last)
    #expect(gap.reason == .suspended)
    #expect(gap.length >= 99 && gap.length <= 101)
  }

  @Test func `a date is closed at midnight of the license's zone and whoever is online goes on`()
    async throws
  {
    let site = try TestSite(at: TestSite.midnight - 30)
    let running = try await site.start(installing: try site.license())
    _ = try running.beat("a", "b", "c")
    try await running.pass(40)
    let records = try await running.records()
    let day = try #require(records.first { $0.stage == .day })
    #expect(day.date.description == "2026-11-21")
    #expect(day.to == TestSite.midnight)
    #expect(day.peak?.count == 3)
    #expect(day.closing?.evidence.leaves == 3)
    #expect(day.at >= day.to)
    let next = try #require(records.last)
    #expect(next.stage == .sample && next.date.description == "2026-11-22")
    #expect(next.from == day.to)
    #expect(next.peak == Peak(count: 3, at: TestSite.midnight))
  }

  @Test func `dates that ended while nobody ran are closed at the next start, each once`()
    async throws
  {
    let site = try TestSite(at: TestSite.midnight - 30)
    do {
      let running = try await site.start(installing: try site.license())
      _ = try running.beat("a")
      try await running.pass(10)
      try await running.daemon.counting.finish()
    }
    site.clocks.pass(3 * 86_400)
    do {
      let running = try await site.start()
      try await running.pass(2)
    }
    let running = try await site.start()
    try await running.pass(2)
    let days = try await running.records().filter { $0.stage == .day }
    #expect(
      days.map(\.date.description) == ["2026-11-21", "2026-11-22", "2026-11-23"])
    #expect(days.map { $0.peak?.count } == [1, nil, nil])
    #expect(zip(days, days.dropFirst()).allSatisfy { $0.to == $1.from })
    #expect(try await running.ledger.days(limit: 10).count == 3)
  }

  @Test func `a crash between journal and ledger closes the date at the next start`() async throws {
    let site = try TestSite(at: TestSite.midnight - 5)
    do {
      let running = try await site.start(installing: try site.license())
      _ = try running.beat("a")
      try site.execute(
        """
        CREATE TRIGGER crash BEFORE INSERT ON record WHEN NEW.kind = 'day'
        BEGIN SELECT RAISE(ABORT, 'crash'); END
        """)
      await #expect(throws: VerifierError(.stateUnusable, "")) { try await running.pass(10) }
      #expect(try await running.records().allSatisfy { $0.stage == .sample })
    }
    try site.execute("DROP TRIGGER crash")
    let running = try await site.start()
    try await running.pass(2)
    let days = try await running.records().filter { $0.stage == .day }
    #expect(days.count == 1)
    #expect(days.first?.peak?.count == 1)
    #expect(days.first?.to == TestSite.midnight)
  }

  @Test func `a lost journal is a gap and a finding, never a guess`() async throws {
    let site = try TestSite(at: TestSite.midnight - 5)
    do {
      let running = try await site.start(installing: try site.license())
      _ = try running.beat("a")
      try await running.pass(60)
      try await running.daemon.counting.finish()
    }
    for suffix in ["", "-wal", "-shm"] { try Files.remove(site.folder.journal + suffix) }
    site.clocks.pass(100)
    let running = try await site.start()
    try await running.pass(2)
    let day = try #require(try running.view.summary)
    #expect(day.from == TestSite.midnight)
    #expect(day.gaps.first?.from == TestSite.midnight)
    #expect(day.gaps.first?.reason == .stopped)
    guard case .verdict(let verdict) = await running.daemon.standing.judgement else {
      Issue.record("no verdict")
      return
    }
    #expect(verdict.findings(.ledgerDamaged).count == 1)
  }

  @Test func `a new limit holds at once, a new window from midnight on`() async throws {
    let site = try TestSite(at: TestSite.midnight - 100)
    let running = try await site.start(installing: try site.license(window: 60))
    _ = try running.beat("a", "b", "c")
    try await running.pass(2)
    let file = try site.file(
      try site.license(revision: 2, window: 20, limit: 2, overage: .refuse))
    #expect(try await running.daemon.desk.install(file, source: "r2").count == 1)
    #expect(try running.beat("a", "d") == [.kept, .refused])
    #expect(try running.view.rules.limit == 2)
    #expect(try running.view.rules.window == 60)
    try await running.pass(10)
    guard case .verdict(let verdict) = await running.daemon.standing.refresh(try running.view)
    else {
      Issue.record("no verdict")
      return
    }
    let finding = try #require(verdict.findings(.overLimit).first)
    #expect(finding.facts[.online] == .integer(3))
    #expect(finding.facts[.limit] == .integer(2))
    try await running.pass(100)
    #expect(try running.view.rules.window == 20)
    let day = try #require(try await running.records().first { $0.stage == .day })
    #expect(day.rule.window == 60)
    #expect(day.revision == 2)
    #expect(day.limit == 2)
    #expect(day.refused == 1)
  }

  @Test func `a renewal bought early brings its window on the first of its days`() async throws {
    let site = try TestSite(at: TestSite.midnight - 20)
    let running = try await site.start(
      installing: try site.license(revision: 1, window: 300),
      try site.license(revision: 2, window: 30, limit: 1, overage: .record, from: "2026-11-22"))
    _ = try running.beat("a", "b")
    try await running.pass(10)
    #expect(try running.view.rules.window == 300)
    #expect(try running.view.rules.limit == nil)
    try await running.pass(15)
    #expect(try running.view.rules.window == 30)
    #expect(try running.view.rules.limit == 1)
    let records = try await running.records()
    #expect(records.first { $0.stage == .day }?.revision == 1)
    #expect(records.last?.revision == 2)
    #expect(records.last?.rule.window == 30)
  }

  @Test func `without a license nothing is counted until one is installed`() async throws {
    let site = try TestSite()
    let running = try await site.start()
    #expect(running.daemon.counting.keeper == nil)
    try await running.pass(2)
    _ = try await running.daemon.desk.install(
      try site.file(try site.license()), source: "a.license")
    #expect(running.daemon.counting.keeper != nil)
    #expect(try running.beat("a") == [.joined])
  }

  @Test func `no sample is sealed for a license that reports daily`() async throws {
    let site = try TestSite(at: TestSite.midnight - 10)
    var license = try site.license(
      limit: 100, overage: .record,
      reporting: Reporting(mode: .daily, gateway: "http://127.0.0.1:9"))
    license.edition = .subscription
    license.price = nil
    license.activation = .optional
    license.gaps = .observed
    let running = try await site.start(installing: license)
    _ = try running.beat("a")
    try await running.pass(30)
    #expect(try await running.records().map(\.stage) == [.day])
  }
}
