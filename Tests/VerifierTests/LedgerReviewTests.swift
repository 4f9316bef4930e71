import CivilTime
import Foundation
import GRDB
import Libcrypto
import Licensing
import Metering
import Platform
import Sealing
import TestSupport
import Testing
import Verifier

@Suite struct LedgerReviewTests {
  /// A site that counted over a midnight, reported, and stopped.
  static func site() async throws -> TestSite {
    let site = try TestSite(at: TestSite.midnight - 20)
    let running = try await site.start(installing: try site.license())
    _ = try running.beat("a", "b", weight: 2)
    try await running.pass(10)
    _ = try running.beat("c")
    try await running.pass(30)
    _ = try running.beat("d")
    try await running.pass(10)
    _ = try await running.report(force: true)
    try await running.daemon.finish()
    return site
  }

  static func review(_ site: TestSite) async throws -> JSONValue {
    let installation = try await site.open()
    let gateway = FakeGateway(
      vendor: site.vendor, clocks: site.clocks, key: installation.keys.installation.publicKey,
      line: site.line)
    return try await ControlDesk.direct(installation, client: gateway, logger: TestSite.logger)
      .review()
  }

  static func change(_ path: String, _ sql: String) throws {
    let queue = try DatabaseQueue(path: path)
    try queue.write { try $0.execute(sql: sql) }
    try queue.close()
  }

  @Test func `a whole ledger is whole, and everything in it was gone through`() async throws {
    let site = try await Self.site()
    let json = try await Self.review(site)
    #expect(json["whole"] == .bool(true), "\(json.text)")
    #expect(json["finding"] == nil)
    #expect(json["records"]?.integer ?? 0 >= 3)
    #expect(json["dates"]?.integer == 1)
    #expect(json["receipts"]?.integer ?? 0 >= 1)
    #expect(json["evidence_roots"]?.integer == 1)
    #expect(json["evidence_dropped"] == .array([]))
    #expect(json["evidence_lost"] == .array([]))
    #expect(json["open_date"]?.string == "2026-11-22")
    #expect(json["attested"]?.integer == 0)
  }

  @Test func `dates that passed since nothing counts are no damage`() async throws {
    let site = try await Self.site()
    site.clocks.pass(3 * 86_400)
    let json = try await Self.review(site)
    #expect(json["whole"] == .bool(true), "\(json.text)")
    #expect(json["open_date"]?.string == "2026-11-22")
  }

  @Test func `a daemon that counts is asked as well`() async throws {
    let site = try TestSite(at: TestSite.midnight - 5)
    let running = try await site.start(installing: try site.license())
    _ = try running.beat("a")
    try await running.pass(20)
    let json = try await running.daemon.desk.review()
    #expect(json["whole"] == .bool(true), "\(json.text)")
    #expect(json["dates"]?.integer == 1)
    _ = try running.beat("b")
    try await running.pass(5)
    #expect(try await running.daemon.desk.review()["whole"] == .bool(true))
  }

  struct Attack: Sendable, CustomTestStringConvertible {
    let name: String
    var inJournal = false
    let sql: String
    let place: String
    /// The place named; 0 for none, -1 for that of the record which closed the date.
    let seq: Int64
    var testDescription: String { name }
  }

  static let flipped = """
    UPDATE record SET jws = substr(jws, 1, 300) ||
    CASE substr(jws, 301, 1) WHEN 'A' THEN 'B' ELSE 'A' END || substr(jws, 302)
    """

  static let attacks = [
    Attack(name: "bytes changed", sql: "\(flipped) WHERE seq = 2", place: "record", seq: 2),
    Attack(
      name: "another hash",
      sql: "UPDATE record SET hash = (SELECT hash FROM record WHERE seq = 1) "
        + "WHERE seq = 2", place: "record", seq: 2),
    Attack(
      name: "first one gone", sql: "DELETE FROM record WHERE seq = 1", place: "record", seq: 1),
    Attack(name: "one gone", sql: "DELETE FROM record WHERE seq = 2", place: "record", seq: 2),
    Attack(
      name: "the row's date", sql: "UPDATE record SET date = '2026-11-20' WHERE seq = 1",
      place: "record", seq: 1),
    Attack(
      name: "the row's instant", sql: "UPDATE record SET at = at + 1 WHERE seq = 2",
      place: "record", seq: 2),
    Attack(
      name: "one record twice",
      sql: "UPDATE record SET jws = (SELECT jws FROM record WHERE seq = 1), "
        + "hash = (SELECT hash FROM record WHERE seq = 1) WHERE seq = 2", place: "record", seq: 2),
    Attack(
      name: "a receipt of another place", sql: "UPDATE receipt SET seq = seq - 1",
      place: "receipt", seq: -2),
    Attack(
      name: "a receipt changed",
      sql: "UPDATE receipt SET jws = substr(jws, 1, 200) || 'AAAA' || substr(jws, 205)",
      place: "receipt", seq: -3),
    Attack(
      name: "another installation's record",
      sql:
        "INSERT INTO record SELECT substr(installation, 2) || 'A', seq, jws, hash, kind, date, at, "
        + "dropped FROM record WHERE seq = 1", place: "ledger", seq: 0),
    Attack(
      name: "a leaf's weight", inJournal: true,
      sql: "UPDATE segment SET weight = weight + 1 WHERE date = '2026-11-21' AND id = "
        + "(SELECT min(id) FROM segment)", place: "evidence", seq: -1),
    Attack(
      name: "a leaf gone", inJournal: true,
      sql: "DELETE FROM segment WHERE id = (SELECT min(id) FROM segment)", place: "evidence",
      seq: -1),
    Attack(
      name: "a collector's name", inJournal: true,
      sql: "UPDATE identity SET bytes = 'AAAA' WHERE bytes = (SELECT min(bytes) FROM identity)",
      place: "evidence", seq: -1),
  ]

  @Test(arguments: attacks)
  func `whatever is changed is named, the first first`(attack: Attack) async throws {
    #expect(Self.attacks.count == 13)
    let site = try await Self.site()
    let queue = try DatabaseQueue(path: site.folder.ledger)
    let (closing, receipted) = try await queue.read { db in
      (
        try Int64.fetchOne(db, sql: "SELECT seq FROM record WHERE kind = 'day'") ?? 0,
        try Int64.fetchOne(db, sql: "SELECT min(seq) FROM receipt") ?? 0
      )
    }
    try queue.close()
    try Self.change(attack.inJournal ? site.folder.journal : site.folder.ledger, attack.sql)
    let json = try await Self.review(site)
    #expect(json["whole"] == .bool(false), "\(json.text)")
    let finding = try #require(json["finding"], "\(json.text)")
    #expect(finding["place"]?.string == attack.place, "\(json.text)")
    let expected: Int64? =
      switch attack.seq {
      case 0: nil
      case -1: closing
      case -2: receipted - 1
      case -3: receipted
      default: attack.seq
      }
    #expect(finding["seq"]?.integer == expected, "\(json.text)")
    #expect(finding["cure"]?.string?.contains("keep this folder") == true)
  }

  @Test func `a tail that was cut off is missed by whoever was told of it`() async throws {
    let site = try await Self.site()
    let queue = try DatabaseQueue(path: site.folder.ledger)
    let last = try await queue.read { try Int64.fetchOne($0, sql: "SELECT max(seq) FROM record") }
    try queue.close()
    let seq = try #require(last)
    try Self.change(site.folder.ledger, "DELETE FROM record WHERE seq = \(seq)")
    try Self.change(site.folder.ledger, "DELETE FROM receipt")
    let finding = try #require(try await Self.review(site)["finding"])
    #expect(finding["seq"]?.integer == seq)
    #expect(finding["what"]?.string?.contains("has been told of") == true)
  }

  @Test func `evidence that is not kept any more is said, and is no damage`() async throws {
    let site = try await Self.site()
    try Self.change(site.folder.journal, "DELETE FROM segment WHERE date = '2026-11-21'")
    let json = try await Self.review(site)
    #expect(json["whole"] == .bool(true), "\(json.text)")
    #expect(json["evidence_lost"] == .array([.string("2026-11-21")]))
    #expect(json["evidence_dropped"] == .array([]))
    #expect(json["evidence_roots"]?.integer == 0)
  }

  @Test func `records are attested by a later seal, and the last ones by nothing else`()
    async throws
  {
    let opened = try LedgerTests.Opened()
    try await opened.fill(3)
    let entries = try await opened.ledger.records(from: 1, limit: 10)
    var review = ChainReviewProbe(key: opened.key)
    // The signature of record 1 is lost, and record 2 is sealed anew over what is left.
    let stripped = try ChainReviewProbe.withoutSeal(entries[0].jws)
    var second = try UsageRecord.parse(
      UnverifiedDocument(Array(entries[1].jws.utf8), as: .usage).payload)
    second.prev = LibcryptoProvider().sha256(Array(stripped.utf8))
    let resealed = try opened.key.seal(second)
    #expect(review.follow([stripped, resealed]) == nil)
    var last = ChainReviewProbe(key: opened.key)
    #expect(last.follow([stripped])?.seq == 1)
    var broken = ChainReviewProbe(key: opened.key)
    #expect(broken.follow([stripped, entries[1].jws])?.seq == 1)
  }

  @Test func `dates with a hole between them and peaks that fall are named`() async throws {
    let key = try InstallationKey.generate()
    func chain(_ drafts: [RecordDraft]) throws -> [String] {
      var head = ChainHead.none
      return try drafts.map { draft in
        let jws = try key.seal(draft.record(of: key.thumbprint, after: head))
        head = ChainHead(
          seq: head.seq + 1, hash: LibcryptoProvider().sha256(Array(jws.utf8)))
        return jws
      }
    }
    func draft(_ day: Int64, at: Int64 = 100, peak: Int64 = 3, closes: Bool = false) -> RecordDraft
    {
      LedgerTests.draft(day: day, at: at, peak: peak, closes: closes, root: key.thumbprint)
    }
    let cases: [(name: String, drafts: [RecordDraft], seq: Int64?)] = [
      (
        "whole", [draft(1), draft(1, at: 200, peak: 4), draft(1, peak: 4, closes: true), draft(2)],
        nil
      ),
      ("a hole", [draft(1, closes: true), draft(3, closes: true)], 2),
      ("a hole before a sample", [draft(1, closes: true), draft(3)], 2),
      ("a closed date again", [draft(1, closes: true), draft(1)], 2),
      ("closed twice", [draft(1, closes: true), draft(1, closes: true)], 2),
      ("an earlier date", [draft(2), draft(1)], 2),
      ("a sample's peak falls", [draft(1, peak: 5), draft(1, at: 200, peak: 4)], 2),
      ("the date's peak falls", [draft(1, peak: 5), draft(1, peak: 4, closes: true)], 2),
    ]
    #expect(cases.count == 8)
    for entry in cases {
      var probe = ChainReviewProbe(key: key)
      #expect(probe.follow(try chain(entry.drafts))?.seq == entry.seq, "\(entry.name)")
    }
  }
}

/// Follows sealed records as a ledger would store them.
struct ChainReviewProbe {
  private var review: ChainReview

  init(key: InstallationKey) { review = ChainReview(key: key) }

  mutating func follow(_ records: [String]) -> LedgerFinding? {
    do throws(LedgerFinding) {
      for (index, jws) in records.enumerated() {
        let payload = (try? UnverifiedDocument(Array(jws.utf8), as: .usage)).flatMap {
          try? UsageRecord.parse($0.payload)
        }
        guard let payload else { return LedgerFinding(.record, nil, "no record") }
        _ = try review.follow(
          Ledger.RawRecord(
            seq: Int64(index + 1), jws: jws,
            hash: LibcryptoProvider().sha256(Array(jws.utf8)).text, kind: payload.stage.rawValue,
            date: payload.date.description, at: payload.at))
      }
      try review.end()
      return nil
    } catch { return error }
  }

  /// The same record with another signature.
  static func withoutSeal(_ jws: String) throws -> String {
    let parts = jws.split(separator: ".")
    guard parts.count == 3 else { throw TestSite.Missing(what: "three parts") }
    let other = Base64.encode([UInt8](repeating: 7, count: 64), .url)
    return "\(parts[0]).\(parts[1]).\(other)"
  }
}
