import GRDB
import Metering
import Platform
import Storage
import Testing
import Verifier

/// No space for the ledger: its file may not grow any more.
@Suite struct FullDiskTests {
  private static func fill(_ ledger: Ledger) async throws {
    try await ledger.database.pool.write { db in
      let pages = try Int.fetchOne(db, sql: "PRAGMA page_count") ?? 0
      try db.execute(sql: "PRAGMA max_page_count = \(pages)")
    }
  }

  private static func free(_ ledger: Ledger) async throws {
    try await ledger.database.pool.write { try $0.execute(sql: "PRAGMA max_page_count = 100000") }
  }

  /// A site whose ledger takes nothing more.
  private static func full(_ site: TestSite) async throws -> RunningSite {
    let running = try await site.start(installing: try site.license(), weather: .down)
    try await fill(running.ledger)
    // What is left of the last pages goes first.
    for _ in 0..<500 {
      do throws(VerifierError) {
        try await running.ledger.record(
          ReportRun(
            at: 0, origin: .serve, records: 0, outcome: "OFFLINE",
            detail: String(repeating: "x", count: 900)))
      } catch {
        #expect(error.code == .storeFull)
        return running
      }
    }
    throw TestSite.Missing(what: "a full ledger")
  }

  @Test func `a report that finds no space for its trace ends nothing`() async throws {
    let site = try TestSite()
    let running = try await Self.full(site)
    for _ in 0..<3 {
      let run = try await running.report(force: true)
      #expect(run?.outcome == "GATEWAY_UNREACHABLE")
    }
    try await running.daemon.minute()
  }

  @Test func `counting goes on in memory, says so, and catches up when there is space`()
    async throws
  {
    let site = try TestSite()
    let running = try await Self.full(site)
    var refused = false
    for host in 0..<40 {
      _ = try running.beat("host-\(host)")
      try await running.pass(5)
      if !running.daemon.desk.isReady { refused = true }
    }
    #expect(refused)
    #expect(running.daemon.desk.isReady == false)
    #expect(try running.view.online == 40)
    try await Self.free(running.ledger)
    try await running.pass(6)
    #expect(running.daemon.desk.isReady)
    #expect(try await running.records().last?.peak?.count == 40)
  }
}
