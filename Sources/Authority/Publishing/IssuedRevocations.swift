internal import GRDB
package import Licensing
package import Sealing

/// A revocations document in the registry.
package struct IssuedRevocations: Sendable, Equatable {
  package let revocations: Revocations
  /// The sealed document.
  package let jws: String
  package let kid: Thumbprint

  init(_ row: Row, sealedBy keys: NamedKeys) throws {
    let payload = try row.decode(String.self, forColumn: "payload")
    let kid = try Thumbprint(row.decode(String.self, forColumn: "kid"))
    guard let revocations = try? Revocations.parse(Array(payload.utf8)), let kid else {
      let seq = try row.decode(Int64.self, forColumn: "seq")
      throw AuthorityError.damaged("revocations \(seq) in the registry cannot be read")
    }
    self.revocations = revocations
    self.kid = kid
    jws = try row.decode(forColumn: "jws")
    try keys.require(
      jws, .revocations, for: .revocation, over: payload, by: kid,
      "revocations \(revocations.seq) in the registry")
  }

  /// `revocations 7`, as it stands in the audit log.
  var name: String { "revocations \(revocations.seq)" }

  package var json: JSONValue { ["kid": kid.json, "revocations": revocations.json] }
}

extension Registry {
  /// The newest revocations document, nil where no license was ever revoked.
  package func newestRevocations() throws(AuthorityError) -> IssuedRevocations? {
    try read { db in
      try Row.fetchOne(
        db, sql: "SELECT seq, payload, jws, kid FROM revocations ORDER BY seq DESC LIMIT 1"
      ).map { try IssuedRevocations($0, sealedBy: NamedKeys(db, roots: roots)) }
    }
  }
}
