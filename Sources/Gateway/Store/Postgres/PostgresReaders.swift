internal import Postgres
internal import Storage
internal import Synchronization

/// The connections that only look. They are made when they are needed.
///
/// A look is one transaction with one snapshot, taken on the primary: it sees every change that returned
/// before, whichever process made it.
final class PostgresReaders: Sendable {
  private static let count = 4

  private let address: PostgresAddress
  private let patience: PostgresPatience
  private let lanes = (0..<PostgresReaders.count).map {
    PostgresLane("tally-gateway.postgres.reader.\($0)")
  }
  private let isClosed = Mutex(false)

  init(_ address: PostgresAddress, _ patience: PostgresPatience) {
    self.address = address
    self.patience = patience
  }

  /// - Parameter single: whether the body looks with no more than one statement, which needs no transaction.
  /// - Throws: ``StorageError``, and what the body throws.
  func run<Answer: Sendable>(
    single: Bool = false, _ body: @escaping @Sendable (PostgresLedger) throws -> Answer
  ) async throws -> Answer {
    guard !isClosed.withLock({ $0 }), let lane = lanes.min(by: { $0.load < $1.load }) else {
      throw StorageError(.unavailable, "the gateway is stopping: try again")
    }
    return try await withCheckedThrowingContinuation { continuation in
      lane.submit { slot in
        continuation.resume(with: Result { try self.look(&slot, single, body) })
      }
    }
  }

  func close() {
    isClosed.withLock { $0 = true }
    for lane in lanes { lane.submit { $0 = nil } }
  }

  /// A connection that broke since it was used last is replaced once.
  private func look<Answer>(
    _ slot: inout PostgresConnection?, _ single: Bool, _ body: (PostgresLedger) throws -> Answer
  ) throws -> Answer {
    let isFresh = slot == nil
    do {
      return try lookOnce(&slot, single, body)
    } catch let error as PostgresError {
      slot = nil
      guard !isFresh, error.code == .connectionLost else { throw StorageError(error) }
    }
    do { return try lookOnce(&slot, single, body) } catch let error as PostgresError {
      slot = nil
      throw StorageError(error)
    }
  }

  private func lookOnce<Answer>(
    _ slot: inout PostgresConnection?, _ single: Bool, _ body: (PostgresLedger) throws -> Answer
  ) throws -> Answer {
    let connection = try connection(&slot)
    let ledger = PostgresLedger(connection)
    if !single {
      try connection.runScript("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
    }
    let answer = Result { try body(ledger) }
    if let failure = ledger.failure { throw failure }
    if !single { try connection.runScript("COMMIT") }
    return try answer.get()
  }

  private func connection(
    _ slot: inout PostgresConnection?
  ) throws(PostgresError) -> PostgresConnection {
    if let connection = slot, connection.isUsable { return connection }
    slot = nil
    let connection = try PostgresSession.open(address, patience)
    try PostgresSchema.requireCurrent(connection)
    slot = connection
    return connection
  }
}
