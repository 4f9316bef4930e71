package import GRDB
internal import GRDBSQLite

/// What one column of a row holds.
package enum StoredCell {
  case null
  case number(Int64)
  case text(String)
  /// A fraction or bytes, which no column of ours holds.
  case other
}

extension Statement {
  /// Reads rows without what the library keeps of them: its own way copies each value twice, and finds out
  /// anew for each of which type it is to be, which takes longer than SQLite takes to find it.
  /// - Parameters:
  ///   - values: one for each parameter.
  ///   - most: how many rows are wanted.
  ///   - body: takes a row's columns in order. It must not read by the same statement.
  /// - Throws: `DatabaseError`; what the body throws.
  package func readDirectly(
    _ values: [DatabaseValue], most: Int = .max, _ body: ([StoredCell]) throws -> Void
  ) throws {
    // One that is in the middle of its rows would begin anew.
    guard unsafe sqlite3_stmt_busy(sqliteStatement) == 0 else {
      throw DatabaseError(
        resultCode: .SQLITE_MISUSE, message: "a statement is read while it is being read")
    }
    try withBound({ row in for value in values { row.add(value) } }) {
      var count = 0
      while count < most {
        let outcome = unsafe sqlite3_step(sqliteStatement)
        guard outcome == SQLITE_ROW else {
          guard outcome == SQLITE_DONE else { throw failure(outcome) }
          return
        }
        let columns = unsafe sqlite3_column_count(sqliteStatement)
        try body(try (0..<columns).map { try cell($0) })
        count += 1
      }
    }
  }

  private func cell(_ column: CInt) throws -> StoredCell {
    switch unsafe sqlite3_column_type(sqliteStatement, column) {
    case SQLITE_NULL: return .null
    case SQLITE_INTEGER: return .number(unsafe sqlite3_column_int64(sqliteStatement, column))
    case SQLITE_TEXT:
      // A text that cannot be handed over found no memory.
      guard let bytes = unsafe sqlite3_column_text(sqliteStatement, column) else {
        throw failure(SQLITE_NOMEM)
      }
      let count = unsafe Int(sqlite3_column_bytes(sqliteStatement, column))
      let text = unsafe UnsafeBufferPointer(start: bytes, count: count)
      return .text(unsafe String(decoding: text, as: UTF8.self))
    default: return .other
    }
  }
}
