import Foundation
import Licensing
import Metering
import Sealing
import Testing
import Verifier

/// The journal is gone before the ledger has any record.
@Suite struct LostJournalTests {
  /// A site that counted for a while on its first date, and has no record.
  private static func counted(_ seconds: Int = 20) async throws -> TestSite {
    let site = try TestSite()
    let running = try await site.start(installing: try byFile(site))
    _ = try running.beat("a", "b")
    try await running.pass(seconds)
    #expect(try await running.records().isEmpty)
    try await running.daemon.finish()
    return site
  }

  /// Under it nothing is sealed before a date ends.
  private static func byFile(_ site: TestSite) throws -> License {
    try site.license(reporting: BundleDeskTests.offline)
  }

  private static func loseJournal(_ site: TestSite) throws {
    for suffix in ["", "-wal", "-shm"] {
      let path = site.folder.journal + suffix
      if FileManager.default.fileExists(atPath: path) {
        try FileManager.default.removeItem(atPath: path)
      }
    }
  }

  private static func damages(_ running: RunningSite) async throws -> [Finding] {
    guard
      case .verdict(let verdict) = await running.daemon.standing.refresh(
        try running.view, writes: false)
    else { throw TestSite.Missing(what: "a verdict") }
    return verdict.findings(.ledgerDamaged)
  }

  @Test func `a journal that is lost on the first date is a gap, and LEDGER_DAMAGED says so`()
    async throws
  {
    let site = try await Self.counted()
    try Self.loseJournal(site)
    let finding = try #require(try await LedgerReviewTests.review(site)["finding"])
    #expect(finding["place"]?.string == "journal")
    #expect(finding["what"]?.string?.contains("is gone") == true)
    site.clocks.pass(100)
    let running = try await site.start()
    let damage = try #require(try await Self.damages(running).first)
    #expect(damage.facts[.seq] == .integer(1))
    // Nothing that was counted is made up, and the time of it is a gap: not one before the start.
    try await running.pass(5)
    let day = try #require(try running.view.summary)
    #expect(day.observed == 5)
    let gap = try #require(day.gaps.last)
    #expect(gap.reason == .stopped && gap.from == TestSite.noon && gap.length == 120, "\(day.gaps)")
    #expect(try await running.daemon.desk.review()["finding"] != nil)
  }

  /// Starts the site, finds no damage, counts a little and stops.
  private static func countOn(_ site: TestSite) async throws {
    let running = try await site.start()
    #expect(try await damages(running).isEmpty)
    try await running.pass(2)
    try await running.daemon.finish()
  }

  @Test func `a first start that was broken off is no loss`() async throws {
    // The journal has its tables, but nothing was committed to it.
    let site = try TestSite()
    do { _ = try await site.start(installing: try Self.byFile(site)) }
    try Self.loseJournal(site)
    #expect(try await LedgerReviewTests.review(site)["finding"] == nil)
    try await Self.countOn(site)
    // The journal was committed, but the ledger was not told before the end.
    try LedgerReviewTests.change(site.folder.ledger, "DELETE FROM counting")
    try await Self.countOn(site)
    try Self.loseJournal(site)
    let last = try await site.start()
    #expect(try await Self.damages(last).count == 1)
  }

  @Test func `since when it counted may be lost to the disk, but not that it did`() async throws {
    let site = try await Self.counted()
    try LedgerReviewTests.change(
      site.folder.ledger, "PRAGMA ignore_check_constraints = ON; UPDATE counting SET since = 0")
    do { #expect(try await site.open().ledger.counting() == .unknown) }
    try Self.loseJournal(site)
    let running = try await site.start()
    #expect(try await Self.damages(running).count == 1)
  }
}
