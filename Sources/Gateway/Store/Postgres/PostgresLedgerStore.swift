package import Postgres
package import Sealing
package import Storage

/// A store that other processes change, too.
package protocol SharedLedgerStore: LedgerStore {
  /// Grows with every change of licenses, keysets and revocations, whoever makes it.
  func publications() async throws -> Int64
}

/// The store for several gateways: one PostgreSQL database, of which no process keeps anything in memory.
///
/// Each process writes by one connection, group by group, and looks by a few others. See
/// ``PostgresGroupWriter`` for what happens when a commit fails. A server that goes away ends nothing: what
/// is asked meanwhile is refused, and once a server takes writes again the work goes on.
package final class PostgresLedgerStore: SharedLedgerStore {
  private let writer: PostgresGroupWriter
  private let readers: PostgresReaders

  /// Connects, holds that the server is fit, and makes the tables where they are missing.
  /// - Throws: ``StorageError``.
  package init(
    _ address: PostgresAddress, patience: PostgresPatience = PostgresPatience()
  ) async throws(StorageError) {
    writer = PostgresGroupWriter(address, patience)
    readers = PostgresReaders(address, patience)
    try await writer.open()
  }

  package func change<Answer: Sendable>(
    _ body: @escaping @Sendable (any LedgerWriting) throws -> Answer
  ) async throws -> Answer {
    try await writer.run(body)
  }

  package func read<Answer: Sendable>(
    _ body: @escaping @Sendable (any LedgerReading) throws -> Answer
  ) async throws -> Answer {
    try await readers.run { try body($0) }
  }

  package func state(of installation: Thumbprint) async throws -> InstallationState? {
    try await readers.run(single: true) { try $0.state(of: installation) }
  }

  package func publications() async throws -> Int64 {
    try await readers.run(single: true) { ledger in
      try ledger.firstRow("SELECT publications FROM ledger")?.number("publications") ?? 0
    }
  }

  /// The server looks at its own files: see `pg_amcheck`, and checksums of its pages.
  package func damage() async throws -> [String] { [] }

  package func end() async -> StorageError? { await writer.end() }

  package func close() async {
    await writer.close()
    readers.close()
  }
}
