internal import GRDB
internal import Sealing
internal import Storage

extension SQLiteLedger {
  private static let columns = "id, hash, scopes, note, created_at, expires_at, revoked_at"

  func token(hash: Digest) throws -> Token? {
    try firstRow("SELECT \(Self.columns) FROM tokens WHERE hash = ?", [hash.text])
      .map { try $0.token() }
  }

  func tokens() throws -> [Token] {
    try rows("SELECT \(Self.columns) FROM tokens ORDER BY created_at, id").map { try $0.token() }
  }

  func add(_ token: Token) throws {
    try execute(
      """
      INSERT INTO tokens (id, hash, scopes, note, created_at, expires_at, revoked_at)
      VALUES (?, ?, ?, ?, ?, ?, ?)
      """,
      [
        token.id, token.hash.text, token.scopes.map(\.rawValue).sorted().joined(separator: ","),
        token.note, token.createdAt, token.expiresAt, token.revokedAt,
      ])
  }

  func revokeToken(_ id: String, at now: Int64) throws -> Bool {
    try execute(
      "UPDATE tokens SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL", [now, id])
    return database.changesCount > 0
  }
}
