@testable import Authority
import CivilTime
import GRDB
import Libcrypto
import LibcryptoIssuing
import Licensing
import Sealing
import Testing

/// What a copy is made of is believed by its signature, not by its row.
@Suite struct KeyRowTests {
  private func office() throws -> (Office, License, Release) {
    let office = try Office()
    let license = try office.issue(.subscription).payload
    let release = try office.authority.signRelease(
      ReleaseOrder(
        product: license.product, version: "1.0", released: license.term?.from ?? .first),
      passphrase: Office.secret(), why: "")
    _ = try office.authority.revokeLicenses(
      [office.issue(.community).payload.jti], reason: "fraud", passphrase: Office.secret(),
      confirmed: true, why: "")
    return (office, license, release.payload)
  }

  private func expectDamaged(_ office: Office, _ license: License, _ what: String) throws {
    let registry = office.authority.registry
    let readings: [() throws -> Void] = [
      { _ = try registry.license(license.jti) }, { _ = try registry.newest(of: license.line) },
      { _ = try registry.licenses() },
      {
        _ = try office.authority.draftAmendment(
          of: .line(license.line), LicenseChanges(), from: nil, end: nil)
      },
    ]
    for (index, reading) in readings.enumerated() {
      let error = #expect(throws: AuthorityError.self, "\(what) \(index)") { try reading() }
      #expect(error?.code == .registryDamaged, "\(what) \(index): \(error?.message ?? "")")
    }
    #expect(try registry.readableLicenses().damaged.map(\.name) == [license.jti.text], "\(what)")
  }

  @Test func `a license whose row was changed is the base of nothing`() throws {
    let edits = [
      "payload = replace(payload, '100', '900')",
      "payload = replace(payload, 'ACME', 'ECMA')",
      "kid = (SELECT thumbprint FROM keys WHERE use = 'release')",
      "jws = substr(jws, 1, length(jws) - 86) || (SELECT substr(jws, -86) FROM releases)",
      "jws = (SELECT jws FROM releases)", "jws = ''",
    ]
    #expect(edits.count == 6)
    for edit in edits {
      let (office, license, _) = try office()
      try office.authority.registry.write { db in
        try db.execute(
          sql: "UPDATE licenses SET \(edit) WHERE jti = ?", arguments: [license.jti.text])
      }
      try expectDamaged(office, license, edit)
    }
  }

  @Test func `a license that a thief has sealed with a key of his own is the base of nothing`()
    throws
  {
    let (office, license, _) = try office()
    var forged = license
    forged.collectors = Collectors(limit: 90_000, overage: .refuse)
    let key = try VendorKey.generate(.edDSA)
    let record = KeyRecord(
      thumbprint: key.thumbprint, key: key.publicKey, role: .online(.license),
      dates: .standard(now: Office.start), constraints: KeyConstraints(), createdAt: Office.start)
    let jws = try key.seal(forged)
    try office.authority.registry.write { db in
      try Registry.insert(record, in: db)
      try db.execute(
        sql: "UPDATE licenses SET payload = ?, jws = ?, kid = ? WHERE jti = ?",
        arguments: [forged.json.text, jws, key.thumbprint.text, license.jti.text])
    }
    try expectDamaged(office, license, "sealed anew")
  }

  @Test func `releases and revocations that were changed are the base of nothing`() throws {
    let (office, _, release) = try office()
    #expect(try office.authority.registry.releases().count == 1)
    try office.authority.registry.write { db in
      try db.execute(sql: "UPDATE releases SET payload = replace(payload, '2026-11', '2026-10')")
      try db.execute(sql: "UPDATE revocations SET payload = replace(payload, 'fraud', 'error')")
    }
    #expect(throws: AuthorityError.damaged("")) { try office.authority.registry.releases() }
    #expect(throws: AuthorityError.damaged("")) {
      try office.authority.registry.release(release.product, release.version, commit: nil)
    }
    #expect(throws: AuthorityError.damaged("")) {
      try office.authority.renewRevocations(passphrase: Office.secret(), why: "")
    }
  }

  @Test func `what a key signed that was revoked since can still be read`() throws {
    let (office, license, _) = try office()
    let key = try office.key(.online(.license)).thumbprint
    _ = try office.authority.newKey(
      KeyOrder(role: .online(.license)), passphrase: Office.secret(), why: "")
    _ = try office.authority.revokeKey(key, reason: "stolen", why: "")
    _ = try office.authority.publishKeyset(
      iss: nil, threshold: nil, passphrase: Office.secret(), why: "")
    #expect(try office.authority.registry.license(license.jti).license == license)
    #expect(try office.authority.registry.releases().count == 1)
  }
}
