internal import Postgres

/// A connection that is fit to hold a ledger.
///
/// Rules:
/// 1. The server is PostgreSQL 15 or later, takes writes, and keeps texts in UTF-8.
/// 2. What it acknowledges survives a power cut: `fsync` and `full_page_writes` are on, and
///    `synchronous_commit` is `on` or `remote_apply`. What is weaker is refused, not overruled: whoever set
///    it must know.
/// 3. Warnings are not held back: a commit that is not on the standby is told by one.
enum PostgresSession {
  private static let oldestVersion = 150_000

  /// Connects, checks and sets what the ledger rests on.
  /// - Throws: ``PostgresError``.
  static func open(
    _ address: PostgresAddress, _ patience: PostgresPatience
  ) throws(PostgresError) -> PostgresConnection {
    let connection = try PostgresConnection(address, patience)
    guard connection.serverVersion >= oldestVersion else {
      throw PostgresError(
        .unfit, "the server's version is \(connection.serverVersion): PostgreSQL 15 is needed")
    }
    let settings = try settings(of: connection)
    try requireFit(settings)
    try requireDurable(settings)
    // Its own value, and a constant: no role or database may have another for later sessions.
    let level = try settings.text("synchronous_commit") == "on" ? "on" : "remote_apply"
    try connection.runScript("SET synchronous_commit = \(level); \(session)")
    try connection.run(
      "SELECT set_config('lock_timeout', $1, false), set_config('statement_timeout', $2, false)",
      ["\(patience.lock)s", "\(patience.statement)s"])
    try requireDurable(try self.settings(of: connection))
    return connection
  }

  /// A client that stops within a transaction must not keep the ledger from the others for long; one that is
  /// gone is noticed.
  private static let session = """
    SET client_min_messages = notice;
    SET search_path = tally;
    SET default_transaction_isolation = 'read committed';
    SET default_transaction_read_only = off;
    SET standard_conforming_strings = on;
    SET idle_in_transaction_session_timeout = '60s';
    SET client_connection_check_interval = '5s'
    """

  private static func settings(
    of connection: PostgresConnection
  ) throws(PostgresError) -> PostgresRow {
    let found = try connection.run(
      """
      SELECT pg_is_in_recovery()::text AS recovery, current_setting('fsync') AS fsync,
        current_setting('full_page_writes') AS full_page_writes,
        current_setting('synchronous_commit') AS synchronous_commit,
        current_setting('server_encoding') AS server_encoding
      """
    ).rows.first
    guard let found else { throw PostgresError(.unfit, "the server does not say how it is set") }
    return found
  }

  private static func requireFit(_ settings: PostgresRow) throws(PostgresError) {
    guard try settings.text("recovery") == "false" else {
      throw PostgresError(
        .readOnly, "the server is a standby: name the primary, or all hosts of the cluster")
    }
    let encoding = try settings.text("server_encoding")
    guard encoding == "UTF8" else {
      throw PostgresError(
        .unfit, "the database keeps texts in \(encoding): make one with ENCODING 'UTF8'")
    }
  }

  /// Holds that a commit is durable.
  /// - Parameter settings: a row with the three settings.
  /// - Throws: ``PostgresError`` `weak`.
  static func requireDurable(_ settings: PostgresRow) throws(PostgresError) {
    for name in ["fsync", "full_page_writes"] {
      let value = try settings.text(name)
      guard value == "on" else {
        throw PostgresError(
          .weak,
          "PostgreSQL runs with \(name) = \(value), so that a power cut loses what was "
            + "acknowledged: set it on in postgresql.conf and reload the server")
      }
    }
    let level = try settings.text("synchronous_commit")
    guard level == "on" || level == "remote_apply" else {
      throw PostgresError(
        .weak,
        "PostgreSQL runs with synchronous_commit = \(level), so that commits are acknowledged "
          + "before they are durable: set it to on for the server, the database and the role")
    }
  }
}
