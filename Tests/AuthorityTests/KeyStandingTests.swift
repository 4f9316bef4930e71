@testable import Authority
import CivilTime
import Foundation
import Libcrypto
import LibcryptoIssuing
import Licensing
import Sealing
import Testing

/// Retiring and revoking keys.
@Suite struct KeyStandingTests {
  private func newKey(_ office: Office, _ use: KeyUse) throws -> Thumbprint {
    try office.authority.newKey(
      KeyOrder(role: .online(use)), passphrase: Office.secret(), why: ""
    ).thumbprint
  }

  private func publish(_ office: Office, threshold: Int? = nil) throws -> [String] {
    try office.authority.publishKeyset(
      iss: nil, threshold: threshold, passphrase: Office.secret(), why: ""
    ).changes.map(\.words.english)
  }

  @Test func `a key whose licenses are in use is not retired, unless by force`() throws {
    let office = try Office()
    let license = try office.issue(.payg)
    let before = try RegistryState(office)
    let error = #expect(throws: AuthorityError.self) {
      try office.authority.retireKey(license.kid, why: "old")
    }
    #expect(error?.code == .conflict)
    #expect(error?.message.contains(license.payload.jti.text) == true)
    #expect(error?.message.contains("--force") == true)
    #expect(try RegistryState(office) == before)
    let (key, signed) = try office.authority.retireKey(license.kid, force: true, why: "old")
    #expect(key.retiredAt == Office.start && signed.licenses.map(\.license) == [license.payload])
    let again = #expect(throws: AuthorityError.self) {
      try office.authority.retireKey(license.kid, force: true, why: "")
    }
    #expect(again?.code == .conflict)
  }

  @Test func `what is over, replaced or revoked does not hold a key`() throws {
    let office = try Office()
    let license = try office.issue(.payg)
    let key = try office.authority.registry.key(license.kid)
    func inUse() throws -> Int {
      try office.authority.signedDocuments(of: key).licenses.count
    }
    #expect(try inUse() == 1)
    // 30 days, without grace: the last second is in use, the next is not.
    let zone = try office.authority.zone("Asia/Shanghai")
    let end = try #require(license.payload.period(in: zone).graceEnds)
    office.clock.set(end - 1)
    #expect(try inUse() == 1)
    office.clock.set(end)
    #expect(try inUse() == 0)
    office.clock.set(Office.start)
    _ = try office.authority.revokeLicenses(
      [license.payload.jti], reason: "not paid", passphrase: Office.secret(), confirmed: true,
      why: "")
    #expect(try inUse() == 0)
    let other = try office.issue(.subscription)
    #expect(try inUse() == 1)
    // A higher revision under another key takes its place when its term begins.
    let newer = try newKey(office, .license)
    _ = try publish(office)
    office.clock.set(Office.start + 10)
    let next = try office.authority.renewLicense(
      other.payload.line, end: .length(.years(1)), basis: .fromEnd, key: newer,
      passphrase: Office.secret(), why: "")
    #expect(next.kid == newer)
    #expect(try inUse() == 1)
    office.clock.set(try #require(next.payload.period(in: zone).begins))
    #expect(try inUse() == 0)
  }

  @Test func `releases, revocations and gateways hold their keys`() throws {
    let office = try Office()
    _ = try office.authority.signRelease(
      ReleaseOrder(product: "p", version: "1.0", released: CivilDate("2026-11-20") ?? .first),
      passphrase: Office.secret(), why: "")
    let license = try office.issue(.payg)
    _ = try office.authority.revokeLicenses(
      [license.payload.jti], reason: "not paid", passphrase: Office.secret(), confirmed: true,
      why: "")
    let uses: [(KeyUse, String)] = [
      (.release, "release 1.0 of p"), (.revocation, "revocations 1"), (.gateway, "receipts"),
    ]
    #expect(uses.count == 3)
    for (use, words) in uses {
      let error = #expect(throws: AuthorityError.self) {
        try office.authority.retireKey(try office.key(.online(use)).thumbprint, why: "")
      }
      #expect(error?.message.contains(words) == true, "\(use)")
    }
  }

  @Test func `keys overlap: the new one signs, the old one is dropped when nothing needs it`()
    throws
  {
    let office = try Office()
    let old = try office.issue(.payg)
    let newer = try newKey(office, .license)
    #expect(try publish(office).first?.hasPrefix("adds license key \(newer)") == true)
    // Both stand: what the old one signed is still good, and the new one signs.
    #expect(try office.authority.trust().open(Array(old.jws.utf8), as: License.self) == old)
    #expect(try office.issue(.payg).kid == newer)
    office.clock.set(Office.start + 60 * 86_400)
    let (_, signed) = try office.authority.retireKey(old.kid, why: "all its licenses are over")
    #expect(signed.isEmpty)
    let words = try publish(office)
    #expect(words.count == 1 && words[0].hasPrefix("removes license key \(old.kid)"))
    let refusal = #expect(throws: Refusal.self) {
      try office.authority.trust().open(Array(old.jws.utf8), as: License.self)
    }
    #expect(refusal?.code == .unknownKey)
    #expect(try office.authority.unpublishable().contains(old.payload.jti.text))
    // Its term is over: nobody needs to be told to sign it again.
    #expect(try office.authority.unbelieved().isEmpty)
    #expect(try office.authority.registry.verifyAudit().faults.isEmpty)
  }

  @Test func `a revoked key signs nothing from then on, and kills what it signed with the keyset`()
    throws
  {
    let office = try Office()
    let license = try office.issue(.payg)
    let (key, signed) = try office.authority.revokeKey(
      license.kid, reason: "copied from a laptop", at: Office.start - 5, why: "")
    #expect(key.revoked?.at == Office.start - 5 && key.revoked?.reason == "copied from a laptop")
    #expect(signed.licenses.map(\.license) == [license.payload])
    let row = try #require(try office.authority.registry.audit(last: 1).first)
    #expect(row.action == .keyRevoke && row.why == "copied from a laptop")
    #expect(row.subjects == [license.kid.text])
    let missing = #expect(throws: AuthorityError.self) { try office.issue(.community) }
    #expect(missing?.code == .keyMissing && missing?.message.contains("is revoked") == true)
    // Nobody knows yet.
    #expect(try office.authority.trust().open(Array(license.jws.utf8), as: License.self) == license)
    _ = try newKey(office, .license)
    let words = try publish(office)
    #expect(
      words.contains(
        "revokes key \(license.kid), as of 2026-11-21T05:59:55Z: copied from a laptop"))
    let refusal = #expect(throws: Refusal.self) {
      try office.authority.trust().open(Array(license.jws.utf8), as: License.self)
    }
    #expect(refusal?.code == .keyRevoked)
    let late = #expect(throws: AuthorityError.self) {
      try office.authority.restoreKey(license.kid, why: "")
    }
    #expect(late?.code == .conflict)
    // Later keysets go on saying so.
    _ = try publish(office)
    #expect(try office.authority.trust().keyset.revoked.map(\.kid) == [license.kid])
    #expect(try office.authority.registry.verifyAudit().faults.isEmpty)
  }

  @Test func `a mistake is taken back before a keyset says so`() throws {
    let office = try Office()
    let kid = try office.key(.online(.license)).thumbprint
    _ = try office.authority.revokeKey(kid, reason: "the wrong one", why: "")
    #expect(try office.authority.restoreKey(kid, why: "it was the other").stands)
    _ = try office.authority.retireKey(kid, why: "")
    #expect(try office.authority.restoreKey(kid, why: "").stands)
    #expect(throws: AuthorityError.self) { try office.authority.restoreKey(kid, why: "") }
    _ = try office.issue(.community)
    #expect(try publish(office) == ["changes no key: it renews the keyset's date"])
    #expect(try office.authority.registry.verifyAudit().faults.isEmpty)
  }

  @Test func `a reason that no document can carry changes nothing`() throws {
    let office = try Office()
    let kid = try office.key(.online(.license)).thumbprint
    let before = try RegistryState(office)
    let bad = ["", "a\nb", String(repeating: "x", count: 257), "a\u{7F}"]
    #expect(bad.count == 4)
    for reason in bad {
      let error = #expect(throws: AuthorityError.self) {
        try office.authority.revokeKey(kid, reason: reason, why: "")
      }
      #expect(error?.code == .inputInvalid, "\(reason.prefix(5))")
    }
    let future = #expect(throws: AuthorityError.self) {
      try office.authority.revokeKey(kid, reason: "x", at: Office.start + 1, why: "")
    }
    #expect(future?.code == .inputInvalid)
    #expect(try RegistryState(office) == before)
  }

  @Test func `a stolen root is revoked, and is a root no more`() throws {
    let office = try Office()
    let stolen = try office.key(.root)
    _ = try office.authority.newKey(KeyOrder(role: .root), passphrase: Office.secret(), why: "")
    _ = try publish(office)
    _ = try office.authority.revokeKey(stolen.thumbprint, reason: "stolen", why: "")
    // Two roots signed so far: that one is to be enough must be said.
    let unsaid = #expect(throws: AuthorityError.self) { try publish(office) }
    #expect(unsaid?.code == .inputInvalid)
    let words = try publish(office, threshold: 1)
    #expect(words.contains("removes root \(stolen.thumbprint)"))
    let keyset = try office.authority.trust().keyset
    #expect(keyset.roots.keys.count == 1 && keyset.roots.threshold == 1)
    #expect(keyset.revoked.map(\.kid) == [stolen.thumbprint])
    #expect(try office.authority.registry.verifyAudit().faults.isEmpty)
  }

  @Test func `what is in use and no longer believed is named, and dead revocations are no file`()
    throws
  {
    let office = try Office()
    let license = try office.issue(.payg)
    let other = try office.issue(.community)
    _ = try office.authority.revokeLicenses(
      [other.payload.jti], reason: "fraud", passphrase: Office.secret(), confirmed: true, why: "")
    #expect(try !office.authority.revocationsFile().isEmpty)
    for use in [KeyUse.license, .revocation] {
      _ = try newKey(office, use)
      let old = try #require(
        try office.authority.registry.keys().first { $0.role == .online(use) })
      _ = try office.authority.revokeKey(old.thumbprint, reason: "stolen", why: "")
    }
    _ = try publish(office)
    let dead = try office.authority.unbelieved()
    // The revoked license is not in use.
    #expect(dead.licenses.map(\.license) == [license.payload])
    #expect(dead.revocations == 1 && dead.releases.isEmpty && !dead.isGateway)
    let error = #expect(throws: AuthorityError.self) { try office.authority.revocationsFile() }
    #expect(error?.code == .documentRefused)
    #expect(error?.message.contains("tally revocations issue") == true)
    _ = try office.authority.renewRevocations(passphrase: Office.secret(), why: "")
    #expect(try !office.authority.revocationsFile().isEmpty)
    #expect(try office.authority.unbelieved().revocations == nil)
  }
}
