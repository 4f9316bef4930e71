internal import Postgres
internal import Sealing

// What an audit reads: the embedded store's statements, with PostgreSQL's names for their values.
extension PostgresLedger {
  private static let keptEntries = SQLiteLedger.keptEntries.replacing("?", with: "$")

  func keptEntries(after position: Int64, limit: Int) throws -> [KeptEntry] {
    try rows(Self.keptEntries, [position, Int64(limit)]).map { try $0.keptEntry() }
  }

  func receipts(
    of installation: Thumbprint, after seq: Int64, limit: Int
  ) throws -> [StoredReceipt] {
    guard let row = try row(of: installation) else { return [] }
    return try rows(
      """
      SELECT seq, position, iat, jws FROM receipts WHERE installation = $1 AND seq > $2
      ORDER BY seq LIMIT $3
      """, [row.number, seq, Int64(limit)]
    ).map { try $0.receipt() }
  }
}
