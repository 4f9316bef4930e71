@testable import Authority
import CivilTime
import Foundation
import GRDB
import Licensing
import Sealing
import Testing

/// `audit verify` holds every sealed document against its payload, its key and its place.
@Suite struct KeysetAuditTests {
  /// An office that has done a bit of everything.
  private func busy() throws -> Office {
    let office = try Office()
    let license = try office.issue(.payg)
    _ = try office.issue(.community)
    _ = try office.authority.signRelease(
      ReleaseOrder(
        product: license.payload.product, version: "1.0",
        released: license.payload.term?.from ?? .first),
      passphrase: Office.secret(), why: "")
    _ = try office.authority.revokeLicenses(
      [license.payload.jti], reason: "not paid", passphrase: Office.secret(), confirmed: true,
      why: "")
    let spare = try office.authority.newKey(
      KeyOrder(role: .online(.license)), passphrase: Office.secret(), why: "")
    _ = try office.authority.retireKey(spare.thumbprint, why: "never used")
    _ = try office.authority.publishKeyset(
      iss: nil, threshold: nil, passphrase: Office.secret(), why: "")
    return office
  }

  private func tamper(_ office: Office, _ sql: String) throws {
    var configuration = Configuration()
    configuration.foreignKeysEnabled = false
    let queue = try DatabaseQueue(
      path: "\(office.folder)/registry.sqlite", configuration: configuration)
    try queue.write { db in
      try db.execute(sql: sql)
      #expect(db.changesCount > 0, "\(sql)")
    }
    try queue.close()
  }

  @Test func `every edit of a document, a key or what is revoked is found and named`() throws {
    let community = "payload LIKE '%community%'"
    let payg = "payload LIKE '%payg%'"
    let edits: [(sql: String, fault: String)] = [
      ("UPDATE licenses SET jws = replace(jws, '.', '..')", "no sealed document"),
      (
        """
        UPDATE licenses SET jws = (SELECT jws FROM licenses WHERE \(community)) WHERE \(payg)
        """, "sealed over other bytes"
      ),
      (
        """
        UPDATE licenses SET jws = substr(jws, 1, length(jws) - 86)
          || (SELECT substr(jws, -86) FROM releases)
        """, "does not verify"
      ),
      ("UPDATE licenses SET kid = (SELECT kid FROM releases)", "not sealed by the key recorded"),
      ("UPDATE licenses SET jti = 'lic_other' WHERE \(community)", "another name than its own"),
      ("UPDATE licenses SET state = 'issued'", "is not revoked as revocations"),
      ("UPDATE licenses SET state = 'revoked'", "is not revoked as revocations"),
      ("UPDATE releases SET jws = (SELECT jws FROM revocations)", "no sealed document"),
      ("UPDATE releases SET version = '2.0'", "another name than its own"),
      ("DELETE FROM revocations", "names a document that is not in the registry"),
      ("UPDATE revocations SET seq = 2", "revocations before 2 are missing"),
      (
        "UPDATE keysets SET document = (SELECT document FROM keysets WHERE epoch = 1)",
        "does not lead on"
      ),
      (
        """
        UPDATE keysets SET document = replace(document, '"signature":"', '"signature":"AA')
        """, "does not lead on"
      ),
      ("DELETE FROM keysets WHERE epoch = 1", "does not lead on"),
      ("UPDATE keys SET retired_at = NULL WHERE retired_at > 0", "retired or revoked as the log"),
      ("UPDATE keys SET retired_at = 5 WHERE use = 'gateway'", "retired or revoked as the log"),
      (
        "UPDATE keys SET revoked_at = 5, revoked_reason = 'x' WHERE use = 'root'",
        "retired or revoked as the log"
      ),
      (
        """
        UPDATE keys SET jwk = (SELECT replace(jwk, '"x":"', '"x":"A') FROM keys WHERE use = 'gateway')
          WHERE use = 'release'
        """, "cannot be read"
      ),
      (
        """
        INSERT INTO keys (thumbprint, use, algorithm, jwk, valid_from, valid_through, constraints,
          pem, created_at) SELECT substr(thumbprint, 2) || 'A', use, algorithm, jwk || ' ',
          valid_from, valid_through, constraints, pem || 'x', created_at FROM keys WHERE use = 'root'
        """, "cannot be read"
      ),
      (
        "UPDATE keys SET valid_through = valid_through + 1 WHERE use = 'license'",
        "not as it was made, in through"
      ),
      (
        "UPDATE keys SET valid_from = 0 WHERE use = 'license'", "not as it was made, in from"
      ),
      (
        "UPDATE keys SET constraints = '{\"max_days\":9999}' WHERE use = 'license'",
        "not as it was made, in constraints"
      ),
      ("UPDATE keys SET use = 'license' WHERE use = 'gateway'", "not as it was made, in use"),
      ("UPDATE keys SET pem = pem || 'x' WHERE use = 'gateway'", "not as it was made, in pem"),
    ]
    #expect(edits.count == 24)
    for edit in edits {
      let office = try busy()
      let whole = try office.authority.registry.verifyAudit()
      #expect(whole.faults.isEmpty && whole.documents == 6, "\(whole.faults)")
      try tamper(office, edit.sql)
      let faults = try office.authority.registry.verifyAudit().faults
      #expect(faults.contains { $0.contains(edit.fault) }, "\(edit.sql): \(faults)")
    }
  }

  @Test func `every row that sealed something leads to the exact document`() throws {
    let office = try busy()
    let documents = try office.authority.registry.sealedDocuments()
    let rows = try office.authority.registry.audit().filter { $0.action.seals }
    #expect(rows.count == 6 && documents.count == 6)
    for row in rows {
      let text = try #require(documents[row.payload])
      let payload =
        row.action == .keysetPublish
        ? try KeysetDocument(Array(text.utf8)).payload
        : try UnverifiedDocument(Array(text.utf8), as: .revocations).payload
      #expect(payload == Array(row.payload.utf8))
      #expect(!row.who.isEmpty && row.at >= Office.start)
    }
  }
}
