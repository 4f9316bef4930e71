package import GRDB
internal import GRDBSQLite

extension Statement {
  /// Executes a statement that gives no rows, with values bound straight to it.
  ///
  /// The library's own way to bind goes through generic code, which for a row of many columns takes longer
  /// than SQLite takes to write it. Who observes changes row by row is not told of these.
  /// - Throws: `DatabaseError`.
  package func executeDirectly(_ values: [DatabaseValue]) throws {
    defer {
      _ = unsafe sqlite3_reset(sqliteStatement)
      _ = unsafe sqlite3_clear_bindings(sqliteStatement)
    }
    guard unsafe sqlite3_bind_parameter_count(sqliteStatement) == CInt(values.count) else {
      throw DatabaseError(
        resultCode: .SQLITE_MISUSE, message: "a value for each parameter is needed")
    }
    for (index, value) in values.enumerated() {
      let outcome = bind(value, at: CInt(index + 1))
      guard outcome == SQLITE_OK else { throw failure(outcome) }
    }
    let outcome = unsafe sqlite3_step(sqliteStatement)
    guard outcome == SQLITE_DONE else { throw failure(outcome) }
  }

  private func bind(_ value: DatabaseValue, at index: CInt) -> CInt {
    switch value.storage {
    case .null: return unsafe sqlite3_bind_null(sqliteStatement, index)
    case .int64(let number): return unsafe sqlite3_bind_int64(sqliteStatement, index, number)
    case .double(let number): return unsafe sqlite3_bind_double(sqliteStatement, index, number)
    case .string(var text):
      // Copied: the text need not outlive this call.
      let copied = unsafe unsafeBitCast(-1, to: sqlite3_destructor_type.self)
      return text.withUTF8 { bytes in
        unsafe bytes.withMemoryRebound(to: CChar.self) { characters in
          unsafe sqlite3_bind_text(
            sqliteStatement, index, characters.baseAddress, CInt(clamping: characters.count), copied
          )
        }
      }
    case .blob: return SQLITE_MISMATCH
    }
  }

  private func failure(_ outcome: CInt) -> DatabaseError {
    let message = unsafe sqlite3_errmsg(sqlite3_db_handle(sqliteStatement)).map {
      unsafe String(cString: $0)
    }
    return DatabaseError(resultCode: ResultCode(rawValue: outcome), message: message)
  }
}
