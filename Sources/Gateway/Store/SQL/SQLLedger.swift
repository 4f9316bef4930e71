internal import GRDB
internal import Licensing
internal import Postgres
internal import Sealing
internal import Storage

/// A value that goes to either store beside a statement, never in it.
typealias LedgerValue = DatabaseValueConvertible & PostgresValue

/// An installation with its row number.
struct InstallationRow: Sendable {
  let number: Int64
  var state: InstallationState
}

/// An entry on its way into the table.
struct NewEntry {
  let kind: KeptEntry.Kind
  var seq: Int64?
  var hash: Digest?
  let jws: String
  var columns: EntryColumns?
}

/// One look at, or one change of, a store that speaks SQL: a connection inside a transaction.
///
/// What the ledger is stands in the extensions of this protocol, once for both stores; a store brings its
/// connection, what it remembers, and how it enters entries. Statements are written so that both
/// understand them: values are `$1`, `$2`, …, each named first in the order of its number, for SQLite
/// counts them as they appear.
protocol SQLLedger: LedgerWriting {
  func rows(_ sql: String, _ values: [(any LedgerValue)?]) throws -> [any LedgerRow]
  func firstRow(_ sql: String, _ values: [(any LedgerValue)?]) throws -> (any LedgerRow)?
  /// - Returns: how many rows were changed.
  @discardableResult
  func execute(_ sql: String, _ values: [(any LedgerValue)?]) throws -> Int

  /// The row of an installation: as this transaction left it, else as it was committed.
  func row(of installation: Thumbprint) throws -> InstallationRow?
  /// Remembers a row as this transaction leaves it.
  func stage(_ row: InstallationRow)
  /// Takes notice of a row that was read in this transaction.
  func remember(_ row: InstallationRow)
  /// Enters entries of an installation, by its row number, at the next positions.
  /// - Returns: the last position.
  func enter(_ entries: [NewEntry], of installation: Int64, at now: Int64) throws -> Int64
  /// Notes that what processes keep in memory of licenses, keysets and revocations is old.
  func notePublication()
}

extension SQLLedger {
  func remember(_ row: InstallationRow) {}
  func rows(_ sql: String) throws -> [any LedgerRow] { try rows(sql, []) }
  func firstRow(_ sql: String) throws -> (any LedgerRow)? { try firstRow(sql, []) }
  @discardableResult
  func execute(_ sql: String) throws -> Int { try execute(sql, []) }

  /// The row of an installation that must exist.
  func requireRow(of installation: Thumbprint) throws -> InstallationRow {
    guard let row = try row(of: installation) else {
      throw StorageError(.damaged, "the ledger has no installation \(installation)")
    }
    return row
  }
}
