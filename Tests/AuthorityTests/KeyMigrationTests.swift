@testable import Authority
import Foundation
import GRDB
import Licensing
import Platform
import Sealing
import Testing

/// A registry of the first schema keeps working.
@Suite struct KeyMigrationTests {
  private static let dump = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appending(path: "Registries/1.sql")

  /// The registry as the program of the first schema left it.
  private func withOldRegistry(_ body: (String) throws -> Void) throws {
    let folder = NSTemporaryDirectory() + "registry-1-" + UUID().uuidString
    try Files.makeFolder("\(folder)/keys")
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let sql = try String(contentsOf: Self.dump, encoding: .utf8)
    var configuration = Configuration()
    configuration.foreignKeysEnabled = false
    let queue = try DatabaseQueue(
      path: "\(folder)/registry.sqlite", configuration: configuration)
    try queue.write { try $0.execute(sql: sql) }
    try queue.close()
    try body(folder)
  }

  @Test func `everything in it is still there, and the log is whole`() throws {
    try withOldRegistry { folder in
      let authority = try Office.open(folder, HandClock(Office.start + 10 * 86_400))
      let registry = authority.registry
      #expect(try registry.keys().count == 5)
      #expect(try registry.keys().allSatisfy(\.stands))
      #expect(try registry.keysets().map(\.keyset.epoch) == [1, 2])
      #expect(try registry.licenses().count == 1)
      #expect(try registry.releases().count == 1)
      #expect(try registry.customers().count == 1)
      #expect(try registry.newestRevocations() == nil)
      #expect(try registry.pendingIntent() == nil)
      let report = try registry.verifyAudit()
      #expect(report.faults.isEmpty && report.rows == 10 && report.documents == 4)
    }
  }

  @Test func `what is new can be done in it, and intents go on counting`() throws {
    try withOldRegistry { folder in
      let authority = try Office.open(folder, HandClock(Office.start + 10 * 86_400))
      let old = try #require(try authority.registry.keys().last { $0.role == .online(.revocation) })
      _ = try authority.revokeKey(old.thumbprint, reason: "lost", why: "")
      #expect(try authority.registry.key(old.thumbprint).revoked?.reason == "lost")
      let key = try #require(try authority.registry.keys().first)
      let word = try #require(IntentBinding(by: key.thumbprint.text, signature: "none"))
      func matter(_ kind: Intent.Kind, _ action: AuditEntry.Action, _ kid: Thumbprint?)
        -> IntentMatter
      {
        IntentMatter(
          kind: kind, action: action, subject: "1", kid: kid, payload: "{}",
          author: Author(who: "maria", why: "", at: Office.start))
      }
      let intent = try authority.registry.begin(
        matter(.revocations, .licenseRevoke, key.thumbprint), bound: word)
      #expect(intent.id == 5)
      let error = #expect(throws: AuthorityError.self) {
        try authority.registry.begin(matter(.keyset, .keysetPublish, nil), bound: word)
      }
      #expect(error?.code == .intentPending)
      _ = try authority.dropPending(why: "a test")
      #expect(try authority.registry.verifyAudit().faults.isEmpty)
    }
  }

  @Test func `a migrated schema holds what a new one holds`() throws {
    func schema(_ folder: String) throws -> [String] {
      let queue = try DatabaseQueue(path: "\(folder)/registry.sqlite")
      defer { try? queue.close() }
      return try queue.read { db in
        try String.fetchAll(
          db, sql: "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY type, name")
      }
    }
    let fresh = try Office()
    try withOldRegistry { folder in
      try Office.open(folder, HandClock(Office.start)).registry.close()
      let new = try schema(fresh.folder).map { $0.filter { !$0.isWhitespace } }
      #expect(try schema(folder).map { $0.filter { !$0.isWhitespace } } == new)
      #expect(new.count > 10)
    }
  }
}
