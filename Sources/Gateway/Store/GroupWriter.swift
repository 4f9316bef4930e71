internal import GRDB
internal import Storage

/// The one writer of the embedded store.
///
/// Rules:
/// 1. Jobs that wait are run one after the other in one transaction, and answered after COMMIT, which
///    flushes.
/// 2. What a job throws undoes that job alone; a failure of the database undoes all of the group. Nearly
///    every job that throws has changed nothing yet. Where one has, the group is undone and run anew with
///    each job in a savepoint, which costs more than a job.
/// 3. "Disk full" and "locked" end the group, not the store: nothing was acknowledged, the next group
///    tries anew.
/// 4. Any other failure of a write or COMMIT means that nothing is known: the store takes no further
///    work, ``end()`` returns, and the process must look at the file again.
final class GroupWriter: Sendable {
  private struct Job: Sendable {
    /// Runs it and returns what answers its caller once the outcome of the group is known.
    let run: @Sendable (SQLiteLedger, Manner) throws -> Answering
    let fail: @Sendable (any Error) -> Void
  }

  private typealias Answering = @Sendable ((any Error)?) -> Void

  /// How the jobs of a group are run.
  private enum Manner {
    case plain
    /// Each can be undone by itself.
    case savepoint
  }

  /// A job has thrown and must be undone by itself.
  private struct NeedsSavepoint: Error {}

  private let database: DurableDatabase
  private let memory: InstallationMemory
  private let queue = JobQueue<Job>()

  init(_ database: DurableDatabase, _ memory: InstallationMemory) {
    self.database = database
    self.memory = memory
  }

  /// Queues a job and waits until it is durable.
  func run<Answer: Sendable>(
    _ body: @escaping @Sendable (any LedgerWriting) throws -> Answer
  ) async throws -> Answer {
    try await withCheckedThrowingContinuation { continuation in
      enqueue(
        Job { ledger, manner in
          let answer = Result {
            switch manner {
            case .plain: try Self.plainly(ledger, body)
            case .savepoint: try Self.inSavepoint(ledger, body)
            }
          }
          if case .failure(let error) = answer, error is DatabaseError || error is NeedsSavepoint {
            throw error
          }
          return { failure in
            continuation.resume(with: failure.map { .failure($0) } ?? answer)
          }
        } fail: {
          continuation.resume(throwing: $0)
        })
    }
  }

  private static func plainly<Answer>(
    _ ledger: SQLiteLedger, _ body: (any LedgerWriting) throws -> Answer
  ) throws -> Answer {
    let writes = ledger.writes
    do { return try body(ledger) } catch {
      if let error = error as? DatabaseError, error.resultCode != .SQLITE_CONSTRAINT { throw error }
      guard ledger.writes == writes else { throw NeedsSavepoint() }
      throw error
    }
  }

  private static func inSavepoint<Answer>(
    _ ledger: SQLiteLedger, _ body: (any LedgerWriting) throws -> Answer
  ) throws -> Answer {
    let staged = ledger.staged
    try ledger.database.execute(sql: "SAVEPOINT job")
    do {
      let answer = try body(ledger)
      try ledger.database.execute(sql: "RELEASE SAVEPOINT job")
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
      try ledger.database.execute(sql: "ROLLBACK TO SAVEPOINT job")
      try ledger.database.execute(sql: "RELEASE SAVEPOINT job")
      throw reason
    }
  }

  private func enqueue(_ job: Job) {
    switch queue.add(job) {
    case .waits: break
    case .starts: database.pool.asyncWriteWithoutTransaction { self.drain($0) }
    case .refused(let error): job.fail(error)
    }
  }

  /// Runs groups until none waits.
  private func drain(_ db: Database) {
    while true {
      let group = queue.next()
      if group.isEmpty { return }
      do {
        for answer in try commit(group, db) { answer(nil) }
      } catch {
        let failure = database.fault(error)
        let others = Self.isPassing(failure) ? [] : queue.fail(failure)
        for job in group + others { job.fail(failure) }
      }
    }
  }

  private func commit(_ group: [Job], _ db: Database) throws -> [Answering] {
    do { return try commit(group, .plain, db) } catch is NeedsSavepoint {
      return try commit(group, .savepoint, db)
    }
  }

  /// Runs and commits a group.
  /// - Throws: what the database says, after which nothing of the group was done as far as is known, or
  ///   `NeedsSavepoint`, after which nothing was.
  private func commit(_ group: [Job], _ manner: Manner, _ db: Database) throws -> [Answering] {
    let ledger = SQLiteLedger(db) { [memory] in memory.row(of: $0) }
    do {
      try db.beginTransaction(.immediate)
      let answers = try group.map { try $0.run(ledger, manner) }
      try Self.end(db)
      memory.merge(ledger.staged)
      return answers
    } catch let error as NeedsSavepoint {
      // Where this cannot be done, nothing is known of the transaction.
      try db.rollback()
      throw error
    } catch {
      try? db.rollback()
      memory.forget(ledger.staged.keys)
      throw error
    }
  }

  /// Commits. SQLite enlarges the index of the log after the commit is whole in the log, and flushed: where
  /// that fails for want of space or memory, nobody knows whether the next start finds it.
  private static func end(_ db: Database) throws {
    do { try db.commit() } catch let error as DatabaseError
      where error.extendedResultCode == .SQLITE_IOERR_SHMSIZE || error.resultCode == .SQLITE_NOMEM
    {
      throw StorageError(
        .unknown,
        "SQLite answers \(error.extendedResultCode) to COMMIT: free space or memory before a restart"
      )
    }
  }

  /// Whether the store can be used further: the transaction was certainly undone.
  private static func isPassing(_ error: StorageError) -> Bool {
    switch error.code {
    case .full, .unavailable: true
    case .readOnly, .damaged, .schemaTooNew, .notDurable, .unknown: false
    }
  }

  /// Waits for the end: a failure after which nothing is known, or nil after ``close()``.
  func end() async -> StorageError? { await queue.end() }

  /// Takes no further jobs and waits for those that were taken.
  func close() async { await queue.close() }
}
