import Licensing
import Sealing
import StartupCheck
import Testing
import Verifier

/// The floor as the daemon keeps it: raised by the vendor's word and by time at work, saved each minute.
@Suite struct ClockDaemonTests {
  private func clockFindings(_ running: RunningSite) async throws -> [Finding] {
    guard case .verdict(let verdict) = await running.daemon.standing.judgement else {
      throw TestSite.Missing(what: "a verdict")
    }
    return verdict.findings(.clockUntrusted)
  }

  /// Works for an hour, with a minute's chores at its end.
  private func hourOfWork(_ site: TestSite) async throws -> Int64 {
    let running = try await site.start(installing: try site.license())
    _ = try await running.report()
    let first = try #require(try StandingTests.document(site).floor)
    site.clocks.pass(3600)
    try await running.daemon.minute()
    let saved = try #require(try await running.ledger.floor())
    #expect(saved >= first + 3600)
    #expect(try StandingTests.document(site).floor == saved)
    // Killed half a minute later: nothing is saved of that.
    site.clocks.pass(30)
    return saved
  }

  @Test func `a floor that was saved stands after a restart, whatever the clock says`() async throws
  {
    let site = try TestSite()
    let saved = try await hourOfWork(site)
    site.clocks.set(wall: TestSite.noon - 400 * 86_400)
    let running = try await site.start(bootID: "boot-2")
    #expect(running.daemon.desk.installation.time.floor == saved)
    #expect(try await clockFindings(running).count == 1)
    #expect(try StandingTests.document(site).floor == saved)
    site.clocks.set(wall: TestSite.noon + 3700)
    try await running.daemon.minute()
    #expect(try await clockFindings(running).isEmpty)
  }

  @Test func `a clock that jumps and is set right is told in the standing, and no longer`()
    async throws
  {
    let site = try TestSite()
    let running = try await site.start(installing: try site.license())
    _ = try await running.report()
    site.clocks.set(wall: 2_082_758_400)
    try await running.daemon.minute()
    #expect(try StandingTests.document(site).findings.map(\.code) == [.clockUntrusted])
    let floor = try #require(try StandingTests.document(site).floor)
    #expect(floor < TestSite.noon + 60)
    site.clocks.set(wall: TestSite.noon)
    site.clocks.pass(60)
    try await running.daemon.minute()
    #expect(try StandingTests.document(site).findings.isEmpty)
    #expect(try StandingTests.document(site).floor == floor + 60)
    guard case .verdict(let verdict) = await running.daemon.standing.judgement else {
      throw TestSite.Missing(what: "a verdict")
    }
    #expect(verdict.outcome == .allow)
  }

  @Test func `a receipt does not count the time before it`() async throws {
    let site = try TestSite()
    let running = try await site.start(installing: try site.license())
    // Nothing looks at the clocks for an hour, then a receipt comes.
    site.clocks.pass(3600)
    _ = try await running.report()
    #expect(running.daemon.desk.installation.time.floor == TestSite.noon + 3600)
    #expect(try await clockFindings(running).isEmpty)
  }

  @Test func `a floor beyond what can be said traps nothing`() {
    for saved in [Int64.min, -1, 0, .max] as [Int64] {
      for boot in [Int64.min, 0, .max] as [Int64] {
        for wall in [nil, Int64.min, 0, .max] as [Int64?] {
          var clock = FloorClock(saved: saved, boot: boot, wall: wall)
          clock.advance(boot: .max, wall: wall.map { _ in Int64.min })
          clock.raise(to: .max)
          clock.raise(to: .min)
          clock.advance(boot: .min, wall: .max)
          #expect(clock.floor == SealedLimits.instants.upperBound)
          _ = clock.finding
        }
      }
    }
  }
}
