internal import GRDB
internal import Storage

/// A row of the embedded store.
struct SQLiteRow: LedgerRow {
  /// Where the columns of a statement are, by their names as it writes them.
  ///
  /// A row is mostly asked for its columns in their order: the next one is looked at first, and names of so few
  /// letters are sooner compared than hashed.
  final class Columns {
    private let names: [String]
    private var next = 0

    init(_ statement: GRDB.Statement) {
      // Of two columns with one name the first is meant, whichever is looked at first.
      var known: Set<String> = []
      names = statement.columnNames.map { known.insert($0).inserted ? $0 : "" }
    }

    subscript(name: String) -> Int? {
      for offset in names.indices {
        var place = next + offset
        if place >= names.count { place -= names.count }
        guard names[place] == name else { continue }
        next = place + 1 == names.count ? 0 : place + 1
        return place
      }
      return nil
    }
  }

  private let columns: Columns
  private let cells: [StoredCell]

  init(_ cells: [StoredCell], _ columns: Columns) {
    self.cells = cells
    self.columns = columns
  }

  func text(_ column: String) throws -> String { try sound(try optionalText(column), column) }
  func number(_ column: String) throws -> Int64 { try sound(try optionalNumber(column), column) }

  func optionalText(_ column: String) throws -> String? {
    switch try cell(column) {
    case .null: nil
    case .text(let text): text
    case .number, .other: throw Self.damaged(column)
    }
  }

  func optionalNumber(_ column: String) throws -> Int64? {
    switch try cell(column) {
    case .null: nil
    case .number(let number): number
    case .text, .other: throw Self.damaged(column)
    }
  }

  private func cell(_ column: String) throws -> StoredCell {
    guard let place = columns[column], place < cells.count else { throw Self.damaged(column) }
    return cells[place]
  }

  private func sound<Value>(_ value: Value?, _ column: String) throws -> Value {
    guard let value else { throw Self.damaged(column) }
    return value
  }

  private static func damaged(_ column: String) -> DatabaseError {
    DatabaseError(resultCode: .SQLITE_CORRUPT, message: "a row has no \(column)")
  }
}
