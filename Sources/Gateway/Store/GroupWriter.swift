internal import GRDB
internal import Storage
internal import Synchronization

/// The one writer of the embedded store.
///
/// Rules:
/// 1. Jobs that wait are run one after the other in one transaction, each in a savepoint, and answered
///    after COMMIT, which flushes.
/// 2. What a job throws undoes that job alone; a failure of the database undoes all of the group.
/// 3. "Disk full" and "locked" end the group, not the store: nothing was acknowledged, the next group
///    tries anew.
/// 4. Any other failure of a write or COMMIT means that nothing is known: the store takes no further
///    work, ``end()`` returns, and the process must look at the file again.
final class GroupWriter: Sendable {
  /// Runs a job and returns what answers its caller once the outcome of the group is known.
  private typealias Job = @Sendable (SQLiteLedger) throws -> @Sendable ((any Error)?) -> Void

  private struct State {
    var waiting: [(job: Job, fail: @Sendable (any Error) -> Void)] = []
    var isRunning = false
    var closed: StorageError?
    var hasEnded = false
    var watchers: [CheckedContinuation<StorageError?, Never>] = []
  }

  /// The most jobs of one commit.
  private static let largestGroup = 1024

  private let database: DurableDatabase
  private let memory: InstallationMemory
  private let state = Mutex(State())

  init(_ database: DurableDatabase, _ memory: InstallationMemory) {
    self.database = database
    self.memory = memory
  }

  /// Queues a job and waits until it is durable.
  func run<Answer: Sendable>(
    _ body: @escaping @Sendable (any LedgerWriting) throws -> Answer
  ) async throws -> Answer {
    try await withCheckedThrowingContinuation { continuation in
      let job: Job = { ledger in
        let answer = Result { try Self.inSavepoint(ledger, body) }
        if case .failure(let error) = answer, error is DatabaseError { throw error }
        return { failure in
          continuation.resume(with: failure.map { .failure($0) } ?? answer)
        }
      }
      enqueue(job) { continuation.resume(throwing: $0) }
    }
  }

  private static func inSavepoint<Answer>(
    _ ledger: SQLiteLedger, _ body: (any LedgerWriting) throws -> Answer
  ) throws -> Answer {
    let staged = ledger.staged
    try ledger.execute("SAVEPOINT job")
    do {
      let answer = try body(ledger)
      try ledger.execute("RELEASE SAVEPOINT job")
      return answer
    } catch {
      var reason = error
      if let error = error as? DatabaseError {
        // A broken constraint stops one statement; anything else may have ended the transaction.
        guard error.resultCode == .SQLITE_CONSTRAINT else { throw error }
        reason = StorageError(
          .damaged,
          "the ledger contradicts itself: restore it from a backup, and keep this one to be looked at"
        )
      }
      ledger.restore(staged)
      try ledger.execute("ROLLBACK TO SAVEPOINT job")
      try ledger.execute("RELEASE SAVEPOINT job")
      throw reason
    }
  }

  private func enqueue(_ job: @escaping Job, fail: @escaping @Sendable (any Error) -> Void) {
    let (refusal, starts) = state.withLock { state -> (StorageError?, Bool) in
      if let closed = state.closed { return (closed, false) }
      state.waiting.append((job, fail))
      let starts = !state.isRunning
      state.isRunning = true
      return (nil, starts)
    }
    if let refusal { return fail(refusal) }
    if starts { database.pool.asyncWriteWithoutTransaction { self.drain($0) } }
  }

  /// Runs groups until none waits.
  private func drain(_ db: Database) {
    while true {
      let group = state.withLock { state in
        let group = Array(state.waiting.prefix(Self.largestGroup))
        state.waiting.removeFirst(group.count)
        if group.isEmpty { state.isRunning = false }
        return group
      }
      if group.isEmpty { return finishIfClosed() }
      var answers: [@Sendable ((any Error)?) -> Void] = []
      let ledger = SQLiteLedger(db) { [memory] in memory.row(of: $0) }
      do {
        try db.beginTransaction(.immediate)
        for (job, _) in group { answers.append(try job(ledger)) }
        try db.commit()
        memory.merge(ledger.staged)
        for answer in answers { answer(nil) }
      } catch {
        let failure = StorageError(error, path: database.path)
        try? db.rollback()
        memory.forget(ledger.staged.keys)
        if !Self.isPassing(failure) { fail(failure) }
        for answer in answers { answer(failure) }
        for (_, fail) in group.dropFirst(answers.count) { fail(failure) }
      }
    }
  }

  /// Whether the store can be used further: the transaction was certainly undone.
  private static func isPassing(_ error: StorageError) -> Bool {
    switch error.code {
    case .full, .unavailable: true
    case .readOnly, .damaged, .schemaTooNew, .notDurable, .unknown: false
    }
  }
}

// Ending.
extension GroupWriter {
  private func fail(_ error: StorageError) {
    let (watchers, waiting) = state.withLock { state in
      state.closed = error
      state.hasEnded = true
      defer {
        state.watchers = []
        state.waiting = []
      }
      return (state.watchers, state.waiting)
    }
    for watcher in watchers { watcher.resume(returning: error) }
    for (_, fail) in waiting { fail(error) }
  }

  /// Waits for the end: a failure after which nothing is known, or nil after ``close()``.
  func end() async -> StorageError? {
    await withCheckedContinuation { continuation in
      let ended = state.withLock { state -> StorageError?? in
        if state.hasEnded {
          return .some(state.closed.flatMap { $0.code == .unavailable ? nil : $0 })
        }
        state.watchers.append(continuation)
        return nil
      }
      if let ended { continuation.resume(returning: ended) }
    }
  }

  /// Takes no further jobs and waits for those that were taken.
  func close() async {
    // A job of its own is answered after all before it.
    _ = try? await run { _ in }
    state.withLock { state in
      if state.closed == nil {
        state.closed = StorageError(.unavailable, "the gateway is stopping: try again")
      }
    }
    finishIfClosed()
    _ = await end()
  }

  private func finishIfClosed() {
    let watchers = state.withLock { state in
      guard state.closed != nil, !state.isRunning, !state.hasEnded else {
        return [CheckedContinuation<StorageError?, Never>]()
      }
      state.hasEnded = true
      defer { state.watchers = [] }
      return state.watchers
    }
    for watcher in watchers { watcher.resume(returning: nil) }
  }
}
