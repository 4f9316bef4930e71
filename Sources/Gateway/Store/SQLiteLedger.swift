internal import CivilTime
internal import GRDB
internal import Licensing
internal import Metering
internal import Sealing
internal import Storage

/// One look at, or one change of, the embedded store: a connection inside a transaction.
///
/// Not thread safe, and never kept beyond the transaction.
final class SQLiteLedger: SQLLedger {
  let database: Database
  /// Installations as of the last commit, where the store keeps them in memory.
  private let committed: (Thumbprint) -> InstallationRow?
  /// What this transaction has changed.
  private(set) var staged: [Thumbprint: InstallationRow] = [:]

  init(_ database: Database, committed: @escaping (Thumbprint) -> InstallationRow? = { _ in nil }) {
    self.database = database
    self.committed = committed
  }

  /// Forgets what was staged since.
  func restore(_ staged: [Thumbprint: InstallationRow]) { self.staged = staged }

  func stage(_ row: InstallationRow) { staged[row.state.installation.thumbprint] = row }

  /// The row of an installation: as this transaction left it, else from memory, else from the table.
  func row(of installation: Thumbprint) throws -> InstallationRow? {
    if let row = staged[installation] ?? committed(installation) { return row }
    return try fetchRow(of: installation)
  }

  /// Every installation, for memory.
  static func allRows(_ database: Database, _ body: (InstallationRow) -> Void) throws {
    let cursor = try GRDB.Row.fetchCursor(
      database, sql: "SELECT \(installationColumns) FROM \(installationTables)")
    while let next = try cursor.next() { body(try next.installationRow()) }
  }

  // MARK: Entries

  func position() throws -> Int64 {
    try firstRow("SELECT coalesce(max(position), 0) AS position FROM entries")?
      .number("position") ?? 0
  }

  func enter(_ entries: [NewEntry], of installation: Int64, at now: Int64) throws -> Int64 {
    for entry in entries {
      let columns = entry.columns
      try execute(
        """
        INSERT INTO entries (installation, seq, hash, jws, received_at, kind, license, revision,
          date, from_at, to_at, at, peak, peak_at, online, "limit", collectors, refused, observed,
          gaps, "window", dwell, identity, sample)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """,
        [
          installation, entry.seq, entry.hash?.text, entry.jws, now, entry.kind.rawValue,
          columns?.license.text, columns?.revision, columns?.date.daysSinceEpoch, columns?.from,
          columns?.to, columns?.at, columns?.peak?.count, columns?.peak?.at, columns?.online,
          columns?.limit, columns?.collectors, columns?.refused, columns?.observed, columns?.gaps,
          columns?.rule?.window, columns?.rule?.dwell, columns?.rule?.identity, columns?.sample,
        ])
    }
    return database.lastInsertedRowID
  }

  /// What this process keeps in memory it forgets by itself.
  func notePublication() {}

  // MARK: Statements

  @discardableResult
  func execute(_ sql: String, _ values: [(any LedgerValue)?]) throws -> Int {
    try database.cachedStatement(sql: sql).execute(arguments: Self.arguments(values))
    return database.changesCount
  }

  private static func arguments(_ values: [(any LedgerValue)?]) -> StatementArguments {
    StatementArguments(values.map { $0 as (any DatabaseValueConvertible)? })
  }

  func rows(_ sql: String, _ values: [(any LedgerValue)?]) throws -> [any LedgerRow] {
    try GRDB.Row.fetchAll(
      database.cachedStatement(sql: sql), arguments: Self.arguments(values))
  }

  func firstRow(_ sql: String, _ values: [(any LedgerValue)?]) throws -> (any LedgerRow)? {
    try GRDB.Row.fetchOne(
      database.cachedStatement(sql: sql), arguments: Self.arguments(values))
  }
}

extension GRDB.Row: LedgerRow {
  func text(_ column: String) throws -> String { try value(column) }
  func optionalText(_ column: String) throws -> String? { try optional(column) }
  func number(_ column: String) throws -> Int64 { try value(column) }
  func optionalNumber(_ column: String) throws -> Int64? { try optional(column) }
}
