package import GRDB
internal import GRDBSQLite

extension Statement {
  /// Executes a statement that gives no rows, with values bound straight to it.
  ///
  /// The library's own way to bind goes through generic code, which for a row of many columns takes longer
  /// than SQLite takes to write it. Who observes changes row by row is not told of these.
  /// - Throws: `DatabaseError`.
  package func executeDirectly(_ values: [DatabaseValue]) throws {
    try executeDirectly { row in
      for value in values { row.add(value) }
    }
  }

  /// The same, where each column's kind is known.
  /// - Parameter fill: adds a value for each parameter, in order.
  /// - Throws: `DatabaseError`.
  package func executeDirectly(_ fill: (inout DirectRow) -> Void) throws {
    try withBound(fill) {
      let outcome = unsafe sqlite3_step(sqliteStatement)
      guard outcome == SQLITE_DONE else { throw failure(outcome) }
    }
  }

  /// Binds values, and lets go of them and of what the statement holds afterwards.
  func withBound(_ fill: (inout DirectRow) -> Void, _ body: () throws -> Void) throws {
    defer {
      _ = unsafe sqlite3_reset(sqliteStatement)
      _ = unsafe sqlite3_clear_bindings(sqliteStatement)
    }
    var row = DirectRow(self)
    fill(&row)
    guard row.outcome == SQLITE_OK else { throw failure(row.outcome) }
    guard unsafe sqlite3_bind_parameter_count(sqliteStatement) == row.count else {
      throw DatabaseError(
        resultCode: .SQLITE_MISUSE, message: "a value for each parameter is needed")
    }
    try body()
  }

  func failure(_ outcome: CInt) -> DatabaseError {
    let message = unsafe sqlite3_errmsg(sqlite3_db_handle(sqliteStatement)).map {
      unsafe String(cString: $0)
    }
    return DatabaseError(resultCode: ResultCode(rawValue: outcome), message: message)
  }
}

/// The values of one execution of a statement, in the order of its parameters.
package struct DirectRow {
  private let statement: Statement
  fileprivate private(set) var count: CInt = 0
  /// The first failure.
  fileprivate private(set) var outcome = SQLITE_OK

  fileprivate init(_ statement: Statement) { self.statement = statement }

  package mutating func add(_ number: Int64?) {
    guard let number else { return addNull() }
    note(unsafe sqlite3_bind_int64(statement.sqliteStatement, next(), number))
  }

  package mutating func add(_ text: String?) {
    guard var text else { return addNull() }
    let index = next()
    // Copied: the text need not outlive this call.
    let copied = unsafe unsafeBitCast(-1, to: sqlite3_destructor_type.self)
    note(
      text.withUTF8 { bytes in
        unsafe bytes.withMemoryRebound(to: CChar.self) { characters in
          unsafe sqlite3_bind_text(
            statement.sqliteStatement, index, characters.baseAddress,
            CInt(clamping: characters.count), copied)
        }
      })
  }

  mutating func add(_ value: DatabaseValue) {
    switch value.storage {
    case .null: addNull()
    case .int64(let number): add(number)
    case .double(let number):
      note(unsafe sqlite3_bind_double(statement.sqliteStatement, next(), number))
    case .string(let text): add(text)
    case .blob: note(SQLITE_MISMATCH)
    }
  }

  private mutating func addNull() {
    note(unsafe sqlite3_bind_null(statement.sqliteStatement, next()))
  }

  private mutating func next() -> CInt {
    count += 1
    return count
  }

  private mutating func note(_ outcome: CInt) {
    if self.outcome == SQLITE_OK { self.outcome = outcome }
  }
}
