import Foundation
import GRDB
import Gateway
import Libcrypto
import Licensing
import Sealing
import Storage
import Testing
import TestServers

/// Findings that were kept before they had names and states are taken over whole, on each store.
@Suite struct FindingMigrationTests {
  /// The table as it was, with two findings in it; the earlier one has the later place in the order of codes.
  private static let rows = """
    INSERT INTO findings (installation, code, seq, first_at, last_at, count)
      SELECT id, 'FORKED', 7, 200, 300, 4 FROM installations;
    INSERT INTO findings (installation, code, seq, first_at, last_at, count)
      SELECT id, 'ZONE_DISAGREES', 2, 100, 100, 1 FROM installations;
    """

  private static func hold(_ store: any LedgerStore, _ name: Thumbprint) async throws {
    let findings = try await store.read {
      try $0.findings(FindingFilter(installation: name), after: nil, limit: 9)
    }
    #expect(findings.map(\.id.text) == ["fnd_1", "fnd_2"])
    #expect(findings.map(\.code) == [.zoneDisagrees, .forked])
    #expect(findings.map(\.count) == [1, 4] && findings.map(\.seq) == [2, 7])
    #expect(findings.map(\.firstAt) == [100, 200] && findings.map(\.lastAt) == [100, 300])
    #expect(findings.allSatisfy { $0.state == .open && $0.line.text == "lin_1" })
    for finding in findings {
      let history = try await store.read { try $0.events(of: finding.id) }
      #expect(history == [FindingEvent(.opened, at: finding.firstAt, by: "tally-gateway")])
    }
    #expect(try await store.read { try $0.strayFindings(limit: 9) }.isEmpty)
    #expect(try await store.read { try $0.watches(due: 0, limit: 9) } == [name])
    let state = try await store.state(of: name)
    #expect(state?.head.silent == 0)
    let change = try await store.change { try $0.note(.forked, seq: 9, of: name, at: 400) }
    #expect(change == .counted)
    let added = try await store.change { try $0.note(.chainGap, seq: 9, of: name, at: 400) }
    #expect(added == .opened)
    let third = try await store.read { try $0.finding(FindingID(number: 3)) }
    #expect(third?.code == .chainGap)
  }

  @Test func `in a file of the version before`() async throws {
    let folder = FileManager.default.temporaryDirectory.appending(
      path: "migration-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let path = folder.appending(path: "ledger.sqlite").path
    let stage = try await StoreContractTests.Stage(.sqlite)
    let (key, name) = (stage.chain.key.publicKey, stage.name)
    await stage.store.close()
    try FileManager.default.removeItem(at: stage.folder)
    guard case .ed25519(let point) = key else { throw TestInstallation.Missing() }
    let sql = """
      INSERT INTO licenses (id, line, revision, jws, seen_at) VALUES ('lic_1', 'lin_1', 1, 'j', 1);
      INSERT INTO installations (id, thumbprint, public_key, line, license, enrolment, activation,
        activated_at) VALUES (1, '\(name)', '\(Base64.encode(point, .url))', 'lin_1', 'lic_1', 'e',
        'a', 1000);
      INSERT INTO heads (installation, seq, word_at, receipt_at) VALUES (1, 0, 0, 1000);
      \(Self.rows)
      """
    let last = try #require(LedgerSchema.migrations.firstIndex { $0.name == "8-final-statements" })
    let before = LedgerSchema.migrations[last]
    let old = try DurableDatabase(
      path: path,
      migrations: LedgerSchema.migrations[..<last] + [
        Migration(before.name) { db in
          try before.run(db)
          try db.execute(sql: sql)
        }
      ])
    try old.close()
    let store = try SQLiteLedgerStore(path: path)
    try await Self.hold(store, name)
    await store.close()
    try FileManager.default.removeItem(at: folder)
  }

  /// What the version before had in place of what is there now.
  private static let back = """
    SET search_path = tally;
    DROP TABLE deliveries, webhooks, events, finding_states, findings, watches;
    ALTER TABLE heads DROP COLUMN silent;
    CREATE TABLE findings (
      installation bigint NOT NULL REFERENCES installations (id),
      code text COLLATE "C" NOT NULL,
      seq bigint NOT NULL,
      first_at bigint NOT NULL,
      last_at bigint NOT NULL,
      count bigint NOT NULL CHECK (count > 0),
      PRIMARY KEY (installation, code)
    );
    UPDATE ledger SET schema = 1;
    """

  @Test func `in a database of the version before`() async throws {
    let stage = try await StoreContractTests.Stage(.postgres)
    let name = stage.name
    await stage.store.close()
    let cluster = try await PostgresCluster.shared.value
    try cluster.ask("\(Self.back) \(Self.rows)", in: stage.folder.lastPathComponent)
    let store = try await StoreKind.postgres.open(stage.folder)
    try await Self.hold(store, name)
    await store.close()
    try await StoreKind.postgres.remove(stage.folder)
  }
}
