import CivilTime
import Foundation
import GRDB
import Libcrypto
import Licensing
import Metering
import Sealing
import TestSupport
import Testing
import Verifier

@Suite struct RetentionTests {
  private static let day: Int64 = 86_400

  /// A ledger with dates of two samples each, all receipted on the morning after, and a last receipt.
  struct Kept {
    let opened: LedgerTests.Opened
    var ledger: Ledger { opened.ledger }

    init(days: Int64, last: Int64) async throws {
      opened = try LedgerTests.Opened()
      for date in 20_000..<(20_000 + days) {
        for (second, closes) in [(100, false), (200, false), (0, true)] as [(Int64, Bool)] {
          _ = try await opened.ledger.append(
            LedgerTests.draft(
              day: date, at: second, closes: closes, root: opened.key.thumbprint))
        }
        let seq = (date - 20_000 + 1) * 3
        try await receipt(seq, at: (date + 1) * RetentionTests.day)
      }
      try await receipt(days * 3, at: last)
    }

    func receipt(_ seq: Int64, at instant: Int64) async throws {
      let entry = try await opened.ledger.records(from: seq, limit: 1).first
      let receipt = Receipt(
        iss: opened.site.vendor.iss, iat: instant, installation: opened.key.thumbprint, seq: seq,
        head: entry?.hash, position: seq)
      try await opened.ledger.store(try opened.site.vendor.seal(receipt))
    }

    /// What a review of the chain alone finds.
    func finding(through: Int64) throws -> LedgerFinding? {
      let queue = try DatabaseQueue(path: opened.path)
      defer { try? queue.close() }
      let rows = try queue.read { db in
        try Row.fetchAll(
          db, sql: "SELECT seq, jws, hash, kind, date, at, dropped FROM record ORDER BY seq")
      }.map {
        Ledger.RawRecord(
          seq: $0["seq"], jws: $0["jws"], hash: $0["hash"], kind: $0["kind"], date: $0["date"],
          at: $0["at"], dropped: $0["dropped"])
      }
      var review = ChainReview(key: opened.key)
      do throws(LedgerFinding) {
        for row in rows { _ = try review.follow(row) }
        try review.end()
        try review.requireReceipts(through: through)
        return nil
      } catch { return error }
    }
  }

  @Test func `samples are dropped 35 days after their date has a receipt, days never`()
    async throws
  {
    // Of five dates the first two had a receipt 35 days before the last receipt.
    let kept = try await Kept(days: 5, last: (20_002 + 35) * Self.day)
    let before = try await kept.ledger.records(from: 3, limit: 1)
    while try await kept.ledger.dropSamples(limit: 3) {}
    #expect(try await kept.ledger.dropSamples(limit: 3) == false)
    #expect(try kept.finding(through: 15) == nil)
    #expect(try await kept.ledger.count() == 15)
    #expect(try await kept.ledger.records(from: 3, limit: 1) == before)
    for seq: Int64 in [1, 2, 4, 5] {
      await #expect(throws: VerifierError(.samplesDropped, "")) {
        try await kept.ledger.records(from: seq, limit: 10)
      }
      #expect(try await kept.ledger.hash(of: seq) != nil)
    }
    #expect(try await kept.ledger.records(from: 6, limit: 100).map(\.seq) == Array(6...15))
    #expect(try await kept.ledger.records(from: 3, limit: 100).map(\.seq) == [3])
    // The start-up check goes from the last receipt, and from one of a dropped sample.
    let entry = try await kept.ledger.records(from: 15, limit: 1).first
    for (seq, hash) in [
      (15, entry?.hash), (5, try await kept.ledger.hash(of: 5)),
    ] as [(Int64, Digest?)] {
      let receipt = Receipt(
        iss: "v", iat: 1, installation: kept.opened.key.thumbprint, seq: seq, head: hash,
        position: seq)
      #expect(try await kept.opened.damage(receipt: receipt) == nil, "\(seq)")
    }
  }

  @Test func `no second sooner, and without receipts nothing is dropped`() async throws {
    let kept = try await Kept(days: 5, last: (20_001 + 35) * Self.day - 1)
    #expect(try await kept.ledger.dropSamples(limit: 100) == false)
    #expect(try await kept.ledger.records(from: 1, limit: 100).count == 15)
    let silent = try LedgerTests.Opened()
    try await silent.fill(3)
    #expect(try await silent.ledger.dropSamples(limit: 100) == false)
  }

  static let edits: [(String, String, Int64)] = [
    ("another hash", "UPDATE record SET hash = substr(hash, 2) || 'A' WHERE seq = 1", 1),
    ("another date", "UPDATE record SET date = '2024-10-03' WHERE seq = 2", 2),
    ("another instant", "UPDATE record SET at = at + 1 WHERE seq = 4", 4),
    (
      "the next one's row",
      "UPDATE record SET hash = (SELECT hash FROM record WHERE seq = 5), dropped = (SELECT dropped "
        + "FROM record WHERE seq = 5) WHERE seq = 4", 4
    ),
    ("one gone", "DELETE FROM record WHERE seq = 2", 2),
    (
      "a sample of a date that has no receipt",
      "UPDATE record SET jws = NULL, dropped = hash WHERE seq = 13", 13
    ),
  ]

  @Test func `an edit among dropped samples is found in its place`() async throws {
    #expect(Self.edits.count == 6)
    for (name, sql, seq) in Self.edits {
      let kept = try await Kept(days: 5, last: (20_002 + 35) * Self.day)
      while try await kept.ledger.dropSamples(limit: 3) {}
      try kept.opened.site.execute(sql)
      #expect(try kept.finding(through: 15)?.seq == seq, "\(name)")
    }
  }

  @Test func `bytes that went before the date had a receipt are named`() async throws {
    let kept = try await Kept(days: 3, last: (20_003 + 35) * Self.day)
    while try await kept.ledger.dropSamples(limit: 100) {}
    // The last date's receipt was renewed: its samples are still there.
    #expect(try kept.finding(through: 6) == nil)
    #expect(try kept.finding(through: 5)?.seq == 4)
  }

  /// A site whose daemon counted over a midnight, and has ended.
  private static func stopped(
    window: Int64, before: [String], after: String
  ) async throws -> TestSite {
    let site = try TestSite(at: TestSite.midnight - 20)
    let running = try await site.start(installing: try site.license(window: window))
    for name in before { _ = try running.beat(name) }
    try await running.pass(40)
    _ = try running.beat(after)
    try await running.pass(3)
    try await running.daemon.finish()
    return site
  }

  @Test func `evidence goes a piece at a time and is noted`() async throws {
    let site = try await Self.stopped(window: 300, before: ["a", "b"], after: "a")
    let installation = try await site.open()
    let journal = try Journal(
      path: site.folder.journal, evidenceKey: installation.keys.evidence,
      using: LibcryptoProvider())
    let first = try #require(CivilDate("2026-11-21"))
    let second = try #require(CivilDate("2026-11-22"))
    #expect(try await journal.dropEvidence(before: first, at: 7, limit: 1) == false)
    #expect(try await journal.droppedEvidence(of: first) == nil)
    var turns = 0
    while try await journal.dropEvidence(before: second, at: 7, limit: 1) { turns += 1 }
    #expect(turns == 2)
    #expect(try await journal.droppedEvidence(of: first) == 7)
    #expect(try await journal.evidence(of: first).root.leaves == 0)
    // Both still count today: their names stay.
    #expect(try await journal.identities(named: Array("b".utf8)).count == 1)
    let gateway = FakeGateway(
      vendor: site.vendor, clocks: site.clocks, key: installation.keys.installation.publicKey,
      line: site.line)
    let desk = try await ControlDesk.direct(
      installation, client: gateway, logger: TestSite.logger)
    let review = try await desk.review()
    #expect(review["whole"] == .bool(true), "\(review.text)")
    #expect(review["evidence_dropped"] == .array([.string("2026-11-21")]))
    await #expect(throws: VerifierError(.evidenceNotKept, "")) {
      try await desk.evidence(of: first)
    }
    let lines = Lines()
    try await desk.explain(ExplainRequest(date: first)).send(to: lines)
    #expect(lines.head["evidence"]?.string == "dropped")
    #expect(lines.head["dropped_at"]?["at"]?.integer == 7)
  }

  @Test func `the name of a collector goes with the last date on which it counted`() async throws {
    let site = try await Self.stopped(window: 5, before: ["gone"], after: "here")
    let journal = try Journal(
      path: site.folder.journal, evidenceKey: try await site.open().keys.evidence,
      using: LibcryptoProvider())
    let second = try #require(CivilDate("2026-11-22"))
    while try await journal.dropEvidence(before: second, at: 7, limit: 10) {}
    #expect(try await journal.identities(named: Array("gone".utf8)).isEmpty)
    #expect(try await journal.identities(named: Array("here".utf8)).count == 1)
  }

  @Test func `nobody is forgotten because the clock was set forward over a year`() async throws {
    let site = try await Self.stopped(window: 300, before: ["a"], after: "b")
    site.clocks.set(wall: TestSite.midnight + 500 * Self.day)
    let again = try await site.start(bootID: "boot-2")
    // A quarter of an hour later the clock is believed, and the dates that it skipped are closed.
    try await again.pass(1000)
    let queue = try DatabaseQueue(path: site.folder.journal)
    defer { try? queue.close() }
    #expect(try await again.records().count { $0.stage == .day } > 400)
    let seen = try await queue.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM inventory") }
    #expect(seen == 2)
  }

  @Test func `a daemon drops evidence by the floor, not by a clock that was set forward`()
    async throws
  {
    let site = try await Self.stopped(window: 300, before: ["a"], after: "b")
    site.clocks.set(wall: TestSite.midnight + 500 * Self.day)
    let again = try await site.start(bootID: "boot-2")
    try await again.pass(5)
    func kept() throws -> Int {
      let queue = try DatabaseQueue(path: site.folder.journal)
      defer { try? queue.close() }
      return try queue.read {
        try Int.fetchOne($0, sql: "SELECT count(*) FROM segment WHERE date = '2026-11-21'") ?? 0
      }
    }
    #expect(try kept() == 1)
  }
}
