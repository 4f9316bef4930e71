package import CivilTime
internal import GRDB
package import Metering
package import Sealing
package import Storage

/// What the counter must not lose, committed apart from the chain at least every second.
///
/// Rules:
/// 1. What changed since the last commit is one transaction: rows, segments, dates that ended, and the
///    state that goes with them. After a crash all of it is there, or none.
/// 2. A date that ended is kept, as the record that will close it, until that record is in the ledger.
/// 3. Segments and identities of closed dates are the customer's evidence: they stay until they are
///    dropped by their age, which is noted for each date.
package struct Journal: Sendable {
  /// What one commit adds.
  package struct Batch: Sendable {
    package var changes: MeterChanges
    /// Collectors that joined since the last commit.
    package var identities: [CollectorID: CollectorIdentity]

    package init(changes: MeterChanges, identities: [CollectorID: CollectorIdentity]) {
      self.changes = changes
      self.identities = identities
    }

    /// This and what came later, as one.
    package mutating func append(_ later: Batch) {
      var rows: [CollectorID: CollectorRow] = [:]
      for row in changes.rows + later.changes.rows { rows[row.id] = row }
      changes.rows = Array(rows.values)
      changes.segments += later.changes.segments
      changes.closed += later.changes.closed
      changes.state = later.changes.state
      identities.merge(later.identities) { old, _ in old }
    }
  }

  /// What stands in the journal at a start.
  package struct Content: Sendable {
    package var state: MeterState
    package var rows: [CollectorRow]
    /// The machine's boot under which it was written.
    package var boot: String
  }

  /// Makes the record of a date that ended, with its evidence; its place in the chain comes later.
  package typealias Closing = @Sendable (ClosedDay, EvidenceRoot) throws -> UsageRecord

  package let database: DurableDatabase
  let evidenceKey: HiddenBytes
  let cryptography: any Cryptography
  let sums: RowSums

  /// Opens the journal.
  /// - Parameter evidenceKey: the customer's key for the names of evidence.
  package init(
    path: String, evidenceKey: HiddenBytes, using cryptography: some Cryptography
  ) throws(VerifierError) {
    let sums = try RowSums(evidenceKey, using: cryptography)
    self.sums = sums
    do throws(StorageError) {
      database = try DurableDatabase(path: path, migrations: JournalSchema.migrations(sums))
    } catch { throw VerifierError(error) }
    self.evidenceKey = evidenceKey
    self.cryptography = cryptography
  }

  /// Commits a batch.
  package func commit(
    _ batch: Batch, boot: String, closing: @escaping Closing
  ) async throws(VerifierError) {
    try await write { db in
      if !batch.changes.closed.isEmpty {
        try db.execute(sql: "DELETE FROM collector WHERE online = 0")
      }
      for (id, identity) in batch.identities { try Self.insert(id, identity, in: db) }
      for row in batch.changes.rows { try Self.replace(row, sums, in: db) }
      for segment in batch.changes.segments { try Self.insert(segment, sums, in: db) }
      for day in batch.changes.closed { try close(day, closing, in: db) }
      let body = batch.changes.state.json.text
      try db.execute(
        sql: """
          INSERT INTO state (id, boot, body, sum) VALUES (1, ?, ?, ?)
          ON CONFLICT (id) DO UPDATE
          SET boot = excluded.boot, body = excluded.body, sum = excluded.sum
          """, arguments: [boot, body, sums.sum(boot: boot, body: body)])
    }
  }

  private func close(_ day: ClosedDay, _ closing: Closing, in db: Database) throws {
    try requireWhole(segmentsOf: day.summary.date, in: db)
    let root = try evidence(of: day.summary.date, in: db).root
    let (date, payload) = (day.summary.date.description, try closing(day, root).json.text)
    try db.execute(
      sql: """
        INSERT INTO closed_day (date, payload, sum) VALUES (?, ?, ?)
        ON CONFLICT (date) DO NOTHING
        """, arguments: [date, payload, sums.sum(closed: date, payload: payload)])
  }

  /// What the last commit left, nil at a first start.
  /// - Throws: ``VerifierError`` `LEDGER_UNUSABLE` where the disk has changed any of it.
  package func content() async throws(VerifierError) -> Content? {
    try await read { db in
      guard let (state, boot) = try state(in: db) else { return nil }
      return Content(state: state, rows: try collectors(in: db), boot: boot)
    }
  }

  /// The records of dates that ended and are not in the ledger yet, in order.
  /// - Throws: ``VerifierError`` `LEDGER_UNUSABLE` where the disk has changed any of it.
  package func closedDays() async throws(VerifierError) -> [UsageRecord] {
    try await read { try closedDays(in: $0) }
  }

  /// The record of a date is in the ledger.
  package func settle(_ date: CivilDate) async throws(VerifierError) {
    try await write { db in
      try db.execute(sql: "DELETE FROM closed_day WHERE date = ?", arguments: [date.description])
    }
  }
}
