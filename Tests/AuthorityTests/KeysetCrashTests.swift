@testable import Authority
import Foundation
import GRDB
import Libcrypto
import Licensing
import Sealing
import Testing

/// The process ends between intent and signature.
@Suite struct KeysetCrashTests {
  @Test func `revocations that were begun are finished with the same payload, and revoke then`()
    throws
  {
    let office = try Office()
    let license = try office.issue(.payg)
    let payload = Revocations(
      iss: Office.iss, iat: Office.start, seq: 1,
      revoked: [.init(jti: license.payload.jti, at: Office.start, reason: "not paid")])
    let intent = try office.authority.begin(
      payload, as: .licenseRevoke, with: try office.key(.online(.revocation)).thumbprint,
      by: Author(who: "maria", why: "case 9", at: Office.start))
    try office.reopen()
    // Nothing is revoked before it is signed, and nothing else is begun.
    #expect(try office.authority.registry.license(license.payload.jti).state == .issued)
    #expect(try office.authority.registry.newestRevocations() == nil)
    let busy = #expect(throws: AuthorityError.self) {
      try office.authority.draftKeyset(KeysetOrder())
    }
    #expect(busy?.code == .intentPending)
    office.clock.set(Office.start + 3600)
    #expect(try office.authority.finishPending(Office.secret())?.id == intent.id)
    let stored = try #require(try office.authority.registry.newestRevocations())
    #expect(stored.revocations == payload)
    #expect(try office.authority.registry.license(license.payload.jti).state == .revoked)
    let row = try #require(try office.authority.registry.audit(last: 1).first)
    #expect(row.action == .licenseRevoke && row.payload == intent.payload && row.why == "case 9")
    #expect(row.subjects == ["revocations 1", license.payload.jti.text])
    try office.reopen()
    #expect(try office.authority.finishPending(Office.secret()) == nil)
    #expect(try office.authority.registry.newestRevocations() == stored)
    #expect(try office.authority.registry.verifyAudit().faults.isEmpty)
  }

  @Test func `dropped revocations revoke nothing, and their number is used again`() throws {
    let office = try Office()
    let license = try office.issue(.payg)
    let payload = Revocations(
      iss: Office.iss, iat: Office.start, seq: 1,
      revoked: [.init(jti: license.payload.jti, at: Office.start, reason: "not paid")])
    _ = try office.authority.begin(
      payload, as: .licenseRevoke, with: try office.key(.online(.revocation)).thumbprint,
      by: Author(who: "maria", why: "", at: Office.start))
    try office.reopen()
    _ = try office.authority.dropPending(why: "by mistake")
    #expect(try office.authority.registry.license(license.payload.jti).state == .issued)
    let document = try office.authority.revokeLicenses(
      [license.payload.jti], reason: "fraud", passphrase: Office.secret(), confirmed: true, why: "")
    #expect(document.payload.seq == 1)
    #expect(try office.authority.registry.verifyAudit().faults.isEmpty)
  }

  @Test func `a keyset that was begun is finished with a passphrase for each root`() throws {
    let office = try Office()
    let other = try office.authority.newKey(
      KeyOrder(role: .root), passphrase: Office.secret("another's"), why: "")
    let next = try office.authority.plannedKeyset(KeysetOrder(threshold: 2), at: Office.start + 5)
    _ = try office.authority.begin(
      next, by: Author(who: "maria", why: "", at: Office.start + 5))
    try office.reopen()
    let one = #expect(throws: AuthorityError.self) {
      try office.authority.finishPending(Office.secret())
    }
    #expect(one?.code == .intentPending)
    #expect(try office.authority.trust().keyset.epoch == 1)
    let finished = try office.authority.finishPending(
      KeyPassphrases(
        common: Office.secret(), own: [other.thumbprint: Office.secret("another's")]))
    #expect(finished?.kind == .keyset)
    #expect(try office.authority.trust().keyset == next)
    #expect(try office.authority.registry.verifyAudit().faults.isEmpty)
  }

  @Test func `a signed draft is stored in one step or not at all`() throws {
    let office = try Office()
    var draft = try office.authority.draftKeyset(KeysetOrder()).draft
    try draft.add(signatureOf: try office.authority.open(try office.key(.root), Office.secret()))
    // The log cannot take the row: nothing of the keyset is stored either.
    try office.authority.registry.write { db in
      try db.execute(
        sql: """
          CREATE TRIGGER no_rows BEFORE INSERT ON audit
            BEGIN SELECT RAISE (ABORT, 'no room'); END
          """)
    }
    let before = try RegistryState(office)
    #expect(throws: AuthorityError(.storeUnavailable, "")) {
      try office.authority.publishKeyset([draft], why: "")
    }
    #expect(try RegistryState(office) == before)
    try office.authority.registry.write { try $0.execute(sql: "DROP TRIGGER no_rows") }
    _ = try office.authority.publishKeyset([draft], why: "")
    #expect(try office.authority.trust().keyset.epoch == 2)
  }
}
