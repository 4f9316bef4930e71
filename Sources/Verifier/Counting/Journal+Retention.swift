package import CivilTime
internal import GRDB
internal import Metering
internal import Storage

/// Evidence is dropped by its age, a date at a time, and each such date is noted.
extension Journal {
  /// When the evidence of a date was dropped, nil where it was not.
  package func droppedEvidence(of date: CivilDate) async throws(VerifierError) -> Int64? {
    try await read { try droppedEvidence(of: date.description, in: $0) }
  }

  /// Whether anything is kept of earlier dates, or noted to have been dropped: then it was kept of this one.
  package func hasEvidence(before date: CivilDate) async throws(VerifierError) -> Bool {
    try await read { db in
      try Bool.fetchOne(
        db,
        sql: """
          SELECT EXISTS (SELECT 1 FROM segment WHERE date < :date)
          OR EXISTS (SELECT 1 FROM dropped_evidence WHERE date < :date)
          """, arguments: ["date": date.description]) ?? false
    }
  }

  /// Drops evidence of dates before the horizon, the oldest first, a piece in each call so that
  /// counting never waits long. A date that waits for its record is left alone. Who has no segment left
  /// and is not known today has its name dropped too.
  /// - Parameters:
  ///   - now: what is noted as the instant.
  ///   - limit: the most segments to drop.
  /// - Returns: whether there may be more to drop.
  package func dropEvidence(
    before horizon: CivilDate, at now: Int64, limit: Int
  ) async throws(VerifierError) -> Bool {
    let isOld = try await read { try Self.oldest(before: horizon, in: $0) } != nil
    guard isOld else { return false }
    return try await write { db in
      guard let date = try Self.oldest(before: horizon, in: db) else { return false }
      try db.execute(
        sql: """
          INSERT INTO dropped_evidence (date, at, sum) VALUES (?, ?, ?)
          ON CONFLICT (date) DO NOTHING
          """, arguments: [date, max(0, now), sums.sum(dropped: date, at: max(0, now))])
      let rows = try Row.fetchAll(
        db,
        sql: "SELECT high, low, id FROM segment WHERE date = ? ORDER BY high, low LIMIT ?",
        arguments: [date, limit])
      for row in rows {
        try db.cachedStatement(sql: "DELETE FROM segment WHERE id = ?")
          .execute(arguments: [try row.value("id") as Int64])
      }
      for id in try Set(rows.map(Self.id)) { try forget(id, in: db) }
      return true
    }
  }

  private static func oldest(before horizon: CivilDate, in db: Database) throws -> String? {
    let date = try String.fetchOne(
      db, sql: "SELECT min(date) FROM segment WHERE date < ?", arguments: [horizon.description])
    guard let date,
      try
        !(Bool.fetchOne(
          db, sql: "SELECT EXISTS (SELECT 1 FROM closed_day WHERE date <= ?)", arguments: [date])
        ?? false)
    else { return nil }
    return date
  }

  private func forget(_ id: CollectorID, in db: Database) throws {
    let (high, low) = (Int64(bitPattern: id.high), Int64(bitPattern: id.low))
    try db.cachedStatement(
      sql: """
        DELETE FROM identity WHERE high = ? AND low = ?
        AND NOT EXISTS (SELECT 1 FROM segment WHERE high = ? AND low = ?)
        AND NOT EXISTS (SELECT 1 FROM collector WHERE high = ? AND low = ?)
        """
    ).execute(arguments: [high, low, high, low, high, low])
  }
}
