@testable import Authority
import CivilTime
import Foundation
import GRDB
import Licensing
import Sealing
import Storage
import Testing

/// Whoever can write into the registry's file changes one thing: any cell, any row of any table. The walk
/// over the log finds it, or the registry does not open, or what is pending is not finished.
@Suite struct AuditEditTests {
  private static let gateway = "https://usage.vendor.example"

  /// An office that has done everything once, with one intent dropped and one pending.
  private func office() throws -> Office {
    let office = try Office()
    let authority = office.authority
    let payg = try office.issue(.payg, why: "order 1")
    var order = office.order(.community)
    order.customer = try authority.addCustomer("Caf\u{E9} K Ltd", why: "caf\u{E9}").id
    let community = try authority.issueLicense(order, passphrase: Office.secret(), why: "")
    var release = ReleaseOrder(
      product: order.product, version: "1.0", released: try #require(CivilDate("2026-11-20")))
    release.commit = "8f2e1c"
    _ = try authority.signRelease(release, passphrase: Office.secret(), why: "")
    _ = try authority.revokeLicenses(
      [payg.payload.jti], reason: "not paid", passphrase: Office.secret(), confirmed: true, why: "")
    for use in [KeyUse.license, .gateway] {
      let spare = try authority.newKey(
        KeyOrder(role: .online(use)), passphrase: Office.secret(), why: "")
      if use == .gateway {
        _ = try authority.revokeKey(spare.thumbprint, reason: "lost", why: "")
      } else {
        _ = try authority.retireKey(spare.thumbprint, why: "never used")
      }
    }
    _ = try authority.publishKeyset(
      iss: nil, threshold: nil, passphrase: Office.secret(), why: "second")
    let author = Author(who: "maria", why: "given up", at: Office.start)
    _ = try authority.begin(
      try authority.draft(order).license, as: .licenseIssue, with: community.kid, by: author)
    _ = try authority.dropPending(why: "not wanted")
    try authority.markPublished(authority.plan(for: Self.gateway), at: Self.gateway, why: "")
    _ = try authority.begin(
      try authority.draft(order).license, as: .licenseIssue, with: community.kid, by: author)
    return office
  }

  /// What is found once the file is open for edits, and no guard is in their way.
  private static let opened = [
    "trigger audit_is_not_changed is missing", "trigger audit_is_not_shortened is missing",
  ]

  private func open(_ office: Office) throws -> DatabaseQueue {
    var configuration = Configuration()
    configuration.foreignKeysEnabled = false
    let queue = try DatabaseQueue(
      path: "\(office.folder)/registry.sqlite", configuration: configuration)
    try queue.writeWithoutTransaction { db in
      try db.execute(sql: "PRAGMA ignore_check_constraints = ON")
      try db.execute(sql: "DROP TRIGGER audit_is_not_changed; DROP TRIGGER audit_is_not_shortened")
    }
    return queue
  }

  /// Other values for a cell; the database may refuse some of them. One is enough of each kind: whatever
  /// is compared is compared as a whole.
  private static func others(_ value: DatabaseValue) -> [DatabaseValue] {
    switch value.storage {
    case .null: return ["x".databaseValue, 5.databaseValue]
    case .int64(let number):
      return [number + 1, number + 1_000_003].map(\.databaseValue) + [.null]
    case .string(let text):
      let first = text.first.map { $0 == "A" ? "B" : "A" } ?? "A"
      // Other spellings that Swift takes for the same: é in two code points, the kelvin sign for K.
      let same = [
        text.replacing("\u{E9}", with: "e\u{301}"), text.replacing("K", with: "\u{212A}"),
      ].filter { !$0.isSameBytes(as: text) }
      return (["\(text) ", "\(first)\(text.dropFirst())"] + same).map(\.databaseValue) + [.null]
    case .double, .blob: return []
    }
  }

  /// Every table of the file, SQLite's own count of given numbers among them.
  private static func tables(_ db: Database) throws -> [String] {
    try String.fetchAll(
      db, sql: "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")
  }

  /// What is held elsewhere: the schema's steps, when the file is opened. They have their own test below.
  private static let heldElsewhere = "grdb_migrations"

  /// Runs an edit and takes it back.
  /// - Returns: whether it changed anything, nil where the database refuses it; and what was found.
  private func attempt(
    _ db: Database, _ sql: String, _ arguments: StatementArguments
  ) throws -> (isChanged: Bool, isFound: Bool)? {
    var outcome: (isChanged: Bool, isFound: Bool)?
    try db.inSavepoint {
      do { try db.execute(sql: sql, arguments: arguments) } catch is DatabaseError {
        return .rollback
      }
      let report = try? Registry.auditReport(db)
      outcome = (db.changesCount > 0, report.map { $0.faults != Self.opened } ?? true)
      return .rollback
    }
    return outcome
  }

  @Test func `an edit of any cell of any table is found, and the removal of any row`() throws {
    let office = try office()
    #expect(try office.authority.registry.verifyAudit().faults == [])
    try office.authority.registry.close()
    let queue = try open(office)
    var cells = 0
    var held = 0
    try queue.writeWithoutTransaction { db in
      try db.beginTransaction()
      #expect(try Registry.auditReport(db).faults == Self.opened)
      let tables = try Self.tables(db)
      #expect(tables.count == 11, "\(tables): a new table is to be walked")
      for table in tables {
        let rows = try Row.fetchAll(db, sql: "SELECT rowid AS place, * FROM \(table)")
        #expect(!rows.isEmpty, "\(table) has no row in this test")
        for row in rows {
          let place: Int64 = row["place"]
          for column in row.columnNames where column != "place" {
            guard table != Self.heldElsewhere else {
              held += 1
              continue
            }
            var tried = 0
            for value in Self.others(row[column]) {
              let sql = "UPDATE \(table) SET \(column) = ? WHERE rowid = ?"
              guard let outcome = try attempt(db, sql, [value, place]) else { continue }
              tried += 1
              #expect(outcome.isFound, "\(table) \(place) \(column): \(value)")
            }
            #expect(tried > 0, "\(table) \(place) \(column): no edit was possible")
            cells += 1
          }
          guard table != Self.heldElsewhere else { continue }
          let gone = try attempt(db, "DELETE FROM \(table) WHERE rowid = ?", [place])
          #expect(gone?.isFound == true, "\(table) \(place) removed")
        }
      }
      try db.rollback()
    }
    try queue.close()
    #expect(cells > 360 && held == 3, "\(cells) \(held)")
  }

  @Test func `a row that was added is found`() throws {
    let office = try office()
    try office.authority.registry.close()
    let queue = try open(office)
    let additions = [
      "INSERT INTO customers SELECT id || '0', name, created_at FROM customers LIMIT 1",
      "INSERT INTO publications SELECT 'https://other.example', document, 1 FROM publications LIMIT 1",
      """
      INSERT INTO intents (kind, action, subject, kid, payload, who, why, begun_at, state)
        SELECT kind, action, subject, kid, payload, who, why, begun_at, 'done' FROM intents LIMIT 1
      """,
      """
      INSERT INTO intents (kind, action, subject, kid, payload, who, why, begun_at, state)
        SELECT kind, action, subject, kid, payload, who, why, begun_at, 'dropped' FROM intents
        WHERE state = 'dropped'
      """,
      """
      INSERT INTO licenses SELECT jti || 'x', line, 9, customer, state, payload, jws, kid, 99
        FROM licenses LIMIT 1
      """,
      """
      INSERT INTO releases SELECT product, version || 'x', commit_id, payload, jws, kid, 99
        FROM releases LIMIT 1
      """,
      "INSERT INTO revocations SELECT seq + 1, payload, jws, kid, 99 FROM revocations LIMIT 1",
      "INSERT INTO keysets SELECT epoch + 7, payload, document, 99 FROM keysets LIMIT 1",
      """
      INSERT INTO audit SELECT seq + 1, at, who, action, why, subjects, payload, prev, hash || 'x'
        FROM audit ORDER BY seq DESC LIMIT 1
      """,
    ]
    try queue.writeWithoutTransaction { db in
      try db.beginTransaction()
      for sql in additions {
        let outcome = try attempt(db, sql, [])
        #expect(outcome?.isChanged == true && outcome?.isFound == true, "\(sql)")
      }
      try db.rollback()
    }
    #expect(additions.count == 9)
    try queue.close()
  }

  /// The dropped one and the done one are put back to pending, as whoever wants them signed or dropped
  /// anew would; a forged one is added; a trigger writes what nobody sees.
  @Test func `an intent brought back and a trigger of another's are found`() throws {
    let template = try office()
    _ = try template.authority.dropPending(why: "")
    try template.authority.registry.close()
    let edits = [
      "UPDATE intents SET state = 'pending' WHERE id = 2",
      "UPDATE intents SET state = 'dropped' WHERE id = 2",
      "UPDATE intents SET state = 'pending' WHERE id = (SELECT max(id) FROM intents)",
      """
      UPDATE intents SET state = 'pending', payload = '{}', who = 'bob', why = 'evil' WHERE id = 3
      """,
      """
      INSERT INTO intents (kind, action, subject, kid, payload, who, why, begun_at, state, bound_by,
        binding) SELECT kind, action, subject, kid, payload, who, why, begun_at, 'pending', kid, 'AA'
        FROM intents WHERE kind = 'license' LIMIT 1
      """,
      """
      CREATE TRIGGER evil BEFORE UPDATE ON intents
        BEGIN UPDATE customers SET name = 'EVIL Ltd'; END
      """, "CREATE VIEW evil AS SELECT * FROM customers", "DROP TRIGGER audit_is_not_changed",
      """
      DROP TRIGGER audit_is_not_changed; CREATE TRIGGER audit_is_not_changed BEFORE UPDATE ON audit
        BEGIN SELECT 1; END
      """,
    ]
    let queue = try DatabaseQueue(path: "\(template.folder)/registry.sqlite")
    try queue.writeWithoutTransaction { db in
      try db.beginTransaction()
      #expect(try Registry.auditReport(db).faults == [])
      for sql in edits {
        var faults: [String] = []
        try db.inSavepoint {
          try db.execute(sql: sql)
          faults = try Registry.auditReport(db).faults
          return .rollback
        }
        #expect(faults.count >= 1, "\(sql)")
      }
      #expect(try Registry.auditReport(db).faults == [])
      try db.rollback()
    }
    #expect(edits.count == 9)
    try queue.close()
  }

  @Test func `a schema step that was edited or removed keeps the registry shut`() throws {
    let template = try office()
    for sql in [
      "UPDATE grdb_migrations SET identifier = identifier || 'x' WHERE identifier = '%'",
      "DELETE FROM grdb_migrations WHERE identifier = '%'",
    ] {
      for step in RegistrySchema.migrations.map(\.name) {
        let office = try template.copy()
        try office.authority.registry.close()
        let queue = try open(office)
        try queue.write { db in
          try db.execute(sql: sql.replacing("%", with: step))
          #expect(db.changesCount == 1)
        }
        try queue.close()
        #expect(throws: AuthorityError.self, "\(sql) \(step)") {
          try Registry(office.folder, for: .read)
        }
      }
    }
    #expect(RegistrySchema.migrations.count == 3)
  }

  @Test func `a pending intent of which any cell was edited is never finished`() throws {
    let template = try office()
    let columns = [
      "kind", "action", "subject", "kid", "payload", "who", "why", "begun_at", "bound_by",
      "binding",
    ]
    for column in columns {
      let office = try template.copy()
      let licenses = try office.authority.registry.licenses().count
      try office.authority.registry.close()
      let queue = try open(office)
      let value: String =
        switch column {
        case "kind": "'release'"
        case "action": "'license renew'"
        case "kid", "bound_by":
          "(SELECT thumbprint FROM keys WHERE use = 'license' AND thumbprint <> kid)"
        case "begun_at": "begun_at + 1"
        default: "\(column) || 'x'"
        }
      try queue.write { db in
        try db.execute(sql: "UPDATE intents SET \(column) = \(value) WHERE state = 'pending'")
        #expect(db.changesCount == 1)
      }
      try queue.close()
      try office.reopen()
      #expect(throws: AuthorityError.self, "\(column)") {
        try office.authority.finishPending(Office.secret())
      }
      #expect(try office.authority.registry.licenses().count == licenses, "\(column)")
    }
    #expect(try template.authority.finishPending(Office.secret()) != nil)
    #expect(try template.authority.registry.verifyAudit().faults == [])
  }

  /// The name in a customer's row goes into licenses, which are then signed.
  @Test func `nothing is issued to a customer whose row is not as the log says`() throws {
    let template = try Office()
    let line = try template.issue(.subscription).payload.line
    let edits = [
      "UPDATE customers SET name = 'EVIL Ltd'", "UPDATE customers SET created_at = 5",
      "UPDATE audit SET payload = replace(payload, 'ACME', 'EVIL') WHERE action = 'customer add'",
      "DELETE FROM audit WHERE action = 'customer add'",
    ]
    for edit in edits {
      let office = try template.copy()
      try office.authority.registry.close()
      let queue = try open(office)
      try queue.write { try $0.execute(sql: edit) }
      try queue.close()
      try office.reopen()
      let authority = office.authority
      for issue in [
        { _ = try authority.draft(office.order(.community)) },
        { _ = try authority.draftRenewal(of: .line(line), end: .length(.years(1))) },
        {
          var changes = LicenseChanges()
          changes.limit = 7
          _ = try authority.draftAmendment(of: .line(line), changes)
        },
      ] as [() throws -> Void] {
        let error = #expect(throws: AuthorityError.self, "\(edit)") { try issue() }
        #expect(error?.code == .registryDamaged, "\(edit): \(error?.message ?? "")")
      }
    }
    #expect(edits.count == 4)
  }

  @Test func `another spelling of the same name is another name`() throws {
    let template = try Office()
    var order = template.order(.community)
    order.customer = try template.authority.addCustomer("Caf\u{E9} Ltd", why: "").id
    #expect(throws: Never.self) { _ = try template.authority.draft(order) }
    try template.authority.registry.close()
    let queue = try open(template)
    try queue.write { db in
      try db.execute(
        sql: "UPDATE customers SET name = ? WHERE id = ?",
        arguments: ["Cafe\u{301} Ltd", order.customer.text])
      #expect(db.changesCount == 1)
    }
    try queue.close()
    try template.reopen()
    let error = #expect(throws: AuthorityError.self) { _ = try template.authority.draft(order) }
    #expect(error?.code == .registryDamaged)
  }
}
