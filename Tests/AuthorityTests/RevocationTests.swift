@testable import Authority
import Foundation
import Libcrypto
import Licensing
import Sealing
import Testing

@Suite struct RevocationTests {
  private func revoke(
    _ office: Office, _ licenses: [LicenseID], _ reason: String = "not paid"
  ) throws -> Verified<Revocations> {
    try office.authority.revokeLicenses(
      licenses, reason: reason, passphrase: Office.secret(), confirmed: true, why: "")
  }

  @Test func `each document has the next number, and forgets nothing`() throws {
    let office = try Office()
    let licenses = try (0..<3).map { _ in try office.issue(.payg).payload.jti }
    let first = try revoke(office, [licenses[0]])
    #expect(first.payload.seq == 1 && first.payload.revoked.map(\.jti) == [licenses[0]])
    #expect(first.kid == (try office.key(.online(.revocation)).thumbprint))
    office.clock.set(Office.start + 60)
    let second = try revoke(office, [licenses[2], licenses[1]], "fraud")
    #expect(second.payload.seq == 2)
    #expect(second.payload.revoked.map(\.jti) == [licenses[0], licenses[2], licenses[1]])
    #expect(
      second.payload.revoked.map(\.at) == [Office.start, Office.start + 60, Office.start + 60])
    #expect(try office.authority.registry.licenses().allSatisfy { $0.state == .revoked })
    #expect(
      try office.authority.trust().open(Array(second.jws.utf8), as: Revocations.self) == second)
    let row = try #require(try office.authority.registry.audit(last: 1).first)
    #expect(row.action == .licenseRevoke && row.why == "fraud (confirmed: LINE_STOPS)")
    #expect(row.subjects == ["revocations 2", licenses[2].text, licenses[1].text])
    #expect(try office.authority.registry.verifyAudit().faults.isEmpty)
    let file = try Armour.read(Array(try office.authority.revocationsFile().utf8))
    #expect(file.map(\.kind) == [.keyset, .revocations])
    #expect(file.last?.document == second.jws)
  }

  @Test func `what cannot be revoked changes nothing`() throws {
    let office = try Office()
    let license = try office.issue(.payg).payload.jti
    let other = try office.issue(.payg).payload.jti
    _ = try revoke(office, [license])
    let before = try RegistryState(office)
    let bad: [(AuthorityError.Code, [LicenseID], String)] = [
      (.conflict, [license], "x"), (.conflict, [other, license], "x"),
      (.inputInvalid, [other, other], "x"), (.inputInvalid, [other], ""),
      (.inputInvalid, [other], "a\u{0}b"),
      (.notFound, [try #require(LicenseID("lic_none"))], "x"),
    ]
    #expect(bad.count == 6)
    for (code, licenses, reason) in bad {
      let error = #expect(throws: AuthorityError.self) {
        try revoke(office, licenses, reason)
      }
      #expect(error?.code == code)
    }
    let wrong = #expect(throws: AuthorityError.self) {
      try office.authority.revokeLicenses(
        [other], reason: "x", passphrase: Office.secret("wrong"), confirmed: true, why: "")
    }
    #expect(wrong?.code == .passphraseWrong)
    #expect(try RegistryState(office) == before)
  }

  @Test func `a list that verifiers would refuse is not begun`() throws {
    let office = try Office()
    let keyset = try office.authority.trust().keyset
    let key = try #require(keyset.keys.first { $0.use == .revocation })
    func list(_ count: Int, reason: String) throws -> Revocations {
      let entries = try (0..<count).map {
        Revocations.Entry(
          jti: try #require(LicenseID("lic_\($0)")), at: Office.start, reason: reason)
      }
      return Revocations(iss: Office.iss, iat: Office.start, seq: 1, revoked: entries)
    }
    try Rehearsal.run(try list(3000, reason: "not paid"), like: key, under: keyset)
    for (count, reason) in [(10_001, "x"), (3000, String(repeating: "x", count: 256))] {
      let long = try list(count, reason: reason)
      let error = #expect(throws: AuthorityError.self) {
        try Rehearsal.run(long, like: key, under: keyset)
      }
      #expect(error?.code == .documentRefused && error?.refusal?.code == .malformed)
    }
  }

  @Test func `when its key falls, the list is issued again under another`() throws {
    let office = try Office()
    let license = try office.issue(.payg).payload.jti
    #expect(throws: AuthorityError(.notFound, "")) {
      try office.authority.renewRevocations(passphrase: Office.secret(), why: "")
    }
    let old = try revoke(office, [license])
    let (_, signed) = try office.authority.revokeKey(old.kid, reason: "stolen", why: "")
    #expect(signed.revocations == 1)
    let newer = try office.authority.newKey(
      KeyOrder(role: .online(.revocation)), passphrase: Office.secret(), why: "")
    _ = try office.authority.publishKeyset(
      iss: nil, threshold: nil, passphrase: Office.secret(), why: "")
    // The old document would be refused by everybody, and with it the whole publication.
    #expect(try office.authority.plan(for: nil).revocations == nil)
    #expect(try office.authority.unpublishable() == ["revocations 1"])
    let renewed = try office.authority.renewRevocations(passphrase: Office.secret(), why: "")
    #expect(renewed.kid == newer.thumbprint)
    #expect(renewed.payload.seq == 2 && renewed.payload.revoked == old.payload.revoked)
    #expect(try office.authority.plan(for: nil).revocations?.jws == renewed.jws)
    #expect(try office.authority.registry.verifyAudit().faults.isEmpty)
  }

  @Test func `a gateway gets the revocations once, and again when they change`() throws {
    let office = try Office()
    let gateway = "https://usage.vendor.example"
    let first = try office.issue(.payg).payload.jti
    let second = try office.issue(.payg).payload.jti
    func plan() throws -> PublicationPlan { try office.authority.plan(for: gateway) }
    #expect(try plan().revocations == nil)
    _ = try revoke(office, [first])
    #expect(try plan().revocations?.revocations.seq == 1)
    for part in try plan().parts(maximumBytes: 1) {
      try office.authority.markPublished(part, at: gateway, why: "")
    }
    #expect(try plan().isEmpty)
    _ = try revoke(office, [second])
    let next = try plan()
    #expect(next.keysets.isEmpty && next.licenses.isEmpty)
    #expect(next.revocations?.revocations.seq == 2 && next.json["revocations"] == .integer(2))
    #expect(try Armour.read(Array(next.file.utf8)).map(\.kind) == [.revocations])
    let all = try office.authority.plan(for: gateway, all: true)
    let parts = all.parts(maximumBytes: 1)
    #expect(parts.count == 2)
    #expect(parts.map { $0.licenses.count } == [1, 1])
    #expect(parts.filter { $0.revocations != nil }.count == 1 && parts[0].revocations != nil)
    #expect(parts.filter { !$0.keysets.isEmpty }.count == 1 && !parts[0].keysets.isEmpty)
  }
}
