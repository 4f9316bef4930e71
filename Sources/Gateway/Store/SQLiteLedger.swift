internal import GRDB
internal import Licensing
internal import Sealing
internal import Storage

/// One look at, or one change of, the embedded store: a connection inside a transaction.
///
/// Not thread safe, and never kept beyond the transaction.
final class SQLiteLedger: LedgerWriting {
  /// An installation with its row number.
  struct Row: Sendable {
    let number: Int64
    var state: InstallationState
  }

  let database: Database
  /// Installations as of the last commit, where the store keeps them in memory.
  private let committed: (Thumbprint) -> Row?
  /// What this transaction has changed.
  private(set) var staged: [Thumbprint: Row] = [:]

  init(_ database: Database, committed: @escaping (Thumbprint) -> Row? = { _ in nil }) {
    self.database = database
    self.committed = committed
  }

  /// Forgets what was staged since.
  func restore(_ staged: [Thumbprint: Row]) { self.staged = staged }

  func stage(_ row: Row) { staged[row.state.installation.thumbprint] = row }

  /// The row of an installation: as this transaction left it, else from memory, else from the table.
  func row(of installation: Thumbprint) throws -> Row? {
    if let row = staged[installation] ?? committed(installation) { return row }
    return try fetchRow(of: installation)
  }

  /// The row of an installation that must exist.
  func known(_ installation: Thumbprint) throws -> Row {
    guard let row = try row(of: installation) else {
      throw StorageError(.damaged, "the ledger has no installation \(installation)")
    }
    return row
  }

  // MARK: Statements

  func execute(_ sql: String, _ arguments: StatementArguments = []) throws {
    try database.cachedStatement(sql: sql).execute(arguments: arguments)
  }

  func rows(_ sql: String, _ arguments: StatementArguments = []) throws -> [GRDB.Row] {
    try GRDB.Row.fetchAll(database.cachedStatement(sql: sql), arguments: arguments)
  }

  func firstRow(_ sql: String, _ arguments: StatementArguments = []) throws -> GRDB.Row? {
    try GRDB.Row.fetchOne(database.cachedStatement(sql: sql), arguments: arguments)
  }
}

extension GRDB.Row: LedgerRow {
  func text(_ column: String) throws -> String { try value(column) }
  func optionalText(_ column: String) throws -> String? { try optional(column) }
  func number(_ column: String) throws -> Int64 { try value(column) }
  func optionalNumber(_ column: String) throws -> Int64? { try optional(column) }
}
