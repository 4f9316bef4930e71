/// PostgreSQL did not do what was asked of it. Two errors are equal when their codes are.
package struct PostgresError: Error, Sendable, Equatable, CustomStringConvertible {
  package enum Code: Sendable, CaseIterable {
    /// No connection could be made.
    case unreachable
    /// The server is not one that can be used.
    case unfit
    /// The server would acknowledge what a power cut or the loss of a machine can take back.
    case weak
    /// The schema is newer than the program.
    case superseded
    /// The connection broke, or the server ended it, before COMMIT was sent.
    case connectionLost
    /// No answer came in time, before COMMIT was sent: the connection is given up.
    case deadline
    /// COMMIT was sent, and nobody knows whether it is durable.
    case outcomeUnknown
    /// The transaction was undone so that another could go on; it may be run again.
    case serialization
    /// A row breaks a rule of the schema.
    case constraint
    /// Someone else holds the ledger for too long.
    case lockTimeout
    case full
    /// The server takes no writes: it is, or has become, a standby.
    case readOnly
    /// What is stored cannot be read.
    case damaged
    /// Anything else that the server says no to; ``PostgresError/sqlState`` says what.
    case refused
  }

  package let code: Code
  /// What happened and what to do; never holds a bound value or a password.
  package let message: String
  /// The server's own five letters, nil where the server said nothing.
  package let sqlState: String?

  package init(_ code: Code, _ message: String, sqlState: String? = nil) {
    self.code = code
    self.message = message
    self.sqlState = sqlState
  }

  /// What the server answers to a statement.
  /// - Parameter constraint: the name of the rule that is broken, if one is.
  init(sqlState: String, constraint: String?) {
    let place = constraint.map { " (\($0))" } ?? ""
    self.init(
      Self.code(of: sqlState), "PostgreSQL answers \(sqlState)\(place)", sqlState: sqlState)
  }

  private static func code(of sqlState: String) -> Code {
    switch sqlState {
    case "40001", "40P01": return .serialization
    case "53100": return .full
    case "25006": return .readOnly
    case "55P03": return .lockTimeout
    case "57014": return .deadline
    case "XX001", "XX002": return .damaged
    default: break
    }
    switch sqlState.prefix(2) {
    case "23": return .constraint
    case "08", "57": return .connectionLost
    default: return .refused
    }
  }

  package static func == (left: PostgresError, right: PostgresError) -> Bool {
    left.code == right.code
  }

  package var description: String { message }
}
