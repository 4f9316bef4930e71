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

@Suite struct LedgerTests {
  /// A sample of a date, or the record that closes it.
  static func draft(
    day: Int64, at second: Int64 = 100, peak: Int64 = 3, closes: Bool = false, root: Thumbprint
  ) -> RecordDraft {
    let from = day * 86_400
    let to = closes ? from + 86_400 : from + second
    let digest = LibcryptoProvider().sha256([])
    let summary = DaySummary(
      date: CivilDate(clampingDaysSinceEpoch: day), from: from, to: to,
      peak: Peak(count: peak, at: from), online: peak, distinct: 1, refused: 0,
      observed: to - from, gaps: [], gapsMerged: 0)
    let closing = UsageRecord.Closing(
      minutes: [MinuteRun(minutes: 1440, count: peak)],
      evidence: EvidenceRoot(leaves: 1, root: digest))
    return RecordDraft(
      license: "lic_1", revision: 1, at: to, day: summary, limit: nil,
      rule: UsageRecord.Rule(window: 300, dwell: 0, identity: "datakit:hostname"), release: nil,
      root: root, closing: closes ? closing : nil)
  }

  struct Opened {
    let site: TestSite
    let key: InstallationKey
    let ledger: Ledger
    var path: String { site.folder.ledger }

    init() throws {
      site = try TestSite()
      key = try InstallationKey.generate()
      try Files.makeFolder(site.folder.path)
      ledger = try Ledger(path: site.folder.ledger, key: key, now: TestSite.noon)
    }

    func fill(_ count: Int64) async throws {
      for day in 0..<count {
        _ = try await ledger.append(
          LedgerTests.draft(day: 20_000 + day, closes: true, root: key.thumbprint))
      }
    }

    func damage(receipt: Receipt? = nil, standing: String? = nil) async throws -> LedgerDamage? {
      try await ledger.damage(receipt: receipt, key: key, standing: standing)
    }

    func receipt(seq: Int64) async throws -> Receipt {
      let entry = try await ledger.records(from: seq, limit: 1).first
      return Receipt(
        iss: "v", iat: TestSite.noon, installation: key.thumbprint, seq: seq, head: entry?.hash,
        position: seq)
    }
  }

  @Test func `records form a chain from 1 without holes`() async throws {
    let opened = try Opened()
    #expect(try await opened.ledger.head() == .none)
    try await opened.fill(5)
    let entries = try await opened.ledger.records(from: 1, limit: 100)
    #expect(entries.map(\.seq) == [1, 2, 3, 4, 5])
    #expect(try await opened.ledger.head() == ChainHead(seq: 5, hash: entries[4].hash))
    let seal = InstallationSeal(
      key: opened.key.publicKey, cryptography: LibcryptoProvider())
    var previous: Digest?
    for entry in entries {
      let record: UsageRecord = try seal.open(Array(entry.jws.utf8)).payload
      #expect(record.prev == previous)
      previous = entry.hash
    }
    #expect(try await opened.damage() == nil)
  }

  @Test func `a date is closed once`() async throws {
    let opened = try Opened()
    let root = opened.key.thumbprint
    _ = try await opened.ledger.append(Self.draft(day: 20_000, root: root))
    let first = try await opened.ledger.append(Self.draft(day: 20_000, closes: true, root: root))
    let again = try await opened.ledger.append(
      Self.draft(day: 20_000, peak: 99, closes: true, root: root))
    #expect(again == first)
    #expect(try await opened.ledger.head().seq == 2)
    #expect(try await opened.ledger.days(limit: 10) == [first])
  }

  @Test func `appends from many tasks leave no hole and no double`() async throws {
    let opened = try Opened()
    let ledger = opened.ledger
    let root = opened.key.thumbprint
    await withTaskGroup { group in
      for index in 0..<20 {
        group.addTask {
          _ = try? await ledger.append(
            Self.draft(day: 20_000 + Int64(index), closes: true, root: root))
        }
      }
    }
    #expect(try await opened.ledger.head().seq == 20)
    #expect(try await opened.damage() == nil)
  }

  @Test func `the ledger of another installation is refused`() async throws {
    let opened = try Opened()
    #expect(throws: VerifierError(.ledgerUnusable, "")) {
      _ = try Ledger(path: opened.path, key: InstallationKey.generate(), now: 0)
    }
  }

  @Test func `every record that is changed, missing or swapped is named`() async throws {
    for seq in Int64(1)...4 {
      let flipped = try Opened()
      try await flipped.fill(4)
      let entry = try await flipped.ledger.records(from: seq, limit: 1)[0]
      var bytes = Array(entry.jws.utf8)
      bytes[bytes.count / 2] ^= 1
      try flipped.site.execute(
        "UPDATE record SET jws = ? WHERE seq = ?",
        [String(decoding: bytes, as: UTF8.self), seq])
      #expect(try await flipped.damage()?.seq == seq)

      let missing = try Opened()
      try await missing.fill(4)
      try missing.site.execute("DELETE FROM record WHERE seq = ?", [seq])
      let told = try await missing.receipt(seq: 4)
      #expect(
        try await missing.damage(receipt: seq == 4 ? Self.receipt(4, told) : nil)?.seq == seq)

      let rewritten = try Opened()
      try await rewritten.fill(4)
      let root = rewritten.key.thumbprint
      let other = try rewritten.key.seal(
        Self.draft(day: 30_000, closes: true, root: root).record(
          of: root, after: ChainHead(seq: seq - 1, hash: seq == 1 ? nil : entry.hash)))
      try rewritten.site.execute(
        "UPDATE record SET jws = ?, hash = ? WHERE seq = ?",
        [other, LibcryptoProvider().sha256(Array(other.utf8)).text, seq])
      // A record that its own key sealed anew breaks the chain where the next one follows it; the
      // last one has no next: only a receipt knows it.
      let damage = try await rewritten.damage()
      #expect(seq == 1 || damage?.seq == seq)
      if seq == 1 { #expect(damage?.seq == 2) }
    }
  }

  private static func receipt(_ seq: Int64, _ like: Receipt) -> Receipt {
    var receipt = like
    receipt.seq = seq
    return receipt
  }

  @Test func `a ledger cut below its receipt or its standing is named`() async throws {
    for kept in Int64(0)...3 {
      let opened = try Opened()
      try await opened.fill(4)
      let receipt = try await opened.receipt(seq: 4)
      let newest = try #require(try await opened.ledger.newest())
      try opened.site.execute("DELETE FROM record WHERE seq > ?", [kept])
      #expect(try await opened.damage() == nil)
      #expect(try await opened.damage(receipt: receipt)?.seq == kept + 1)
      #expect(try await opened.damage(standing: newest.jws)?.seq == kept + 1)
    }
  }

  @Test func `a record other than the one acknowledged is named`() async throws {
    let opened = try Opened()
    try await opened.fill(3)
    var receipt = try await opened.receipt(seq: 2)
    receipt.head = LibcryptoProvider().sha256([1])
    #expect(try await opened.damage(receipt: receipt)?.seq == 2)
  }

  @Test func `of receipts the newest and the newest with a lease are kept`() async throws {
    let opened = try Opened()
    let vendor = opened.site.vendor
    try await opened.fill(2)
    let plans: [(seq: Int64, iat: Int64, lease: Int64?)] = [
      (1, 100, 500), (1, 90, 400), (2, 110, 600), (2, 120, nil),
    ]
    for plan in plans {
      var receipt = try await opened.receipt(seq: plan.seq)
      receipt.iss = vendor.iss
      receipt.iat = plan.iat
      receipt.leaseThrough = plan.lease
      try await opened.ledger.store(try vendor.seal(receipt))
    }
    let stored = try await opened.ledger.receipts()
    #expect(stored.through == 2)
    let newest: Verified<Receipt> = try vendor.trust.open(
      Array(try #require(stored.newest).utf8))
    #expect(newest.payload.iat == 120)
    let leasing: Verified<Receipt> = try vendor.trust.open(
      Array(try #require(stored.leasing).utf8))
    #expect(leasing.payload.iat == 110)
  }

  @Test func `the floor is saved and never falls`() async throws {
    let opened = try Opened()
    #expect(try await opened.ledger.floor() == nil)
    try await opened.ledger.saveFloor(500)
    try await opened.ledger.saveFloor(400)
    #expect(try await opened.ledger.floor() == 500)
  }
}
