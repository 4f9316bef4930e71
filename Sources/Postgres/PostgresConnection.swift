internal import CPostgres
internal import Glibc

/// Owns one `PGconn`. Its calls block, up to their deadlines: they belong on a ``PostgresLane``.
///
/// Rules:
/// 1. Values go beside a prepared statement; the statements themselves are constants of the program.
/// 2. What takes longer than its deadline, or breaks, ends the connection: ``isUsable`` is false then.
/// 3. No statement is ever cancelled. The server takes a cancel while it waits for its standby for leave to
///    report a commit that the standby does not have.
/// 4. ``commit()`` succeeds only where the server said `COMMIT`, in time, and nothing else meanwhile.
@safe package final class PostgresConnection {
  private let pointer: OpaquePointer
  private let notices = Notices()
  private let patience: PostgresPatience
  private var statements: [String: String] = [:]
  package private(set) var isUsable = true

  /// Connects to the first host that takes writes.
  /// - Throws: ``PostgresError`` `unreachable`.
  package init(
    _ address: PostgresAddress, _ patience: PostgresPatience
  ) throws(PostgresError) {
    self.patience = patience
    let parameters = address.parameters(connectSeconds: patience.connect)
    guard let pointer = unsafe Self.connect(parameters) else {
      throw PostgresError(.unreachable, "there is no memory for a connection to PostgreSQL")
    }
    unsafe self.pointer = pointer
    guard unsafe PQstatus(pointer) == CONNECTION_OK, unsafe PQsetnonblocking(pointer, 1) == 0 else {
      throw PostgresError(
        .unreachable, "PostgreSQL cannot be reached: \(unsafe Self.complaint(of: pointer))")
    }
    // The connection ends before its notices do: see deinit.
    unsafe PQsetNoticeReceiver(
      pointer,
      { context, result in
        guard let context = unsafe context else { return }
        let notices = unsafe Unmanaged<Notices>.fromOpaque(context).takeUnretainedValue()
        notices.all.append(unsafe PostgresConnection.field(result, UInt8(ascii: "C")) ?? "")
      }, Unmanaged.passUnretained(notices).toOpaque())
  }

  deinit { unsafe PQfinish(pointer) }

  private final class Notices {
    /// Their codes.
    var all: [String] = []
  }

  /// The codes of the notices and warnings that came since the last call.
  package func takeNotices() -> [String] {
    defer { notices.all = [] }
    return notices.all
  }

  /// The server's version, such as 150018.
  package var serverVersion: Int { Int(unsafe PQserverVersion(pointer)) }

  /// The server's process that serves this connection.
  package var backend: Int { Int(unsafe PQbackendPID(pointer)) }

  // MARK: Statements

  /// Runs one statement with values for `$1`, `$2` and so on; it is prepared once for each connection.
  /// - Throws: ``PostgresError``.
  @discardableResult
  package func run(
    _ sql: String, _ values: [(any PostgresValue)?] = []
  ) throws(PostgresError) -> PostgresResult {
    let deadline = self.deadline(patience.statement)
    let name = try prepare(sql, deadline)
    let texts = values.map { $0?.postgresText }
    guard !texts.contains(where: { $0?.utf8.contains(0) == true }) else {
      throw PostgresError(.refused, "PostgreSQL keeps no text with a NUL in it", sqlState: "22021")
    }
    let isSent = unsafe Self.withCStrings(texts) { pointers in
      unsafe PQsendQueryPrepared(pointer, name, CInt(texts.count), pointers, nil, nil, 0)
    }
    return try awaitResult(isSent, deadline)
  }

  /// Runs constant statements, with semicolons between them, and returns what the last one gave.
  /// - Throws: ``PostgresError``.
  @discardableResult
  package func runScript(_ sql: String) throws(PostgresError) -> PostgresResult {
    try awaitResult(unsafe PQsendQuery(pointer, sql), deadline(patience.statement))
  }

  /// Makes the transaction durable.
  /// - Throws: ``PostgresError`` `serialization` where it was certainly undone, else `outcomeUnknown`.
  package func commit() throws(PostgresError) {
    _ = takeNotices()
    let tag: String
    do throws(PostgresError) {
      tag = try awaitResult(unsafe PQsendQuery(pointer, "COMMIT"), deadline(patience.commit)).tag
    } catch {
      if error.code == .serialization { throw error }
      isUsable = false
      throw Self.unknown(error.message)
    }
    let said = takeNotices()
    guard tag == "COMMIT", said.isEmpty else {
      isUsable = false
      let notices = said.joined(separator: ", ")
      throw Self.unknown(said.isEmpty ? "PostgreSQL answers \(tag)" : "a notice came: \(notices)")
    }
  }

  private static func unknown(_ what: String) -> PostgresError {
    PostgresError(
      .outcomeUnknown,
      "a commit may or may not be durable (\(what)): nothing of it was acknowledged, try again")
  }

  private func prepare(
    _ sql: String, _ deadline: ContinuousClock.Instant
  ) throws(PostgresError) -> String {
    if let name = statements[sql] { return name }
    let name = "s\(statements.count)"
    _ = try awaitResult(unsafe PQsendPrepare(pointer, name, sql, 0, nil), deadline)
    statements[sql] = name
    return name
  }
}

// Waiting for the server.
extension PostgresConnection {
  private func deadline(_ seconds: Int) -> ContinuousClock.Instant {
    .now + .seconds(seconds)
  }

  private func awaitResult(
    _ isSent: CInt, _ deadline: ContinuousClock.Instant
  ) throws(PostgresError) -> PostgresResult {
    guard isUsable, isSent == 1 else { throw lost() }
    try flush(deadline)
    var last: PostgresResult?
    var failure: PostgresError?
    while let result = unsafe try next(deadline) {
      defer { unsafe PQclear(result) }
      switch unsafe PQresultStatus(result) {
      case PGRES_COMMAND_OK, PGRES_TUPLES_OK, PGRES_EMPTY_QUERY:
        last = unsafe Self.read(result)
      default:
        failure = failure ?? (unsafe Self.failure(result))
      }
    }
    if unsafe PQstatus(pointer) != CONNECTION_OK { throw lost(failure?.sqlState) }
    if let failure { throw failure }
    guard let last else { throw lost() }
    return last
  }

  private func flush(_ deadline: ContinuousClock.Instant) throws(PostgresError) {
    while true {
      switch unsafe PQflush(pointer) {
      case 0: return
      case 1:
        let events = try wait(for: POLLIN | POLLOUT, deadline)
        if events & Int32(POLLIN) != 0, unsafe PQconsumeInput(pointer) != 1 { throw lost() }
      default: throw lost()
      }
    }
  }

  /// The next result of what was sent, nil after the last.
  private func next(
    _ deadline: ContinuousClock.Instant
  ) throws(PostgresError) -> OpaquePointer? {
    while unsafe PQisBusy(pointer) == 1 {
      _ = try wait(for: POLLIN, deadline)
      // A server that ends the connection says why first: the result holds it.
      guard unsafe PQconsumeInput(pointer) == 1 else { break }
    }
    return unsafe PQgetResult(pointer)
  }

  /// - Returns: what the socket is ready for.
  private func wait(
    for events: Int32, _ deadline: ContinuousClock.Instant
  ) throws(PostgresError) -> Int32 {
    while true {
      let left = ContinuousClock.now.duration(to: deadline).components
      let milliseconds = left.seconds * 1000 + left.attoseconds / 1_000_000_000_000_000
      guard milliseconds > 0 else {
        isUsable = false
        throw PostgresError(
          .deadline, "PostgreSQL has not answered in time: the connection is given up")
      }
      var watched = pollfd(
        fd: unsafe PQsocket(pointer), events: Int16(truncatingIfNeeded: events), revents: 0)
      let ready = unsafe poll(&watched, 1, Int32(clamping: milliseconds))
      if ready > 0 { return Int32(watched.revents) }
      if ready < 0, errno != EINTR { throw lost() }
    }
  }

  private func lost(_ sqlState: String? = nil) -> PostgresError {
    isUsable = false
    return PostgresError(
      .connectionLost,
      "the connection to PostgreSQL broke: \(unsafe Self.complaint(of: pointer))",
      sqlState: sqlState)
  }
}

// What libpq hands out, copied.
extension PostgresConnection {
  private static func connect(_ parameters: [(String, String)]) -> OpaquePointer? {
    unsafe withCStrings(parameters.map(\.0) + [nil]) { keywords in
      unsafe withCStrings(parameters.map(\.1) + [nil]) { values in
        unsafe PQconnectdbParams(keywords, values, 1)
      }
    }
  }

  /// Lends the texts as C strings to one call.
  private static func withCStrings<Result>(
    _ texts: [String?], _ body: (UnsafePointer<UnsafePointer<CChar>?>?) -> Result
  ) -> Result {
    let copies = unsafe texts.map { text in unsafe text.flatMap { unsafe strdup($0) } }
    defer { unsafe copies.forEach { unsafe free($0) } }
    let pointers = unsafe copies.map { copy in unsafe copy.map { unsafe UnsafePointer<CChar>($0) } }
    return unsafe pointers.withUnsafeBufferPointer { unsafe body($0.baseAddress) }
  }

  /// What libpq says, on one line: of hosts, users and databases, never of passwords.
  private static func complaint(of pointer: OpaquePointer) -> String {
    guard let text = unsafe PQerrorMessage(pointer) else { return "no reason is known" }
    let lines = unsafe String(cString: text).split(whereSeparator: \.isNewline)
    let words = lines.map { $0.drop(while: \.isWhitespace) }.filter { !$0.isEmpty }
    return words.isEmpty ? "no reason is known" : words.joined(separator: "; ")
  }

  private static func read(_ result: OpaquePointer) -> PostgresResult {
    let width = unsafe PQnfields(result)
    var columns: [String: Int] = [:]
    for index in 0..<width {
      guard let name = unsafe PQfname(result, index) else { continue }
      columns[unsafe String(cString: name)] = Int(index)
    }
    let rows = (0..<(unsafe PQntuples(result))).map { row in
      PostgresRow(
        columns: columns,
        values: (0..<width).map { unsafe value(result, row, $0) })
    }
    let tag = unsafe PQcmdStatus(result).map { unsafe String(cString: $0) } ?? ""
    return PostgresResult(tag: tag, rows: rows)
  }

  private static func value(_ result: OpaquePointer, _ row: CInt, _ column: CInt) -> String? {
    guard unsafe PQgetisnull(result, row, column) == 0,
      let bytes = unsafe PQgetvalue(result, row, column)
    else { return nil }
    return unsafe String(cString: bytes)
  }

  private static func failure(_ result: OpaquePointer) -> PostgresError {
    guard let sqlState = unsafe field(result, UInt8(ascii: "C")) else {
      return PostgresError(.connectionLost, "the connection to PostgreSQL broke")
    }
    return PostgresError(
      sqlState: sqlState, constraint: unsafe field(result, UInt8(ascii: "n")))
  }

  /// A part of what the server says, by its letter in the protocol.
  fileprivate static func field(_ result: OpaquePointer?, _ letter: UInt8) -> String? {
    unsafe PQresultErrorField(result, CInt(letter)).map { unsafe String(cString: $0) }
  }
}
