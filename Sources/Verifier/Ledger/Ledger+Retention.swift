internal import GRDB
internal import Sealing
internal import Storage

extension Ledger {
  /// For so many days after their date has a receipt samples are kept.
  package static let sampleDays: Int64 = 35

  /// Drops the bytes of samples that are kept no longer, the oldest first, and keeps their hashes.
  ///
  /// Time is what the receipts say: a wall clock that was set forward drops nothing. A day record is
  /// never dropped.
  /// - Parameter limit: the most samples of one call.
  /// - Returns: whether there may be more to drop.
  package func dropSamples(limit: Int) async throws(VerifierError) -> Bool {
    let name = installation.text
    guard try await read({ try Self.isDue(name, in: $0) }) else { return false }
    return try await write { db in
      guard let closing = try Self.lastRetired(name, in: db) else { return false }
      let rows = try Row.fetchAll(
        db,
        sql: """
          SELECT seq, hash, date, at FROM record
          WHERE installation = ? AND kind = 'sample' AND jws IS NOT NULL AND seq < ?
          ORDER BY seq LIMIT ?
          """, arguments: [name, closing, limit])
      for row in rows { try Self.drop(row, of: name, in: db) }
      return rows.count == limit
    }
  }

  private static func isDue(_ name: String, in db: Database) throws -> Bool {
    guard let closing = try lastRetired(name, in: db) else { return false }
    return try Bool.fetchOne(
      db,
      sql: """
        SELECT EXISTS (SELECT 1 FROM record
        WHERE installation = ? AND kind = 'sample' AND jws IS NOT NULL AND seq < ?)
        """, arguments: [name, closing]) ?? false
  }

  /// The last day record that had a receipt so long before the newest one.
  private static func lastRetired(_ name: String, in db: Database) throws -> Int64? {
    let newest = try Int64.fetchOne(
      db, sql: "SELECT max(iat) FROM receipt WHERE installation = ?", arguments: [name])
    guard let newest else { return nil }
    let receipted = try Int64.fetchOne(
      db, sql: "SELECT max(seq) FROM receipt WHERE installation = ? AND iat <= ?",
      arguments: [name, newest - sampleDays * 86_400])
    guard let receipted else { return nil }
    return try Int64.fetchOne(
      db, sql: "SELECT max(seq) FROM record WHERE installation = ? AND kind = 'day' AND seq <= ?",
      arguments: [name, receipted])
  }

  private static func drop(_ row: Row, of name: String, in db: Database) throws {
    let sample = RawRecord(
      seq: try row.value("seq"), jws: nil, hash: try row.value("hash"), kind: "sample",
      date: try row.value("date"), at: try row.value("at"))
    let previous = try String.fetchOne(
      db, sql: "SELECT hash FROM record WHERE installation = ? AND seq = ?",
      arguments: [name, sample.seq - 1])
    try db.execute(
      sql: "UPDATE record SET jws = NULL, dropped = ? WHERE installation = ? AND seq = ?",
      arguments: [DroppedSample.digest(of: sample, after: previous ?? ""), name, sample.seq])
  }
}
