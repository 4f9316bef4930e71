internal import GRDB
internal import GRDBSQLite
internal import Synchronization

/// Copies the log of a database into its file when it has grown: with the commit that made it so, or beside
/// the writer, so that no commit waits for all of it.
///
/// Rules:
/// 1. Beside the writer: at ``longest`` pages a round begins on a connection of its own, which copies what
///    was committed until then; the writer goes on. It is repeated while much has come meanwhile. What little
///    is left the writer copies with its next commit: only then can the log begin anew.
/// 2. A fault is one of the commit that it came with, that of a round one of the next commit: nothing is
///    acknowledged after it. SQLite calls such a commit a failed one, though it is durable; whoever wrote
///    must ask ``failure``.
/// 3. Where there is no space, or someone still reads, the log stands and grows.
final class LogCopier: Sendable {
  private struct State {
    var stage = Stage.idle
    /// What SQLite answered first where it could not copy.
    var failure = SQLITE_OK
  }

  private enum Stage {
    case idle
    /// The round of that number runs.
    case copying(round: Int)
    /// So many rounds ended; the last one has brought the pages of the log up to `page` into the file.
    case copied(round: Int, page: CInt)
    /// No other round begins.
    case closed
  }

  /// What the writer is to do.
  private enum Step {
    case goOn(CInt)
    case begin
    case finish
  }

  private static let mostRounds = 4

  private let longest: CInt
  /// Nil where the writer copies.
  private let queue: DatabaseQueue?
  private let state = Mutex(State())

  /// - Parameters:
  ///   - path: of the database.
  ///   - longest: pages of the log after which it is copied, at least 8.
  ///   - isBeside: whether it is copied beside the writer.
  /// - Throws: what the library throws.
  init(path: String, longest: CInt, isBeside: Bool) throws {
    self.longest = longest
    guard isBeside else {
      queue = nil
      return
    }
    let queue = try DatabaseQueue(path: path, configuration: DurableDatabase.configuration())
    try queue.writeWithoutTransaction { try $0.execute(sql: "PRAGMA synchronous = FULL") }
    self.queue = queue
  }

  /// SQLite's answer where it could not copy, nil for as long as it can.
  var failure: CInt? {
    state.withLock { $0.failure == SQLITE_OK ? nil : $0.failure }
  }

  /// Told after each commit of the writer how long the log is now.
  /// - Returns: what SQLite makes the outcome of that commit.
  func committed(_ connection: OpaquePointer?, _ name: UnsafePointer<CChar>?, pages: CInt) -> CInt {
    switch state.withLock({ step(&$0, pages) }) {
    case .goOn(let outcome): return outcome
    case .begin:
      queue?.asyncWriteWithoutTransaction { self.round($0) }
      return SQLITE_OK
    case .finish:
      let outcome = unsafe Self.copy(connection, name).outcome
      state.withLock { $0.failure = outcome }
      return outcome
    }
  }

  private func step(_ state: inout State, _ pages: CInt) -> Step {
    guard state.failure == SQLITE_OK else { return .goOn(state.failure) }
    if case .closed = state.stage { return .goOn(SQLITE_OK) }
    guard queue != nil else { return pages >= longest ? .finish : .goOn(SQLITE_OK) }
    guard pages >= longest else {
      if case .copied = state.stage { state.stage = .idle }
      return .goOn(SQLITE_OK)
    }
    switch state.stage {
    case .copying, .closed: return .goOn(SQLITE_OK)
    case .idle:
      state.stage = .copying(round: 1)
      return .begin
    case .copied(let round, let page):
      if pages - page > longest / 8, round < Self.mostRounds {
        state.stage = .copying(round: round + 1)
        return .begin
      }
      state.stage = .idle
      return .finish
    }
  }

  private func round(_ db: Database) {
    guard let connection = unsafe db.sqliteConnection else { return }
    let (outcome, page) = unsafe Self.copy(connection, nil)
    state.withLock { state in
      if outcome != SQLITE_OK { state.failure = outcome }
      guard case .copying(let round) = state.stage else { return }
      state.stage = .copied(round: round, page: page)
    }
  }

  /// Copies what nobody needs in the log any more, without waiting for anybody.
  /// - Returns: the outcome, and how many pages of the log are in the file.
  private static func copy(
    _ connection: OpaquePointer?, _ name: UnsafePointer<CChar>?
  ) -> (outcome: CInt, page: CInt) {
    var pages: CInt = 0
    var copied: CInt = 0
    let outcome = unsafe sqlite3_wal_checkpoint_v2(
      connection, name, SQLITE_CHECKPOINT_PASSIVE, &pages, &copied)
    switch outcome & 0xFF {
    case SQLITE_BUSY, SQLITE_LOCKED, SQLITE_FULL: return (SQLITE_OK, max(0, copied))
    default: return (outcome, max(0, copied))
    }
  }

  /// Waits for a round that runs, and begins no other.
  func close() throws {
    state.withLock { $0.stage = .closed }
    try queue?.close()
  }
}
