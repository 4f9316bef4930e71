import Billing
import CivilTime
import Foundation
import Gateway
import Libcrypto
import Licensing
import Metering
import Sealing
import Storage
import Testing

/// What every implementation of ``LedgerStore`` must do.
@Suite struct StoreContractTests {
  struct Undone: Error {}

  static func play(
    _ kind: StoreKind, _ body: (inout Stage) async throws -> Void
  ) async throws {
    var stage = try await Stage(kind)
    try await body(&stage)
    await stage.store.close()
    try await kind.remove(stage.folder)
  }

  /// One store and an installation in it.
  struct Stage {
    let kind: StoreKind
    let folder: URL
    private(set) var store: any LedgerStore
    var chain: TestInstallation

    init(_ kind: StoreKind) async throws {
      self.kind = kind
      folder = FileManager.default.temporaryDirectory.appending(
        path: "store-\(UUID().uuidString)")
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      store = try await kind.open(folder)
      let license = try TestInstallation.some(LicenseID("lic_1"))
      chain = try TestInstallation(
        license: license, root: Thumbprint(LibcryptoProvider().sha256([1])),
        date: "2026-10-01")
      let installation = try self.installation(chain)
      try await store.change { ledger in
        try ledger.put(Self.license("lic_1", revision: 1, isPublished: false), at: 5)
        try ledger.add(installation, enrolment: "enrolment", activation: "activation")
      }
    }

    var name: Thumbprint { chain.thumbprint }

    func installation(_ chain: TestInstallation, at: Int64 = 1000) throws -> Installation {
      Installation(
        thumbprint: chain.thumbprint, key: chain.key.publicKey,
        line: try TestInstallation.some(LineID("lin_1")), license: chain.license,
        activatedAt: at)
    }

    static func license(
      _ id: String, revision: Int64, isPublished: Bool, line: String = "lin_1"
    ) throws -> StoredLicense {
      StoredLicense(
        id: try TestInstallation.some(LicenseID(id)),
        line: try TestInstallation.some(LineID(line)), revision: revision, jws: "jws of \(id)",
        isPublished: isPublished)
    }

    mutating func reopen() async throws {
      await store.close()
      store = try await kind.open(folder)
    }

    /// Appends a record and returns its position.
    @discardableResult
    mutating func append(
      _ record: UsageRecord, quarantined: Bool = false
    ) async throws -> Int64 {
      let jws = try chain.take(record)
      let head = ChainHead(
        seq: chain.seq, hash: chain.head, wordAt: record.at, dayTo: record.to, receiptAt: 7)
      let entry = LedgerEntry(
        seq: record.seq, hash: try TestInstallation.some(chain.head), jws: jws,
        content: quarantined ? .quarantined : .usage(record, chain.license))
      return try await store.change { [name] ledger in
        try ledger.append([entry], of: name, head: head, at: 8)
      }
    }

    /// The open date's closing, made from a statement as the gateway makes it.
    func closing(seq: Int64?) throws -> DateClosing {
      let sample = UsageEntry(
        installation: name, seq: 1, kind: .sample, date: chain.date, from: chain.from,
        to: chain.from + 600, peak: 3, peakAt: chain.from, observed: 600,
        rule: UsageRecord.Rule(window: 300, dwell: 0, identity: "datakit:hostname"),
        license: chain.license, revision: 1)
      var license = try TestSite.payg("1", revision: 1, from: "2026-10-01")
      license.iat = 0
      let basis = StatementBasis(
        month: Month(of: chain.date), zone: .utc, asOf: chain.from + 90_000, position: 1,
        licenses: [license],
        installations: [BilledInstallation(thumbprint: name, activatedAt: chain.from)],
        entries: seq == nil ? [] : [sample])
      return try TestInstallation.some(try basis.openDates().first).closing
    }

    /// Appends a day record and begins the next date.
    mutating func day(peak: Int64, unobserved: Int64 = 0) async throws {
      try await append(try chain.next(peak: peak, after: 0, closing: true, unobserved: unobserved))
      chain.advance()
    }
  }

  @Test func `there are stores to hold to the contract`() {
    #expect(StoreKind.all.map(\.testDescription) == ["SQLite", "PostgreSQL"])
  }

  @Test(arguments: StoreKind.all)
  func `what was changed is there, at once and after opening again`(_ kind: StoreKind) async throws
  {
    try await Self.play(kind) { stage in
      try await stage.append(try stage.chain.next(peak: 3, after: 60))
      try await stage.append(try stage.chain.next(peak: 4, after: 90))
      for _ in 0..<2 {
        let head = stage.chain.head
        let name = stage.name
        let state = try await stage.store.state(of: name)
        #expect(state?.head.seq == 2)
        #expect(state?.head.hash == head)
        #expect(state?.installation.activatedAt == 1000)
        try await stage.store.read { ledger throws in
          #expect(try ledger.state(of: name) == state)
          #expect(try ledger.position() == 2)
          #expect(try ledger.hashes(of: name, in: 2...9) == [2: head])
          #expect(try ledger.activation(of: name) == "activation")
          #expect(try ledger.newestUsage(of: name)?.peak?.count == 4)
          #expect(try ledger.recordCount(of: name) == 2)
        }
        try await stage.reopen()
      }
    }
  }

  @Test(arguments: StoreKind.all)
  func `what a change throws undoes that change and no other`(_ kind: StoreKind) async throws {
    try await Self.play(kind) { stage in
      let store = stage.store
      let name = stage.name
      let outcomes = await withTaskGroup(of: Bool.self) { group in
        for index in 0..<100 {
          group.addTask {
            do {
              try await store.change { ledger in
                try ledger.note(.clockAhead, seq: 1, of: name, at: 9)
                var head = try TestInstallation.some(ledger.state(of: name)).head
                head.wordAt += 1
                try ledger.setHead(head, of: name)
                if index % 3 == 0 { throw Undone() }
              }
              return true
            } catch { return false }
          }
        }
        return await group.reduce(into: [Bool]()) { $0.append($1) }
      }
      #expect(outcomes.count { $0 } == 66)
      for _ in 0..<2 {
        #expect(try await stage.store.state(of: name)?.head.wordAt == 66)
        let findings = try await stage.store.read { try $0.findings(of: name) }
        #expect(findings.map(\.count) == [66])
        try await stage.reopen()
      }
    }
  }

  @Test(arguments: StoreKind.all)
  func `a place in a chain is taken once`(_ kind: StoreKind) async throws {
    try await Self.play(kind) { stage in
      let record = try stage.chain.next(peak: 3, after: 60)
      try await stage.append(record)
      let name = stage.name
      let entry = LedgerEntry(
        seq: 1, hash: LibcryptoProvider().sha256([2]), jws: "other", content: .quarantined)
      let store = stage.store
      await #expect(throws: StorageError.self) {
        try await store.change { ledger in
          try ledger.append([entry], of: name, head: ChainHead(seq: 1, hash: entry.hash), at: 9)
        }
      }
      try await stage.append(try stage.chain.next(peak: 4, after: 90))
      #expect(try await stage.store.state(of: name)?.head.seq == 2)
    }
  }

  @Test(arguments: StoreKind.all)
  func `a receipt is found at its record, or first after it`(_ kind: StoreKind) async throws {
    try await Self.play(kind) { stage in
      let name = stage.name
      let receipts = [2, 5, 9].map { seq in
        StoredReceipt(seq: seq, position: seq, iat: seq, jws: "receipt \(seq)")
      }
      let alive = StoredAlive(at: 4, jws: "alive", receipt: receipts[0])
      let newer = StoredAlive(at: 5, jws: "newer", receipt: receipts[1])
      try await stage.store.change { ledger in
        for receipt in receipts { try ledger.add(receipt, of: name) }
        try ledger.setAlive(alive, of: name)
        try ledger.setAlive(newer, of: name)
      }
      try await stage.reopen()
      try await stage.store.read { ledger throws in
        for (seq, found) in [(1, 2), (2, 2), (3, 5), (5, 5), (6, 9), (9, 9)] as [(Int64, Int64)] {
          #expect(try ledger.receipt(of: name, atOrAfter: seq)?.seq == found)
        }
        #expect(try ledger.receipt(of: name, atOrAfter: 10) == nil)
        #expect(try ledger.receiptCount(of: name) == 3)
        #expect(try ledger.alive(of: name) == newer)
      }
    }
  }

  @Test(arguments: StoreKind.all)
  func `the first conflict is kept, the others are counted`(_ kind: StoreKind) async throws {
    try await Self.play(kind) { stage in
      let name = stage.name
      for index in 1...3 as ClosedRange<Int64> {
        try await stage.store.change { ledger in
          try ledger.noteConflict(
            seq: index, records: ["proof \(index)", "seal"], of: name, at: index)
          try ledger.note(.forked, seq: index, of: name, at: index)
        }
      }
      try await stage.store.read { ledger throws in
        let kept = StoredConflict(seq: 1, records: ["proof 1", "seal"], count: 3)
        #expect(try ledger.conflict(of: name) == kept)
        let line = try TestInstallation.some(LineID("lin_1"))
        let finding = LedgerFinding(
          id: FindingID(number: 1), installation: name, line: line, code: .forked, seq: 1,
          lastSeq: 3, firstAt: 1, lastAt: 3, count: 3)
        #expect(try ledger.findings(of: name) == [finding])
      }
    }
  }

  @Test(arguments: StoreKind.all)
  func `licenses, keysets, revocations and tokens are kept`(_ kind: StoreKind) async throws {
    try await Self.play(kind) { stage in
      let token = Token(
        id: "tok_1", hash: LibcryptoProvider().sha256([3]), scopes: [.read, .publish],
        note: "n", createdAt: 1, expiresAt: 9)
      try await stage.store.change { ledger in
        try ledger.put(Stage.license("lic_3", revision: 3, isPublished: true), at: 1)
        try ledger.put(Stage.license("lic_2", revision: 2, isPublished: false), at: 1)
        try ledger.put(Stage.license("lic_9", revision: 9, isPublished: true, line: "lin_9"), at: 1)
        try ledger.put(Stage.license("lic_3", revision: 3, isPublished: false), at: 2)
        try ledger.put(Stage.license("lic_2", revision: 2, isPublished: true), at: 2)
        for epoch in [4, 1, 4] as [Int64] {
          try ledger.put(StoredKeyset(epoch: epoch, text: "keyset \(epoch)"), at: 1)
        }
        try ledger.setRevocations("first", at: 1)
        try ledger.setRevocations("second", at: 2)
        try ledger.add(token)
      }
      try await stage.reopen()
      let line = try TestInstallation.some(LineID("lin_1"))
      try await stage.store.read { ledger throws in
        let licenses = try ledger.licenses(of: line)
        #expect(licenses.map(\.revision) == [1, 2, 3])
        #expect(licenses.map(\.isPublished) == [false, true, true])
        #expect(try ledger.keysets().map(\.epoch) == [1, 4])
        #expect(try ledger.revocations() == "second")
        #expect(try ledger.token(hash: token.hash) == token)
        #expect(try ledger.tokens() == [token])
      }
      #expect(try await stage.store.change { try $0.revokeToken("tok_1", at: 3) })
      #expect(try await stage.store.change { try $0.revokeToken("tok_1", at: 4) } == false)
      let revoked = try await stage.store.read { try $0.tokens().first?.revokedAt }
      #expect(revoked == 3)
    }
  }

  @Test(arguments: StoreKind.all)
  func `usage is given by date: day records, and of open dates the newest sample`(
    _ kind: StoreKind
  ) async throws {
    try await Self.play(kind) { stage in
      try await stage.append(try stage.chain.next(peak: 1, after: 600))
      try await stage.day(peak: 5)
      try await stage.append(try stage.chain.next(peak: 2, after: 600))
      try await stage.append(try stage.chain.next(peak: 6, after: 900))
      try await stage.append(
        try stage.chain.next(peak: 9, after: 1200), quarantined: true)
      let name = stage.name
      let first = try TestInstallation.some(CivilDate("2026-10-01"))
      let second = try TestInstallation.some(CivilDate("2026-10-02"))
      try await stage.store.read { ledger throws in
        let usage = try ledger.usage(of: name, from: first, through: second)
        #expect(usage.map(\.kind) == [.day, .sample])
        #expect(usage.map(\.peak) == [5, 6])
        #expect(usage.map(\.seq) == [2, 4])
        #expect(try ledger.usage(of: name, from: second, through: second).count == 1)
        #expect(try ledger.usage(of: name, from: first, through: first).count == 1)
      }
    }
  }

  @Test(arguments: StoreKind.all)
  func `history is what a bill can carry from`(_ kind: StoreKind) async throws {
    try await Self.play(kind) { stage in
      let days: [(peak: Int64, unobserved: Int64)] = [
        (90, 7200), (80, 0), (1, 0), (2, 0), (3, 0), (4, 7200), (5, 0), (6, 0), (7, 0), (8, 0),
        (9, 7200),
      ]
      for day in days { try await stage.day(peak: day.peak, unobserved: day.unobserved) }
      try await stage.append(try stage.chain.next(peak: 70, after: 600))
      let name = stage.name
      let date = try TestInstallation.some(CivilDate("2026-10-13"))
      try await stage.store.read { ledger throws in
        let history = try ledger.usageHistory(of: name, before: date)
        // The seven latest well observed, the highest, the latest closed, the open one.
        let peaks = Set(history.compactMap(\.peak))
        #expect(peaks == [1, 2, 3, 5, 6, 7, 8, 90, 9, 70])
        #expect(history.count == peaks.count)
      }
    }
  }

  @Test(arguments: StoreKind.all)
  func `a closed store takes nothing more`(_ kind: StoreKind) async throws {
    try await Self.play(kind) { stage in
      let store = stage.store
      await store.close()
      #expect(await store.end() == nil)
      await #expect(throws: StorageError.self) {
        try await store.change { try $0.setRevocations("late", at: 1) }
      }
      try await stage.reopen()
    }
  }

  @Test(arguments: StoreKind.all)
  func `many writers of one chain are as one after the other`(_ kind: StoreKind) async throws {
    try await Self.play(kind) { stage in
      let store = stage.store
      let name = stage.name
      await withTaskGroup(of: Void.self) { group in
        for _ in 0..<64 {
          group.addTask {
            for _ in 0..<20 {
              try? await store.change { ledger in
                let head = try TestInstallation.some(ledger.state(of: name)).head
                let hash = LibcryptoProvider().sha256([UInt8(truncatingIfNeeded: head.seq)])
                let next = ChainHead(seq: head.seq + 1, hash: hash)
                let entry = LedgerEntry(
                  seq: next.seq, hash: hash, jws: "x", content: .quarantined)
                _ = try ledger.append([entry], of: name, head: next, at: 1)
              }
            }
          }
        }
      }
      #expect(try await stage.store.state(of: name)?.head.seq == 1280)
      let count = try await stage.store.read { try $0.recordCount(of: name) }
      #expect(count == 1280)
    }
  }
}
