package import CivilTime
internal import GRDB
package import Metering
package import Sealing
internal import Storage

/// What the counter must not lose, committed apart from the chain at least every second.
///
/// Rules:
/// 1. What changed since the last commit is one transaction: rows, segments, dates that ended, and the
///    state that goes with them. After a crash all of it is there, or none.
/// 2. A date that ended is kept, as the record that will close it, until that record is in the ledger.
/// 3. Segments and identities of closed dates stay: they are the customer's evidence.
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

  let database: DurableDatabase
  private let evidenceKey: HiddenBytes
  private let cryptography: any Cryptography

  /// Opens the journal.
  /// - Parameter evidenceKey: the customer's key for the names of evidence.
  package init(
    path: String, evidenceKey: HiddenBytes, using cryptography: some Cryptography
  ) throws(VerifierError) {
    do throws(StorageError) {
      database = try DurableDatabase(path: path, migrations: JournalSchema.migrations)
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
      for row in batch.changes.rows { try Self.replace(row, in: db) }
      for segment in batch.changes.segments { try Self.insert(segment, in: db) }
      for day in batch.changes.closed { try close(day, closing, in: db) }
      try db.execute(
        sql: """
          INSERT INTO state (id, boot, body) VALUES (1, ?, ?)
          ON CONFLICT (id) DO UPDATE SET boot = excluded.boot, body = excluded.body
          """, arguments: [boot, batch.changes.state.json.text])
    }
  }

  private func close(_ day: ClosedDay, _ closing: Closing, in db: Database) throws {
    let evidence = try evidence(of: day.summary.date, in: db)
    let record = try closing(day, evidence.root)
    try db.execute(
      sql: """
        INSERT INTO closed_day (date, payload) VALUES (?, ?)
        ON CONFLICT (date) DO NOTHING
        """, arguments: [day.summary.date.description, record.json.text])
  }

  /// The evidence of a date, from its segments.
  func evidence(of date: CivilDate, in db: Database) throws -> Metering.Evidence {
    var collectors: [CollectorID: (identity: CollectorIdentity, segments: [Segment])] = [:]
    let rows = try Row.fetchCursor(
      db,
      sql: """
        SELECT s.high, s.low, s.begins, s.ends, s.weight, i.kind, i.bytes
        FROM segment s JOIN identity i ON i.high = s.high AND i.low = s.low WHERE s.date = ?
        """, arguments: [date.description])
    while let row = try rows.next() {
      let id = Self.id(row)
      let segment = Segment(from: row["begins"], to: row["ends"], weight: row["weight"])
      if collectors[id] == nil {
        collectors[id] = (identity: try Self.identity(row), segments: [])
      }
      collectors[id]?.segments.append(segment)
    }
    return Metering.Evidence(
      date: date, collectors: Array(collectors.values), key: evidenceKey.bytes, using: cryptography)
  }

  /// What the last commit left, nil at a first start.
  package func content() async throws(VerifierError) -> Content? {
    try await read { db in
      guard let row = try Row.fetchOne(db, sql: "SELECT boot, body FROM state") else { return nil }
      let body: String = row["body"]
      let state = try MeterState(JSONScanner.scan(Array(body.utf8), maximumDepth: 16))
      let rows = try Row.fetchAll(
        db, sql: "SELECT high, low, last, started, mark, weight, flags, written FROM collector"
      ).map { row in
        CollectorRow(
          id: Self.id(row), last: row["last"], started: row["started"], mark: row["mark"],
          weight: row["weight"], flags: row["flags"], written: row["written"])
      }
      return Content(state: state, rows: rows, boot: row["boot"])
    }
  }

  /// The records of dates that ended and are not in the ledger yet, in order.
  package func closedDays() async throws(VerifierError) -> [UsageRecord] {
    try await read { db in
      try String.fetchAll(db, sql: "SELECT payload FROM closed_day ORDER BY date").map {
        try UsageRecord.parse(Array($0.utf8))
      }
    }
  }

  /// The record of a date is in the ledger.
  package func settle(_ date: CivilDate) async throws(VerifierError) {
    try await write { db in
      try db.execute(sql: "DELETE FROM closed_day WHERE date = ?", arguments: [date.description])
    }
  }
}
