internal import Sealing

extension SQLLedger {
  private static var tokenColumns: String {
    "id, hash, scopes, note, created_at, expires_at, revoked_at"
  }

  func token(hash: Digest) throws -> Token? {
    try firstRow("SELECT \(Self.tokenColumns) FROM tokens WHERE hash = $1", [hash.text])
      .map { try $0.token() }
  }

  func tokens() throws -> [Token] {
    try rows("SELECT \(Self.tokenColumns) FROM tokens ORDER BY created_at, id")
      .map { try $0.token() }
  }

  func add(_ token: Token) throws {
    try execute(
      """
      INSERT INTO tokens (id, hash, scopes, note, created_at, expires_at, revoked_at)
      VALUES ($1, $2, $3, $4, $5, $6, $7)
      """,
      [
        token.id, token.hash.text, token.scopes.map(\.rawValue).sorted().joined(separator: ","),
        token.note, token.createdAt, token.expiresAt, token.revokedAt,
      ])
  }

  func revokeToken(_ id: String, at now: Int64) throws -> Bool {
    try execute(
      "UPDATE tokens SET revoked_at = $1 WHERE id = $2 AND revoked_at IS NULL", [now, id]) > 0
  }
}
