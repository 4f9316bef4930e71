internal import Licensing
internal import Postgres
internal import Sealing
internal import Storage

/// One look at, or one change of, the PostgreSQL store: a connection inside a transaction.
///
/// Not thread safe, and never kept beyond the transaction. What it remembers was read in this transaction:
/// who changes holds the ledger's row, so that nobody else changes meanwhile.
final class PostgresLedger: SQLLedger {
  /// What a job that fails gives back.
  struct Mark {
    fileprivate let rows: [Thumbprint: InstallationRow]
    fileprivate let last: Int64?
    fileprivate let publications: Int64
  }

  private let connection: PostgresConnection
  private var known: [Thumbprint: InstallationRow] = [:]
  /// The position given out last, where this is a change.
  private(set) var last: Int64?
  /// How often licenses, keysets or revocations were changed.
  private(set) var publications: Int64
  /// Whether anything was written since the last mark.
  private(set) var hasWritten = false
  /// Why the transaction can only be undone, nil while it can go on.
  private(set) var failure: PostgresError?

  /// - Parameter last: the position given out last; nil where nothing is to be changed.
  init(_ connection: PostgresConnection, last: Int64? = nil, publications: Int64 = 0) {
    self.connection = connection
    self.last = last
    self.publications = publications
  }

  /// Begins a job.
  func mark() -> Mark {
    hasWritten = false
    return Mark(rows: known, last: last, publications: publications)
  }

  /// Forgets what was done since; the transaction was brought back to that point.
  func restore(_ mark: Mark) {
    known = mark.rows
    last = mark.last
    publications = mark.publications
    failure = nil
  }

  // MARK: Installations

  func stage(_ row: InstallationRow) { known[row.state.installation.thumbprint] = row }

  /// The row of an installation: as this transaction left it, else from the table.
  func row(of installation: Thumbprint) throws -> InstallationRow? {
    if let row = known[installation] { return row }
    let row = try fetchRow(of: installation)
    if let row { stage(row) }
    return row
  }

  // MARK: Places

  func position() throws -> Int64 {
    if let last { return last }
    return try firstRow("SELECT position FROM ledger")?.number("position") ?? 0
  }

  /// Gives out the next position.
  func nextPosition() throws -> Int64 {
    guard let last else {
      throw StorageError(.readOnly, "the ledger was opened for reading: nothing can be entered")
    }
    self.last = last + 1
    return last + 1
  }

  func notePublication() { publications += 1 }

  // MARK: Statements

  func rows(_ sql: String, _ values: [(any LedgerValue)?]) throws -> [any LedgerRow] {
    try run(sql, values).rows
  }

  func firstRow(_ sql: String, _ values: [(any LedgerValue)?]) throws -> (any LedgerRow)? {
    try run(sql, values).rows.first
  }

  @discardableResult
  func execute(_ sql: String, _ values: [(any LedgerValue)?]) throws -> Int {
    hasWritten = true
    return try run(sql, values).changed
  }

  private func run(
    _ sql: String, _ values: [(any LedgerValue)?]
  ) throws(PostgresError) -> PostgresResult {
    if let failure { throw failure }
    do throws(PostgresError) { return try connection.run(sql, values.map { $0 }) } catch {
      failure = error
      throw error
    }
  }
}

extension PostgresRow: LedgerRow {}
