@testable import Authority
import GRDB
import LibcryptoIssuing
import Licensing
import Sealing
import Testing

/// Who can write into the registry's folder cannot have anything signed.
@Suite struct KeyIntentTests {
  private static let author = Author(who: "maria", why: "order 7", at: Office.start)

  private func write(_ office: Office, _ sql: String, _ arguments: StatementArguments = []) throws {
    try office.authority.registry.write { db in
      try db.execute(sql: sql, arguments: arguments)
      #expect(db.changesCount == 1, "\(sql)")
    }
  }

  /// Puts an intent into the database as a thief would.
  private func plant(
    _ office: Office, _ kind: Intent.Kind, _ action: AuditEntry.Action, _ subject: String,
    _ kid: Thumbprint?, _ payload: JSONValue
  ) throws {
    try write(
      office,
      """
      INSERT INTO intents (kind, action, subject, kid, payload, who, why, begun_at, state)
      VALUES (?, ?, ?, ?, ?, 'maria', 'order 7', ?, 'pending')
      """,
      [kind.rawValue, action.rawValue, subject, kid?.text, payload.text, Office.start])
  }

  private func expectUnsigned(_ office: Office, _ what: String) throws {
    let before = try RegistryState(office)
    let error = #expect(throws: AuthorityError.self, "\(what)") {
      try office.authority.finishPending(Office.secret())
    }
    #expect(error?.code == .registryDamaged, "\(what): \(error?.message ?? "")")
    #expect(error?.message.contains("tally intent") == true || what.contains("kind"), "\(what)")
    #expect(try RegistryState(office) == before, "\(what)")
    #expect(try office.authority.registry.licenses().isEmpty, "\(what)")
    #expect(try office.authority.registry.keysets().count == 1, "\(what)")
    // Nothing else is begun either, until somebody has looked at it and dropped it.
    #expect(throws: AuthorityError(.intentPending, "")) { try office.issue(.community) }
    _ = try office.authority.dropPending(why: "nobody knows it")
    _ = try office.issue(.community)
    #expect(try office.authority.registry.verifyAudit().faults.isEmpty, "\(what)")
  }

  @Test func `an intent that somebody wrote into the database is never signed`() throws {
    let office = try Office()
    let license = try office.authority.planned(office.order(.payg), at: Office.start)
    try plant(
      office, .license, .licenseIssue, license.jti.text,
      try office.key(.online(.license)).thumbprint, license.json)
    try expectUnsigned(office, "a license")
    let other = try Office()
    let keyset = try #require(try other.authority.registry.keysets().last).keyset
    let next = Keyset(
      iss: keyset.iss, epoch: 2, iat: Office.start, roots: keyset.roots,
      keys: Array(keyset.keys.dropLast()), revoked: [])
    try plant(other, .keyset, .keysetPublish, "2", nil, next.json)
    try expectUnsigned(other, "a keyset")
  }

  @Test func `an intent that was changed after it was begun is never signed`() throws {
    let edits = [
      "payload = replace(payload, '\"revision\":1', '\"revision\":9')", "subject = 'lic_other'",
      "who = 'eve'", "why = 'another'", "begun_at = begun_at + 1", "action = 'license renew'",
      "kid = (SELECT thumbprint FROM keys WHERE use = 'release')",
      "bound_by = (SELECT thumbprint FROM keys WHERE use = 'release')",
      "bound_by = NULL, binding = NULL", "binding = 'x'", "binding = upper(binding)",
      "kind = 'release'", "kind = 'revocations'", "kind = 'keyset', kid = NULL",
    ]
    #expect(edits.count == 14)
    for edit in edits {
      let office = try Office()
      let license = try office.authority.planned(office.order(.payg), at: Office.start)
      _ = try office.authority.begin(
        license, as: .licenseIssue, with: try office.key(.online(.license)).thumbprint,
        by: Self.author)
      try write(office, "UPDATE intents SET \(edit) WHERE state = 'pending'")
      try expectUnsigned(office, edit)
    }
  }

  @Test func `what was dropped is not brought back`() throws {
    let office = try Office()
    let license = try office.authority.planned(office.order(.payg), at: Office.start)
    let intent = try office.authority.begin(
      license, as: .licenseIssue, with: try office.key(.online(.license)).thumbprint,
      by: Self.author)
    _ = try office.authority.dropPending(why: "by mistake")
    try write(office, "UPDATE intents SET state = 'pending' WHERE id = ?", [intent.id])
    let error = #expect(throws: AuthorityError.self) {
      try office.authority.finishPending(Office.secret())
    }
    #expect(error?.code == .registryDamaged)
  }

  @Test func `no verifier takes a key's word for a document's signature`() throws {
    let office = try Office()
    let license = try office.authority.planned(office.order(.payg), at: Office.start)
    let record = try office.key(.online(.license))
    let key = try office.authority.open(record, Office.secret())
    let payload = license.json.serialized
    let header = ProtectedHeader(
      algorithm: .edDSA, key: key.thumbprint, type: DocumentKind.license.rawValue)
    let jws = [
      Base64.encode(header.serialized, .url), Base64.encode(payload, .url),
      try key.signNote(payload),
    ].joined(separator: ".")
    #expect(throws: Refusal(.signatureInvalid, "")) {
      try office.authority.trust().open(Array(jws.utf8), as: License.self)
    }
    #expect(key.hasSigned(payload, try key.signNote(payload)))
    #expect(!key.hasSigned(payload + [0x20], try key.signNote(payload)))
    #expect(DocumentKind(rawValue: "tally-intent+jwt") == nil)
  }

  @Test func `a keyset is finished only with the root that has begun it`() throws {
    let office = try Office()
    let mine = try office.key(.root)
    let other = try office.authority.newKey(
      KeyOrder(role: .root), passphrase: Office.secret("another's"), why: "")
    let next = try office.authority.plannedKeyset(KeysetOrder(threshold: 1), at: Office.start)
    _ = try office.authority.begin(next, by: Self.author)
    let without = #expect(throws: AuthorityError.self) {
      try office.authority.finishPending(
        KeyPassphrases(common: nil, own: [other.thumbprint: Office.secret("another's")]))
    }
    #expect(without?.code == .intentPending)
    #expect(without?.message.contains(mine.thumbprint.text) == true)
    #expect(try office.authority.registry.keysets().count == 1)
  }
}
