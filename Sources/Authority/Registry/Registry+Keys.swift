internal import GRDB
package import Sealing

extension Registry {
  static let keyColumns = """
    thumbprint, use, algorithm, jwk, valid_from, valid_through, constraints, pem, created_at, \
    retired_at, revoked_at, revoked_reason
    """

  /// Every key, in the order in which they were made.
  package func keys() throws(AuthorityError) -> [KeyRecord] {
    try read { db in
      try Row.fetchAll(db, sql: "SELECT \(Self.keyColumns) FROM keys ORDER BY created_at, rowid")
        .map { try KeyRecord($0) }
    }
  }

  /// - Throws: ``AuthorityError`` `NOT_FOUND`.
  package func key(_ thumbprint: Thumbprint) throws(AuthorityError) -> KeyRecord {
    let record = try read { db in
      try Row.fetchOne(
        db, sql: "SELECT \(Self.keyColumns) FROM keys WHERE thumbprint = ?",
        arguments: [thumbprint.text]
      ).map { try KeyRecord($0) }
    }
    guard let record else {
      throw AuthorityError(
        .notFound, "the registry has no key \(thumbprint): \"tally key list\" shows those it has")
    }
    return record
  }

  static func insert(_ key: KeyRecord, in db: Database) throws {
    try db.execute(
      sql: """
        INSERT INTO keys (\(keyColumns)) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """,
      arguments: [
        key.thumbprint.text, key.role.rawValue, key.key.algorithm.rawValue, key.key.jwk.text,
        key.from, key.through, key.constraints.json.text, key.pem, key.createdAt,
        key.retiredAt, key.revoked?.at, key.revoked?.reason,
      ])
  }

  /// Says whether a key stands, in the transaction that has the audit row.
  static func setStanding(
    of key: Thumbprint, retiredAt: Int64?, revoked: RevokedKey?, in db: Database
  ) throws {
    try db.execute(
      sql: """
        UPDATE keys SET retired_at = ?, revoked_at = ?, revoked_reason = ? WHERE thumbprint = ?
        """, arguments: [retiredAt, revoked?.at, revoked?.reason, key.text])
  }
}
