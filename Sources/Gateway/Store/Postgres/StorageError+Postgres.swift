internal import Postgres
internal import Storage

extension StorageError {
  /// Sorts what went wrong with PostgreSQL; what it says holds no bound values.
  init(_ error: PostgresError) {
    let (code, cure): (Code, String) =
      switch error.code {
      case .unreachable, .connectionLost, .deadline, .lockTimeout, .serialization:
        (.unavailable, "nothing was changed: check server and network, then try again")
      case .unfit: (.unavailable, "")
      case .weak: (.notDurable, "")
      case .superseded: (.schemaTooNew, "")
      case .outcomeUnknown: (.unknown, "")
      case .full: (.full, "no space is left on the database server: free some")
      case .readOnly:
        (.readOnly, "name all hosts of the cluster, so that the one that takes writes is found")
      case .damaged, .constraint:
        (
          .damaged,
          "the ledger contradicts itself: restore it from a backup, and keep this one to be looked at"
        )
      case .refused: (.unavailable, Self.cure(error.sqlState))
      }
    self.init(code, cure.isEmpty ? error.message : "\(error.message): \(cure)")
  }

  private static func cure(_ sqlState: String?) -> String {
    switch sqlState {
    case "42501":
      "permission denied: let the role own the database, or give it CREATE on it and its own tables"
    case "42P01", "42703", "3F000":
      "tables of the ledger are missing: restore the database from a backup"
    default: "see the server's log"
    }
  }
}
