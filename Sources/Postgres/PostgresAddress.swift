internal import CPostgres
internal import Glibc

/// Where a database is: a URI as libpq takes it, such as `postgres://host-a,host-b/tally`.
package struct PostgresAddress: Sendable {
  package let text: String
  /// Whether a password stands in it.
  package let holdsPassword: Bool

  /// - Returns: nil for what is no URI of PostgreSQL, or one that libpq does not understand.
  package init?(_ text: String) {
    guard text.hasPrefix("postgres://") || text.hasPrefix("postgresql://") else { return nil }
    guard let options = unsafe PQconninfoParse(text, nil) else { return nil }
    defer { unsafe PQconninfoFree(options) }
    self.text = text
    var names: Set<String> = []
    var next = unsafe options
    while let keyword = unsafe next.pointee.keyword {
      if unsafe next.pointee.val != nil { unsafe names.insert(String(cString: keyword)) }
      unsafe next += 1
    }
    holdsPassword = !names.isDisjoint(with: ["password", "sslpassword"])
  }

  /// What a connection is opened with. What stands in the URI, a service file or the environment goes
  /// before the first ones; the last ones are ours.
  func parameters(connectSeconds: Int) -> [(String, String)] {
    var parameters = [("connect_timeout", String(connectSeconds))]
    // libpq takes a value of ours before that of the environment.
    if unsafe getenv("PGTARGETSESSIONATTRS") == nil {
      parameters.append(("target_session_attrs", "read-write"))
    }
    return parameters + [
      ("dbname", text), ("client_encoding", "UTF8"),
      ("fallback_application_name", "tally-gateway"),
    ]
  }
}

/// How long a server may take, in seconds.
package struct PostgresPatience: Sendable {
  /// To each of the hosts for a connection.
  package var connect: Int
  package var statement: Int
  /// For other processes to be done with what a statement needs.
  package var lock: Int
  package var commit: Int

  package init(connect: Int = 5, statement: Int = 30, lock: Int = 10, commit: Int = 10) {
    self.connect = connect
    self.statement = statement
    self.lock = lock
    self.commit = commit
  }
}
