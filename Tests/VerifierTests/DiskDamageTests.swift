import CivilTime
import Foundation
import GRDB
import Libcrypto
import Platform
import Sealing
import Storage
import TestSupport
import Testing
import Verifier

/// What the disk changes of what no seal protects.
@Suite struct DiskDamageTests {
  struct Change: Sendable, CustomTestStringConvertible {
    var name: String
    var sql: String
    var testDescription: String { name }
  }

  static let changes = [
    Change(
      name: "the peak", sql: "UPDATE state SET body = replace(body, '\"peak\":[', '\"peak\":[1')"),
    Change(name: "the boot", sql: "UPDATE state SET boot = boot || '-'"),
    Change(name: "a weight", sql: "UPDATE collector SET weight = weight + 1"),
    Change(name: "a last beat", sql: "UPDATE collector SET last = last - 1"),
    Change(name: "a sum", sql: "UPDATE collector SET sum = sum + 1"),
    Change(name: "who is online", sql: "UPDATE collector SET online = 1 - online"),
    Change(name: "a rule", sql: "UPDATE identity_rule SET rule = replace(rule, 'host', 'hosu')"),
    Change(name: "a rule's date", sql: "UPDATE identity_rule SET date = '2026-11-29'"),
  ]

  @Test(arguments: changes)
  func `a row of the journal that was changed is refused`(change: Change) async throws {
    #expect(Self.changes.count == 8)
    let site = try await LedgerReviewTests.site()
    try LedgerReviewTests.change(site.folder.journal, change.sql)
    await #expect(throws: VerifierError(.ledgerUnusable, "")) { try await site.start() }
    let finding = try #require(try await LedgerReviewTests.review(site)["finding"])
    #expect(finding["place"]?.string == "journal")
    #expect(finding["cure"]?.string?.contains("restore journal.sqlite") == true)
  }

  @Test func `a segment or a name of the open date that was changed is named`() async throws {
    for sql in [
      "UPDATE segment SET weight = weight + 1 WHERE date = '2026-11-22'",
      "UPDATE segment SET date = '2026-11-23'", "UPDATE segment SET date = '1999-12-31'",
      "DELETE FROM identity WHERE (high, low) IN (SELECT high, low FROM segment "
        + "WHERE date = '2026-11-22')",
    ] {
      let site = try await Self.counted()
      #expect(try await LedgerReviewTests.review(site)["finding"] == nil)
      try LedgerReviewTests.change(site.folder.journal, sql)
      let finding = try #require(try await LedgerReviewTests.review(site)["finding"], "\(sql)")
      #expect(finding["place"]?.string == "journal", "\(sql)")
    }
  }

  @Test func `the name of a collector that is online is missed, and so is what a constraint holds`()
    async throws
  {
    for (sql, place) in [
      ("UPDATE identity SET low = low + 1", "journal"),
      ("UPDATE identity SET bytes = 'AAAA'", "journal"),
      ("DELETE FROM identity", "journal"),
      ("PRAGMA ignore_check_constraints = 1; UPDATE counting SET since = since + 1", "ledger"),
    ] {
      let site = try await Self.online()
      #expect(try await LedgerReviewTests.review(site)["finding"] == nil)
      try LedgerReviewTests.change(
        place == "journal" ? site.folder.journal : site.folder.ledger, sql)
      let finding = try #require(try await LedgerReviewTests.review(site)["finding"], "\(sql)")
      #expect(finding["place"]?.string == place, "\(sql)")
    }
  }

  @Test func `a list of migrations that cannot be read is called damage, with its cure`()
    async throws
  {
    let site = try await Self.online()
    for path in [site.folder.ledger, site.folder.journal] {
      let whole = try Data(contentsOf: URL(filePath: path))
      var damaged = whole
      // Where its page, the second one, says its first row lies.
      damaged[4096 + 8] ^= 1
      try damaged.write(to: URL(filePath: path))
      let error = await #expect(throws: VerifierError.self) { try await site.start() }
      #expect(error?.message.contains("is damaged: restore it") == true, "\(path)")
      try whole.write(to: URL(filePath: path))
    }
    _ = try await site.start()
  }

  /// A site that was stopped while one collector was online.
  private static func online() async throws -> TestSite {
    let site = try TestSite(at: TestSite.midnight + 20)
    let running = try await site.start(installing: try site.license())
    _ = try running.beat("a", weight: 2)
    try await running.pass(5)
    try await running.daemon.finish()
    return site
  }

  /// A site that has counted one collector to its end on the date that is open.
  private static func counted() async throws -> TestSite {
    let site = try TestSite(at: TestSite.midnight - 20)
    let running = try await site.start(installing: try site.license())
    try await running.pass(40)
    _ = try running.beat("a", weight: 2)
    try await running.pass(400)
    try await running.daemon.finish()
    return site
  }

  /// A site that closed a date and could not seal its record.
  private static func closing() async throws -> TestSite {
    let site = try TestSite(at: TestSite.midnight - 20)
    let running = try await site.start(installing: try site.license())
    _ = try running.beat("a", weight: 2)
    try await running.pass(10)
    try LedgerReviewTests.change(
      site.folder.ledger,
      "CREATE TRIGGER shut BEFORE INSERT ON record BEGIN SELECT RAISE(ABORT, 'shut'); END")
    await #expect(throws: VerifierError.self) { try await running.pass(30) }
    try LedgerReviewTests.change(site.folder.ledger, "DROP TRIGGER shut")
    return site
  }

  @Test func `a date that waits for its record is sealed as it was counted, or not at all`()
    async throws
  {
    let site = try await Self.closing()
    #expect(try await LedgerReviewTests.review(site)["finding"] == nil)
    for sql in [
      "UPDATE closed_day SET payload = replace(payload, '\"peak\":2', '\"peak\":1')",
      "UPDATE closed_day SET date = '2026-11-20'", "UPDATE closed_day SET sum = sum + 1",
    ] {
      let whole = try Data(contentsOf: URL(filePath: site.folder.journal))
      try LedgerReviewTests.change(site.folder.journal, sql)
      let finding = try #require(try await LedgerReviewTests.review(site)["finding"], "\(sql)")
      #expect(finding["place"]?.string == "journal", "\(sql)")
      let running = try await site.start()
      await #expect(throws: VerifierError(.ledgerUnusable, ""), "\(sql)") {
        try await running.pass(5)
      }
      try whole.write(to: URL(filePath: site.folder.journal))
    }
    try LedgerReviewTests.change(site.folder.journal, "DELETE FROM closed_day")
    let finding = try #require(try await LedgerReviewTests.review(site)["finding"])
    #expect(finding["what"]?.string?.contains("counting began before") == true)
  }

  @Test func `what is noted of dropped evidence is held against its sum`() async throws {
    let site = try await LedgerReviewTests.site()
    let journal = try Journal(
      path: site.folder.journal, evidenceKey: try await site.open().keys.evidence,
      using: LibcryptoProvider())
    _ = try await journal.dropEvidence(
      before: try #require(CivilDate("2026-11-22")), at: TestSite.midnight, limit: 100)
    try journal.database.close()
    let json = try await LedgerReviewTests.review(site)
    #expect(json["evidence_dropped"] == .array([.string("2026-11-21")]), "\(json.text)")
    try LedgerReviewTests.change(site.folder.journal, "UPDATE dropped_evidence SET at = at + 1")
    #expect(try await LedgerReviewTests.review(site)["finding"] != nil)
  }

  @Test func `evidence of a date that is gone while an earlier one's is there was taken away`()
    async throws
  {
    let site = try await LedgerReviewTests.site()
    try LedgerReviewTests.change(
      site.folder.journal,
      """
      INSERT INTO segment (date, high, low, begins, ends, weight)
      SELECT '2026-11-20', high, low, begins, ends, weight FROM segment LIMIT 1;
      DELETE FROM segment WHERE date = '2026-11-21'
      """)
    let finding = try #require(try await LedgerReviewTests.review(site)["finding"])
    #expect(finding["place"]?.string == "evidence", "\(finding.text)")
    #expect(finding["what"]?.string?.contains("2026-11-21") == true, "\(finding.text)")
  }

  @Test func `another key of evidence is refused: under it every collector would be new`()
    async throws
  {
    let site = try await LedgerReviewTests.site()
    try Files.replace(
      site.folder.evidenceKey, with: [UInt8](repeating: 7, count: 32), mode: 0o600)
    await #expect(throws: VerifierError(.ledgerUnusable, "")) { try await site.start() }
  }

  @Test func `a document or floor that was changed counts for nothing, and is said`() async throws {
    let site = try await LedgerReviewTests.site()
    let floor = try #require(try await site.open().ledger.floor())
    try LedgerReviewTests.change(
      site.folder.ledger,
      "UPDATE held SET text = substr(text, 1, 90) || 'AAAA' || substr(text, 95) "
        + "WHERE kind = 'license'")
    try await Self.expectRemarks(site, floor: floor)
    let finding = try #require(try await LedgerReviewTests.review(site)["finding"])
    #expect(finding["place"]?.string == "state")
  }

  /// Opens the folder by itself: one at a time may.
  private static func expectRemarks(_ site: TestSite, floor: Int64) async throws {
    let installation = try await site.open()
    #expect(try await installation.remarks().count == 1)
    #expect(try await installation.remarks().first?.contains("install the vendor's file") == true)
    #expect(await installation.shelf.content.licenses.isEmpty)
    #expect(try await installation.ledger.floor() == floor)
    try LedgerReviewTests.change(
      site.folder.ledger,
      "PRAGMA ignore_check_constraints = 1; UPDATE floor SET instant = instant + 1000000")
    #expect(try await installation.remarks().count == 2)
    #expect(try await installation.ledger.floor() == nil)
    try await installation.ledger.saveFloor(floor)
    #expect(try await installation.ledger.floor() == floor)
    #expect(try await installation.remarks().count == 1)
  }

  @Test func `a log that was changed before its end is refused, a torn end is not`() async throws {
    let folder = try FileManager.default.url(
      for: .itemReplacementDirectory, in: .userDomainMask,
      appropriateFor: URL(fileURLWithPath: "/tmp"), create: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let path = folder.appending(path: "a.sqlite").path
    let log = try await Self.log(of: path)
    let frame = 24 + 4096
    let frames = (log.count - 32) / frame
    #expect(frames > 8)
    for index in 0..<frames {
      var changed = log
      changed[32 + index * frame + 500] ^= 1
      // Of the last two commits nobody can tell whether they were flushed.
      guard index < frames - 6 || index == frames - 1 else { continue }
      #expect(try Self.isRefused(path, log: changed) == (index < frames - 6), "frame \(index)")
    }
    // The header was flushed with the first of the commits.
    for place in 0..<32 {
      var changed = log
      changed[place] ^= 1
      #expect(try Self.isRefused(path, log: changed), "byte \(place)")
    }
    for length in stride(from: 0, to: log.count, by: 997) {
      #expect(try !Self.isRefused(path, log: Data(log.prefix(length))), "cut at \(length)")
    }
  }

  /// The log of a database that was not closed, with a page in each commit.
  private static func log(of path: String) async throws -> Data {
    let database = try DurableDatabase(
      path: path, migrations: [Migration("1", sql: "CREATE TABLE t (a INTEGER) STRICT")])
    for number in 0..<12 {
      try await database.pool.write { try $0.execute(sql: "INSERT INTO t VALUES (\(number))") }
    }
    let log = try Data(contentsOf: URL(fileURLWithPath: "\(path)-wal"))
    try FileManager.default.copyItem(atPath: path, toPath: "\(path).kept")
    try database.close()
    return log
  }

  private static func isRefused(_ path: String, log: Data) throws -> Bool {
    let kept = try Data(contentsOf: URL(fileURLWithPath: "\(path).kept"))
    try? FileManager.default.removeItem(atPath: "\(path)-shm")
    try kept.write(to: URL(fileURLWithPath: path))
    try log.write(to: URL(fileURLWithPath: "\(path)-wal"))
    do throws(StorageError) {
      try DurableDatabase(
        path: path, migrations: [Migration("1", sql: "CREATE TABLE t (a INTEGER) STRICT")]
      ).close()
      return false
    } catch {
      #expect(error.code == .damaged && error.message.contains("-wal is damaged at frame"))
      return true
    }
  }
}
