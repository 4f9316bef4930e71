import Billing
import CivilTime
import Foundation
import GRDB
import Gateway
import LibcryptoIssuing
import Licensing
import Reporting
import Sealing
import Storage
import Testing
import TestSupport

/// What is not as it was written is named, wherever it stands.
@Suite struct LedgerAuditTests {
  /// A ledger with everything in it: samples, days, something quarantined, closings, a decision, a final
  /// statement.
  static func fill(_ site: TestSite) async throws {
    var installation = try await site.activated()
    try installation.sample(peak: 5, after: 60)
    try installation.day(peak: 7)
    _ = try await site.report(installation, installation.records)
    try ClosedDateTests.addUnknown(to: &installation)
    try installation.sample(peak: 9, after: 120)
    _ = try await site.report(installation, Array(installation.records[2...]))
    site.clock.set(try DateCloserTests.midnight("2026-12-04"))
    _ = try await site.gateway.closer.closeDue()
    _ = try await FinalStatementTests.makeFinal(site, "2026-11")
    _ = try await site.gateway.decisions.release(
      installation.thumbprint, try StaffWord(by: "alice", why: "gone"))
  }

  static func audit(_ site: TestSite) async throws -> LedgerAudit.Outcome {
    try await LedgerAudit.run(site.store, try GatewayTrust(site.vendor.trust, revocations: nil))
  }

  @Test(.everyStore) func `what was written is whole`() async throws {
    try await TestSite.play { site in
      #expect(try await Self.audit(site) == LedgerAudit.Outcome())
      try await Self.fill(site)
      let outcome = try await Self.audit(site)
      #expect(outcome.faults.isEmpty && outcome.faultCount == 0, "\(outcome.faults)")
      #expect(outcome.entries == 14 && outcome.installations == 1)
      #expect(outcome.receipts == 2 && outcome.finalStatements == 1)
      let json = outcome.json(root: site.vendor.trust.root, isLedgersOwn: false)
      #expect(json["whole"] == true && json["root_is_ledgers_own"] == false)
    }
  }

  /// What nothing that is sealed speaks of.
  static let free: Set<String> = [
    "entries.received_at", "heads.word_at", "heads.day_to", "heads.silent", "installations.id",
    "final_statements.id", "final_statements.made_at", "receipts.installation",
    "licenses.published_at", "licenses.seen_at",
  ]

  /// Every cell of every row that bills or proves, changed one after the other.
  @Test func `each cell that is changed is found`() async throws {
    try await TestSite.play { site in
      try await Self.fill(site)
      await site.store.close()
      let path = site.folder.appending(path: "ledger.sqlite").path
      let trust = try GatewayTrust(site.vendor.trust, revocations: nil)
      let tried = try await Self.tryEach(
        of: ["entries", "receipts", "heads", "installations", "final_statements", "licenses"], path,
        trust)
      #expect(tried["entries.jws"] == 14 && tried["entries.position"] == 14)
      #expect(tried.values.reduce(0, +) > 200, "\(tried)")
      site = try await Self.reopened(site)
    }
  }

  /// Of installations that took each other's places, one of them by a permit, and gave signs of life.
  @Test func `each cell of places, permits and signs of life that is changed is found`()
    async throws
  {
    try await TestSite.play { site in
      let first = try await site.activated()
      let second = try await site.successor(of: first)
      let third = try site.installation()
      _ = try await site.gateway.decisions.permitReplacement(
        of: second.thumbprint, by: third.thumbprint, days: 7,
        try StaffWord(by: "alice", why: "the disk was lost"))
      _ = try await site.activate(third, replaces: second.thumbprint)
      site.clock.set(TestSite.noon + 3600)
      _ = try await site.report(third, [], alive: try third.alive(at: TestSite.noon + 3600))
      #expect(try await Self.audit(site).faults.isEmpty)
      await site.store.close()
      let tried = try await Self.tryEach(
        of: ["installations", "heads", "permit_uses", "alive", "entries"],
        site.folder.appending(path: "ledger.sqlite").path,
        try GatewayTrust(site.vendor.trust, revocations: nil))
      #expect(tried["installations.replaced_by"] == 3 && tried["permit_uses.installation"] == 1)
      #expect(tried["alive.receipt"] == 1 && tried["heads.receipt_at"] == 3, "\(tried)")
      site = try await Self.reopened(site)
    }
  }

  @Test(.everyStore) func `a retired key stands in the keysets before, and none can be put there`()
    async throws
  {
    try await TestSite.play { site in
      try await Self.fill(site)
      let next = try Self.keyset(3, of: site.vendor, retiring: .license)
      _ = try await site.gateway.publications.publish(Publication(keysets: [next]))
      let trust = try GatewayTrust(site.vendor.trust.advanced(by: [next]), revocations: nil)
      let whole = try await LedgerAudit.run(site.store, trust)
      #expect(whole.faults.isEmpty && whole.underRevokedKeys == 0, "\(whole.faults)")
      let forged = StoredKeyset(epoch: 2, text: try TestVendor(epoch: 2).keyset)
      try await site.store.change { try $0.put(forged, at: TestSite.noon) }
      let found = try await LedgerAudit.run(site.store, trust).faults
      #expect(found.count == 1 && found.first?.what.hasPrefix("keyset 2 does not follow") == true)
    }
  }

  /// A keyset in which another key has the place of one.
  private static func keyset(
    _ epoch: Int64, of vendor: TestVendor, retiring use: KeyUse
  ) throws -> String {
    let old = vendor.trust.keyset
    var keys = old.keys.filter { $0.use != use }
    keys.append(
      OnlineKey(
        key: try VendorKey.generate(.edDSA).publicKey, use: use, from: 0,
        through: 253_402_300_799, constraints: KeyConstraints()))
    let payload = Keyset(
      iss: old.iss, epoch: epoch, iat: old.iat, roots: old.roots, keys: keys, revoked: []
    ).json.serialized
    return KeysetDocument.text(
      payload: payload, signatures: [try vendor.root.signKeyset(payload)])
  }

  /// Changes every cell of the tables that something sealed speaks of, each in a copy of its own.
  /// - Returns: how many cells of each column were changed.
  private static func tryEach(
    of tables: [String], _ path: String, _ trust: GatewayTrust
  ) async throws -> [String: Int] {
    var tried: [String: Int] = [:]
    for table in tables {
      let (columns, count) = try shape(of: table, path)
      for column in columns where !free.contains("\(table).\(column)") {
        for place in 0..<count {
          let copy = path + "-copy"
          try? FileManager.default.removeItem(atPath: copy)
          try FileManager.default.copyItem(atPath: path, toPath: copy)
          guard try change(table, column, place, copy) else { continue }
          let found = try await isFound(copy, trust)
          #expect(found, "\(table).\(column) of row \(place)")
          tried["\(table).\(column)", default: 0] += 1
        }
      }
    }
    return tried
  }

  private static func reopened(_ site: TestSite) async throws -> TestSite {
    var site = site
    try await site.restart()
    return site
  }

  private static func shape(of table: String, _ path: String) throws -> ([String], Int) {
    let queue = try DatabaseQueue(path: path)
    defer { try? queue.close() }
    return try queue.read { db in
      (
        try db.columns(in: table).map(\.name),
        try Int.fetchOne(db, sql: "SELECT count(*) FROM \"\(table)\"") ?? 0
      )
    }
  }

  /// - Returns: whether there is another value that the column takes.
  private static func change(
    _ table: String, _ column: String, _ place: Int, _ path: String
  ) throws -> Bool {
    var configuration = Configuration()
    configuration.foreignKeysEnabled = false
    let queue = try DatabaseQueue(path: path, configuration: configuration)
    defer { try? queue.close() }
    return try queue.write { db in
      try db.execute(sql: "PRAGMA ignore_check_constraints = 1")
      let key = ["receipts": "seq", "licenses": "id"][table] ?? "rowid"
      let row = try Row.fetchOne(
        db,
        sql:
          "SELECT \(key), \"\(column)\" FROM \"\(table)\" ORDER BY \(key) LIMIT 1 OFFSET \(place)")
      guard let row else { return false }
      let changed: any DatabaseValueConvertible
      switch (row[1] as DatabaseValue).storage {
      case .int64(let number): changed = number + 100
      case .string(let text): changed = Self.another(text, column)
      case .null: changed = ["identity", "gaps", "hash", "license"].contains(column) ? "x" : 1
      case .double, .blob: return false
      }
      do {
        try db.execute(
          sql: "UPDATE \"\(table)\" SET \"\(column)\" = ? WHERE \(key) = ?",
          arguments: [changed, row[0] as DatabaseValue])
      } catch let error as DatabaseError where error.resultCode == .SQLITE_CONSTRAINT {
        return false
      }
      return true
    }
  }

  private static func another(_ text: String, _ column: String) -> String {
    switch column {
    case "kind": return text == "sample" ? "day" : "sample"
    case "jws", "activation": return text.replacing(/.\.[^.]*$/) { "A" + $0.output.dropFirst() }
    default:
      return text.hasPrefix("A") ? "B" + text.dropFirst() : "A" + text.dropFirst()
    }
  }

  /// A ledger that cannot even be read is found, too.
  private static func isFound(_ path: String, _ trust: GatewayTrust) async throws -> Bool {
    do {
      let store = try SQLiteLedgerStore(path: path)
      do {
        let outcome = try await LedgerAudit.run(store, trust)
        await store.close()
        return outcome.faultCount > 0
      } catch {
        await store.close()
        return true
      }
    } catch { return true }
  }

  @Test func `an entry that is taken out is found, with all that rested on it`() async throws {
    try await TestSite.play { site in
      try await Self.fill(site)
      await site.store.close()
      let path = site.folder.appending(path: "ledger.sqlite").path
      let trust = try GatewayTrust(site.vendor.trust, revocations: nil)
      for position in 1...14 {
        let copy = site.folder.appending(path: "copy-\(position).sqlite").path
        try FileManager.default.copyItem(atPath: path, toPath: copy)
        var configuration = Configuration()
        configuration.foreignKeysEnabled = false
        let queue = try DatabaseQueue(path: copy, configuration: configuration)
        try await queue.write {
          try $0.execute(sql: "DELETE FROM entries WHERE position = \(position)")
          // Whoever takes it out closes the ranks.
          try $0.execute(
            sql: "UPDATE entries SET position = position - 1 WHERE position > \(position)")
        }
        try queue.close()
        // Closings are in no chain; of a decision that freed a seat the seat tells.
        let isMissed = position <= 4 || position == 14
        #expect(try await Self.isFound(copy, trust) == isMissed, "\(position)")
      }
      site = try await Self.reopened(site)
    }
  }

  @Test(.everyStore) func `a finding whose state is not that of its history is found`()
    async throws
  {
    try await TestSite.play { site in
      let name = try await site.activated().thumbprint
      _ = try await site.store.change { try $0.note(.forked, seq: 2, of: name, at: 50) }
      #expect(try await Self.audit(site).faults.isEmpty)
      try await site.tamper("UPDATE findings SET state = 'acknowledged'")
      let faults = try await Self.audit(site).faults
      #expect(faults.map(\.what) == ["finding fnd_1 is in another state than its history says"])
    }
  }

  @Test func `a copy is whole, of one commit, and never takes a file's place`() async throws {
    try await TestSite.play { site in
      try await Self.fill(site)
      let path = site.folder.appending(path: "copy.sqlite").path
      let store = try #require(site.store as? SQLiteLedgerStore)
      try store.copy(to: path)
      #expect(throws: StorageError.self) { try store.copy(to: path) }
      let names = try FileManager.default.contentsOfDirectory(atPath: site.folder.path)
      #expect(names.filter { $0.hasPrefix("copy") } == ["copy.sqlite"])
      let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions]
      #expect(mode as? Int == 0o600)
      let copy = try SQLiteLedgerStore(path: path)
      let trust = try GatewayTrust(site.vendor.trust, revocations: nil)
      #expect(try await LedgerAudit.run(copy, trust) == (try await Self.audit(site)))
      await copy.close()
    }
  }
}
