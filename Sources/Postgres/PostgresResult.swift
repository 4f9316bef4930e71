/// A value that goes to the server beside a statement, never in it.
package protocol PostgresValue: Sendable {
  /// As PostgreSQL reads it.
  var postgresText: String { get }
}

extension String: PostgresValue {
  package var postgresText: String { self }
}

extension Int64: PostgresValue {
  package var postgresText: String { String(self) }
}

extension Int: PostgresValue {
  package var postgresText: String { String(self) }
}

/// What the server answered to a statement.
package struct PostgresResult: Sendable {
  /// What was done, such as `COMMIT` or `UPDATE 1`.
  package let tag: String
  package let rows: [PostgresRow]

  /// How many rows were changed, 0 where that is not said.
  package var changed: Int {
    tag.split(separator: " ").last.flatMap { Int($0) } ?? 0
  }
}

/// A row: text by the name of its column, nil for NULL.
package struct PostgresRow: Sendable {
  private let columns: [String: Int]
  private let values: [String?]

  init(columns: [String: Int], values: [String?]) {
    self.columns = columns
    self.values = values
  }

  /// - Throws: ``PostgresError`` `damaged` where there is no such column.
  package func optionalText(_ column: String) throws(PostgresError) -> String? {
    guard let index = columns[column] else { throw Self.damaged(column) }
    return values[index]
  }

  /// - Throws: ``PostgresError`` `damaged`.
  package func text(_ column: String) throws(PostgresError) -> String {
    guard let text = try optionalText(column) else { throw Self.damaged(column) }
    return text
  }

  /// - Throws: ``PostgresError`` `damaged`.
  package func optionalNumber(_ column: String) throws(PostgresError) -> Int64? {
    guard let text = try optionalText(column) else { return nil }
    guard let number = Int64(text) else { throw Self.damaged(column) }
    return number
  }

  /// - Throws: ``PostgresError`` `damaged`.
  package func number(_ column: String) throws(PostgresError) -> Int64 {
    guard let number = try optionalNumber(column) else { throw Self.damaged(column) }
    return number
  }

  private static func damaged(_ column: String) -> PostgresError {
    PostgresError(.damaged, "a row has no \(column)")
  }
}
