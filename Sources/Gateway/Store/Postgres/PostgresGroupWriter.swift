internal import Postgres
internal import Storage

/// The one writer that this process has to the PostgreSQL store.
///
/// Rules:
/// 1. Jobs that wait are run one after the other in one transaction and answered after COMMIT. Its first
///    statement locks the row of `ledger`: of all processes one changes at a time, and each of its
///    statements sees everything that was committed before.
/// 2. Every transaction writes that row, also where no job wrote: an answer then rests on a COMMIT that
///    stands behind everything it tells of, and that the standby has, too.
/// 3. A group is first run without savepoints. Once a job throws after it wrote, or breaks a rule of the
///    schema, the group is undone and run anew with a savepoint for each job.
/// 4. What the server undid so that another transaction could go on is run again. So is, once, a group whose
///    connection broke before COMMIT: it was certainly undone.
/// 5. Where COMMIT ends otherwise than in time and without a word, nobody knows: every job of the group is
///    told so, the connection is closed, and the next group opens another.
final class PostgresGroupWriter: Sendable {
  /// A change that waits.
  private struct Job: Sendable {
    let run: @Sendable (PostgresLedger) -> Outcome
    let fail: @Sendable (StorageError) -> Void
  }

  /// What a body came to.
  private struct Outcome {
    let error: (any Error)?
    /// Tells the caller, once the outcome of the group is known.
    let answer: @Sendable () -> Void
  }

  /// What running a group came to.
  private enum Play {
    case committed([@Sendable () -> Void])
    case needsSavepoints
  }

  /// How often a group is run that the server undoes.
  private static let attempts = 8

  private let address: PostgresAddress
  private let patience: PostgresPatience
  private let lane = PostgresLane("tally-gateway.postgres.writer")
  private let queue = JobQueue<Job>()

  init(_ address: PostgresAddress, _ patience: PostgresPatience) {
    self.address = address
    self.patience = patience
  }

  /// Connects and brings the tables up to date.
  /// - Throws: ``StorageError``.
  func open() async throws(StorageError) {
    let failure: StorageError? = await withCheckedContinuation { continuation in
      lane.submit { slot in
        do throws(PostgresError) {
          _ = try self.connection(&slot)
          continuation.resume(returning: nil)
        } catch { continuation.resume(returning: StorageError(error)) }
      }
    }
    if let failure { throw failure }
  }

  /// Queues a job and waits until it is durable.
  func run<Answer: Sendable>(
    _ body: @escaping @Sendable (any LedgerWriting) throws -> Answer
  ) async throws -> Answer {
    try await withCheckedThrowingContinuation { continuation in
      enqueue(
        Job { ledger in
          let answer: Result<Answer, any Error>
          do { answer = .success(try body(ledger)) } catch let error as PostgresError {
            answer = .failure(StorageError(error))
          } catch { answer = .failure(error) }
          let error: (any Error)? = if case .failure(let error) = answer { error } else { nil }
          return Outcome(error: error) { continuation.resume(with: answer) }
        } fail: {
          continuation.resume(throwing: $0)
        })
    }
  }

  private func enqueue(_ job: Job) {
    switch queue.add(job) {
    case .waits: break
    case .starts: lane.submit { self.drain(&$0) }
    case .refused(let error): job.fail(error)
    }
  }

  /// Runs groups until none waits.
  private func drain(_ slot: inout PostgresConnection?) {
    while true {
      let group = queue.next()
      if group.isEmpty { return }
      run(group, &slot)
    }
  }

  /// Returns after ``close()``: nothing else ends this store.
  func end() async -> StorageError? { await queue.end() }

  /// Takes no further jobs, waits for those that were taken, and closes the connection.
  func close() async {
    await queue.close()
    lane.submit { $0 = nil }
  }
}

// One group.
extension PostgresGroupWriter {
  private func run(_ group: [Job], _ slot: inout PostgresConnection?) {
    var hasSavepoints = false
    var reconnects = slot != nil
    var attempts = Self.attempts
    while true {
      do throws(PostgresError) {
        switch try play(group, &slot, hasSavepoints) {
        case .committed(let answers):
          for answer in answers { answer() }
          return
        case .needsSavepoints: hasSavepoints = true
        }
      } catch {
        undo(&slot, error)
        attempts -= 1
        switch error.code {
        case .serialization where attempts > 0: continue
        case .connectionLost where reconnects, .readOnly where reconnects:
          reconnects = false
          continue
        default:
          let failure = StorageError(error)
          for job in group { job.fail(failure) }
          return
        }
      }
    }
  }

  /// Runs the jobs in one transaction.
  private func play(
    _ group: [Job], _ slot: inout PostgresConnection?, _ hasSavepoints: Bool
  ) throws(PostgresError) -> Play {
    let connection = try connection(&slot)
    let ledger = try lock(connection)
    var answers: [@Sendable () -> Void] = []
    for job in group {
      let mark = ledger.mark()
      if hasSavepoints { try connection.runScript("SAVEPOINT job") }
      let outcome = job.run(ledger)
      let failure = ledger.failure
      if let failure, failure.code != .constraint { throw failure }
      if outcome.error == nil && failure == nil
        || failure == nil && !ledger.hasWritten && !hasSavepoints
      {
        if hasSavepoints { try connection.runScript("RELEASE SAVEPOINT job") }
        answers.append(outcome.answer)
        continue
      }
      guard hasSavepoints else {
        try connection.runScript("ROLLBACK")
        return .needsSavepoints
      }
      try connection.runScript("ROLLBACK TO SAVEPOINT job; RELEASE SAVEPOINT job")
      ledger.restore(mark)
      if let failure {
        answers.append { job.fail(StorageError(failure)) }
      } else {
        answers.append(outcome.answer)
      }
    }
    try connection.run(
      "UPDATE ledger SET position = $1, publications = $2", [ledger.last, ledger.publications])
    try connection.commit()
    return .committed(answers)
  }

  /// Begins the transaction: see rule 1. The settings are those of this moment: a reload may have weakened
  /// them.
  private func lock(_ connection: PostgresConnection) throws(PostgresError) -> PostgresLedger {
    let row = try connection.runScript(
      """
      BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE;
      SELECT schema, position, publications, current_setting('fsync') AS fsync,
        current_setting('full_page_writes') AS full_page_writes,
        current_setting('synchronous_commit') AS synchronous_commit FROM ledger FOR UPDATE
      """
    ).rows.first
    guard let row else { throw PostgresError(.damaged, "the ledger has lost its first row") }
    try PostgresSchema.requireKnown(try row.number("schema"))
    try PostgresSession.requireDurable(row)
    return PostgresLedger(
      connection, last: try row.number("position"),
      publications: try row.number("publications"))
  }

  private func connection(
    _ slot: inout PostgresConnection?
  ) throws(PostgresError) -> PostgresConnection {
    if let connection = slot, connection.isUsable { return connection }
    slot = nil
    let connection = try PostgresSession.open(address, patience)
    try PostgresSchema.migrate(connection)
    slot = connection
    return connection
  }

  /// Ends the transaction where the connection still serves, else the connection.
  private func undo(_ slot: inout PostgresConnection?, _ error: PostgresError) {
    switch error.code {
    case .serialization, .constraint, .full, .lockTimeout, .deadline, .refused, .damaged:
      if let connection = slot, connection.isUsable,
        (try? connection.runScript("ROLLBACK")) != nil
      {
        return
      }
    case .unreachable, .unfit, .weak, .superseded, .connectionLost, .outcomeUnknown, .readOnly:
      break
    }
    slot = nil
  }
}
