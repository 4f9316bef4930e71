@testable import Authority
import Foundation
import GRDB
import Licensing
import Sealing
import Testing

@Suite struct AuditTests {
  /// Changes the file as someone with a database tool would.
  private func tamper(_ office: Office, _ sql: String) throws {
    let queue = try DatabaseQueue(path: "\(office.folder)/registry.sqlite")
    try queue.write { db in
      try db.execute(sql: "DROP TRIGGER audit_is_not_changed; DROP TRIGGER audit_is_not_shortened")
      try db.execute(sql: sql)
      #expect(db.changesCount > 0)
    }
    try queue.close()
  }

  @Test func `a log that nobody touched is whole`() throws {
    let office = try Office()
    _ = try office.issue(.payg, why: "order 1")
    let report = try office.authority.registry.verifyAudit()
    let log = try office.authority.registry.audit()
    #expect(report.faults.isEmpty)
    #expect(report.rows == 8 && log.count == 8)
    #expect(report.head == log.last?.hash)
    #expect(log.map(\.seq) == Array(1...8))
    #expect(log.allSatisfy { $0.who == "maria" })
    #expect(log.last?.why == "order 1")
    #expect(try office.authority.registry.audit(last: 2) == log.suffix(2))
  }

  @Test func `every edit of the log, or of what it records, is found`() throws {
    let edits = [
      "UPDATE audit SET why = 'another' WHERE seq = 3",
      "UPDATE audit SET who = 'eve' WHERE seq = 1",
      "UPDATE audit SET at = at + 1 WHERE seq = 8",
      "UPDATE audit SET subjects = '[\"x\"]' WHERE seq = 5",
      "UPDATE audit SET payload = payload || ' ' WHERE seq = 8",
      "UPDATE audit SET action = 'no such action' WHERE seq = 2",
      "DELETE FROM audit WHERE seq = 4",
      "DELETE FROM audit WHERE seq = 8",
      "UPDATE licenses SET payload = replace(payload, '120', '121')",
      "DELETE FROM licenses",
      "UPDATE keysets SET payload = payload || ' '",
    ]
    #expect(edits.count == 11)
    for edit in edits {
      let office = try Office()
      _ = try office.issue(.payg)
      #expect(try office.authority.registry.verifyAudit().faults.isEmpty)
      try tamper(office, edit)
      #expect(try !office.authority.registry.verifyAudit().faults.isEmpty, "\(edit)")
    }
  }

  @Test func `the log refuses to be changed or shortened`() throws {
    let office = try Office()
    for sql in ["UPDATE audit SET why = 'x'", "DELETE FROM audit"] {
      #expect(throws: AuthorityError.self) {
        try office.authority.registry.write { try $0.execute(sql: sql) }
      }
    }
    #expect(try office.authority.registry.verifyAudit().faults.isEmpty)
  }

  @Test func `a revision or an id is never stored twice`() throws {
    let office = try Office()
    let license = try office.issue(.payg)
    let author = Author(who: "maria", why: "", at: Office.start)
    var again = license.payload
    for change: (inout License) throws -> Void in [
      { _ in }, { $0.jti = try #require(LicenseID("lic_other")) },
    ] {
      try change(&again)
      let intent = try office.authority.begin(
        again, as: .licenseIssue, with: license.kid, by: author)
      let error = #expect(throws: AuthorityError.self) {
        try office.authority.finishPending(Office.secret())
      }
      #expect(error?.code == .intentPending)
      #expect(try office.authority.registry.licenses().count == 1)
      #expect(try office.authority.dropPending(why: "").id == intent.id)
    }
  }
}
