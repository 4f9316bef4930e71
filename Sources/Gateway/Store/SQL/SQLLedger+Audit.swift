internal import Sealing

// What an audit reads: everything, as it stands.
extension SQLLedger {
  func keptEntries(after position: Int64, limit: Int) throws -> [KeptEntry] {
    try rows(
      """
      SELECT position, thumbprint, kind, seq, hash, jws, entries.license, revision, date, from_at,
        to_at, at, peak, peak_at, online, "limit", collectors, refused, observed, gaps, "window",
        dwell, identity, sample
      FROM entries JOIN installations ON installations.id = entries.installation
      WHERE position > $1 ORDER BY position LIMIT $2
      """, [position, limit]
    ).map { try $0.keptEntry() }
  }

  func receipts(
    of installation: Thumbprint, after seq: Int64, limit: Int
  ) throws -> [StoredReceipt] {
    guard let row = try row(of: installation) else { return [] }
    return try rows(
      """
      SELECT seq, position, iat, jws FROM receipts WHERE installation = $1 AND seq > $2
      ORDER BY seq LIMIT $3
      """, [row.number, seq, limit]
    ).map { try $0.receipt() }
  }
}
