internal import CivilTime
internal import GRDB
internal import Licensing
internal import Metering
internal import Sealing
internal import Storage

// What an audit reads: everything, as it stands.
extension SQLiteLedger {
  func keptEntries(after position: Int64, limit: Int) throws -> [KeptEntry] {
    try rows(
      """
      SELECT position, thumbprint, kind, seq, hash, jws, entries.license, revision, date, from_at, to_at, at,
        peak, peak_at, online, "limit", collectors, refused, observed, gaps, "window", dwell,
        identity, sample
      FROM entries JOIN installations ON installations.id = entries.installation
      WHERE position > ? ORDER BY position LIMIT ?
      """, [position, limit]
    ).map { row in
      KeptEntry(
        position: try row.number("position"), installation: try row.thumbprint("thumbprint"),
        kind: try row.choice("kind"), seq: try row.optional("seq"),
        hash: try row.optionalDigest("hash"), jws: try row.text("jws"),
        columns: try Self.columns(row))
    }
  }

  private static func columns(_ row: GRDB.Row) throws -> EntryColumns? {
    guard (try row.optional("date") as Int64?) != nil else { return nil }
    return EntryColumns(
      license: try row.identifier("license"), revision: try row.number("revision"),
      date: try sound(CivilDate(daysSinceEpoch: try row.number("date"))),
      from: try row.number("from_at"), to: try row.number("to_at"), at: try row.number("at"),
      peak: try peak(row), online: try row.optional("online"), limit: try row.optional("limit"),
      collectors: try row.optional("collectors"), refused: try row.optional("refused"),
      observed: try row.number("observed"), gaps: try row.text("gaps"), rule: try rule(row),
      sample: try row.optional("sample"))
  }

  func receipts(
    of installation: Thumbprint, after seq: Int64, limit: Int
  ) throws -> [StoredReceipt] {
    guard let row = try row(of: installation) else { return [] }
    return try rows(
      """
      SELECT seq, position, iat, jws FROM receipts WHERE installation = ? AND seq > ?
      ORDER BY seq LIMIT ?
      """, [row.number, seq, limit]
    ).map(Self.receipt)
  }

  static func receipt(_ row: GRDB.Row) throws -> StoredReceipt {
    StoredReceipt(
      seq: try row.number("seq"), position: try row.number("position"),
      iat: try row.number("iat"), jws: try row.text("jws"))
  }
}
