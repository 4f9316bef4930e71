internal import GRDB
internal import Storage

/// A row of the embedded store.
///
/// The database's own rows look every name up by comparing it with each column's in lower case, which for
/// a row of a statement's entries takes longer than reading it.
struct SQLiteRow: LedgerRow {
  /// Where the columns of a statement are, by their names as it writes them.
  struct Columns {
    private let places: [String: Int]

    init(_ statement: GRDB.Statement) {
      places = Dictionary(
        statement.columnNames.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first }
      )
    }

    subscript(name: String) -> Int? { places[name] }
  }

  private let columns: Columns
  private let row: GRDB.Row

  init(_ row: GRDB.Row, _ columns: Columns) {
    self.row = row
    self.columns = columns
  }

  func text(_ column: String) throws -> String { try sound(try optionalText(column), column) }
  func number(_ column: String) throws -> Int64 { try sound(try optionalNumber(column), column) }

  func optionalText(_ column: String) throws -> String? {
    switch try storage(column) {
    case .null: nil
    case .string(let text): text
    case .int64, .double, .blob: throw Self.damaged(column)
    }
  }

  func optionalNumber(_ column: String) throws -> Int64? {
    switch try storage(column) {
    case .null: nil
    case .int64(let number): number
    case .string, .double, .blob: throw Self.damaged(column)
    }
  }

  private func storage(_ column: String) throws -> DatabaseValue.Storage {
    guard let place = columns[column] else { throw Self.damaged(column) }
    return (row[place] as DatabaseValue).storage
  }

  private func sound<Value>(_ value: Value?, _ column: String) throws -> Value {
    guard let value else { throw Self.damaged(column) }
    return value
  }

  private static func damaged(_ column: String) -> DatabaseError {
    DatabaseError(resultCode: .SQLITE_CORRUPT, message: "a row has no \(column)")
  }
}
