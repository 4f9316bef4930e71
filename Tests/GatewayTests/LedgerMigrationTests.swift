import Billing
import CivilTime
import Foundation
import GRDB
import Gateway
import Libcrypto
import Metering
import Sealing
import Storage
import Testing

/// A ledger written before decisions had places in it is taken over whole.
@Suite struct LedgerMigrationTests {
  static let filled = """
    INSERT INTO licenses (id, line, revision, jws, seen_at) VALUES ('lic_1', 'lin_1', 1, 'j', 1);
    INSERT INTO installations (id, thumbprint, public_key, line, license, enrolment, activation,
      activated_at) VALUES (1, 'NAME', 'POINT', 'lin_1', 'lic_1', 'e', 'a', 1000);
    INSERT INTO heads (installation, seq, hash, word_at, receipt_at)
      VALUES (1, 3, 'HASH', 5, 6);
    INSERT INTO entries (position, installation, kind, seq, hash, jws, received_at, license,
      revision, date, from_at, to_at, at, peak, peak_at, online, collectors, refused, observed,
      gaps, "window", dwell, identity) VALUES
      (2, 1, 'sample', 1, 'HASH', 'first', 7, 'lic_1', 1, 20000, 0, 60, 60, 4, 3, 4, 4, 0, 60,
        '[]', 300, 0, 'datakit:hostname'),
      (5, 1, 'day', 2, 'HASH', 'second', 8, 'lic_1', 1, 20000, 0, 86400, 86400, 9, 3, 4, 4, 0,
        86400, '[{"from":1,"to":2,"reason":"stopped"}]', 300, 0, 'datakit:hostname');
    INSERT INTO entries (position, installation, kind, seq, hash, jws, received_at)
      VALUES (6, 1, 'quarantined', 3, 'HASH', 'third', 9);
    """

  @Test func `every entry keeps its place, and the next one follows the last`() async throws {
    let folder = FileManager.default.temporaryDirectory.appending(
      path: "migration-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let path = folder.appending(path: "ledger.sqlite").path
    let stage = try await StoreContractTests.Stage(.sqlite)
    let (key, closing) = (stage.chain.key.publicKey, try stage.closing(seq: nil))
    let name = stage.name
    guard case .ed25519(let point) = key else { throw TestInstallation.Missing() }
    await stage.store.close()
    try FileManager.default.removeItem(at: stage.folder)
    let hash = try TestInstallation.some(Digest(Array(repeating: 3, count: 32)))
    let rows = Self.filled.replacing("'NAME'", with: "'\(name)'")
      .replacing("POINT", with: Base64.encode(point, .url)).replacing("HASH", with: hash.text)
    let last = try #require(LedgerSchema.migrations.firstIndex { $0.name == "6-rules" })
    let before = LedgerSchema.migrations[last]
    let old = try DurableDatabase(
      path: path,
      migrations: LedgerSchema.migrations[..<last] + [
        Migration(before.name) { db in
          try before.run(db)
          try db.execute(sql: rows)
        }
      ])
    try old.close()
    let store = try SQLiteLedgerStore(path: path)
    let date = try TestInstallation.some(CivilDate(daysSinceEpoch: 20_000))
    try await store.read { ledger throws in
      #expect(try ledger.position() == 6)
      #expect(try ledger.hashes(of: name, in: 1...9).count == 3)
      #expect(try ledger.record(3, of: name) == "third")
      let usage = try ledger.usage(of: name, from: date, through: date)
      #expect(usage.map(\.kind) == [.day] && usage.map(\.peak) == [9])
      #expect(usage.map(\.sampledPeak) == [4] && usage.first?.gaps.count == 1)
      #expect(usage.first?.rule?.window == 300)
      #expect(try ledger.dates(of: name) == [date: true])
      #expect(try ledger.looks(due: 0, of: nil, limit: 9) == [name])
    }
    let position = try await store.change {
      try $0.append(closing, sealed: "closing", of: name, at: 10)
    }
    #expect(position == 7)
    await store.close()
    try FileManager.default.removeItem(at: folder)
  }
}
