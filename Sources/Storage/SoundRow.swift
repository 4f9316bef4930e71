package import GRDB

// A row as the schema promises it. The disk may give another: what is not there, or is of another type, is
// an error that names the file, and never ends the process.
extension Row {
  /// The value of a column that is never NULL.
  /// - Throws: what SQLite says of a damaged file.
  package func value<Value: DatabaseValueConvertible>(_ column: String) throws -> Value {
    guard let value: Value = try optional(column) else { throw Self.damaged(column) }
    return value
  }

  /// The value of a column that may be NULL.
  /// - Throws: what SQLite says of a damaged file.
  package func optional<Value: DatabaseValueConvertible>(_ column: String) throws -> Value? {
    guard let stored = self[column] as DatabaseValue?, !stored.isNull else { return nil }
    guard let value = Value.fromDatabaseValue(stored) else { throw Self.damaged(column) }
    return value
  }

  private static func damaged(_ column: String) -> DatabaseError {
    DatabaseError(resultCode: .SQLITE_CORRUPT, message: "a row has no \(column)")
  }
}
