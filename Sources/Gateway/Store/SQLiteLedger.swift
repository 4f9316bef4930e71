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
  private let isReading: Bool
  /// Rows that a reading has read.
  private var read: [Thumbprint: InstallationRow] = [:]
  private static let mostRead = 10_000
  /// Of the statements that have given rows.
  private var columns: [String: SQLiteRow.Columns] = [:]
  /// What this transaction has changed.
  private(set) var staged: [Thumbprint: InstallationRow] = [:]
  /// How many statements were executed that may have changed something.
  private(set) var writes = 0

  /// One that changes, beside the rows in memory.
  init(_ database: Database, committed: @escaping (Thumbprint) -> InstallationRow?) {
    self.database = database
    self.committed = committed
    isReading = false
  }

  /// One that only reads.
  init(reading database: Database) {
    self.database = database
    committed = { _ in nil }
    isReading = true
  }

  /// Forgets what was staged since.
  func restore(_ staged: [Thumbprint: InstallationRow]) { self.staged = staged }

  func stage(_ row: InstallationRow) { staged[row.state.installation.thumbprint] = row }

  /// The row of an installation: as this transaction left it, else from memory, else from the table.
  func row(of installation: Thumbprint) throws -> InstallationRow? {
    if let row = staged[installation] ?? committed(installation) ?? read[installation] {
      return row
    }
    let row = try fetchRow(of: installation)
    if let row { remember(row) }
    return row
  }

  func remember(_ row: InstallationRow) {
    guard isReading, read.count < Self.mostRead else { return }
    read[row.state.installation.thumbprint] = row
  }

  /// Every installation, for memory.
  static func allRows(_ database: Database, _ body: (InstallationRow) -> Void) throws {
    let statement = try database.makeStatement(
      sql: "SELECT \(installationColumns) FROM \(installationTables)")
    let columns = SQLiteRow.Columns(statement)
    try statement.readDirectly([]) { body(try SQLiteRow($0, columns).installationRow()) }
  }

  // MARK: Entries

  func position() throws -> Int64 {
    try firstRow("SELECT coalesce(max(position), 0) AS position FROM entries")?
      .number("position") ?? 0
  }

  private static let insertEntry = """
    INSERT INTO entries (installation, seq, hash, jws, received_at, kind, license, revision, date,
      from_at, to_at, at, peak, peak_at, online, "limit", collectors, refused, observed, gaps,
      "window", dwell, identity, sample)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    """

  func enter(_ entries: [NewEntry], of installation: Int64, at now: Int64) throws -> Int64 {
    let statement = try database.cachedStatement(sql: Self.insertEntry)
    for entry in entries {
      writes += 1
      try statement.executeDirectly { row in
        row.add(installation)
        row.add(entry.seq)
        row.add(entry.hash?.text)
        row.add(entry.jws)
        row.add(now)
        row.add(entry.kind.rawValue)
        Self.add(entry.columns, to: &row)
      }
    }
    return database.lastInsertedRowID
  }

  private static func add(_ columns: EntryColumns?, to row: inout DirectRow) {
    row.add(columns?.license.text)
    row.add(columns?.revision)
    row.add(columns?.date.daysSinceEpoch)
    row.add(columns?.from)
    row.add(columns?.to)
    row.add(columns?.at)
    row.add(columns?.peak?.count)
    row.add(columns?.peak?.at)
    row.add(columns?.online)
    row.add(columns?.limit)
    row.add(columns?.collectors)
    row.add(columns?.refused)
    row.add(columns?.observed)
    row.add(columns?.gaps)
    row.add(columns?.rule?.window)
    row.add(columns?.rule?.dwell)
    row.add(columns?.rule?.identity)
    row.add(columns?.sample)
  }

  /// What this process keeps in memory it forgets by itself.
  func notePublication() {}

  // MARK: Statements

  @discardableResult
  func execute(_ sql: String, _ values: [(any LedgerValue)?]) throws -> Int {
    writes += 1
    try database.cachedStatement(sql: sql)
      .executeDirectly(values.map { $0?.databaseValue ?? .null })
    return database.changesCount
  }

  func rows(_ sql: String, _ values: [(any LedgerValue)?]) throws -> [any LedgerRow] {
    try rows(sql, values, most: .max)
  }

  func firstRow(_ sql: String, _ values: [(any LedgerValue)?]) throws -> (any LedgerRow)? {
    try rows(sql, values, most: 1).first
  }

  private func rows(
    _ sql: String, _ values: [(any LedgerValue)?], most: Int
  ) throws -> [SQLiteRow] {
    // Who reads may be told to stop between two statements; who changes decides what becomes of a group.
    if isReading { try Task.checkCancellation() }
    let statement = try database.cachedStatement(sql: sql)
    var columns: SQLiteRow.Columns?
    var rows: [SQLiteRow] = []
    try statement.readDirectly(values.map { $0?.databaseValue ?? .null }, most: most) { cells in
      let known = columns ?? self.columns(of: statement, sql)
      columns = known
      rows.append(SQLiteRow(cells, known))
    }
    return rows
  }

  private func columns(of statement: GRDB.Statement, _ sql: String) -> SQLiteRow.Columns {
    if let known = columns[sql] { return known }
    let new = SQLiteRow.Columns(statement)
    columns[sql] = new
    return new
  }
}
