internal import GRDB
internal import Licensing
package import Sealing
package import Storage
internal import Synchronization

/// The embedded store: one SQLite file, one writer, the installations in memory.
///
/// Changes that arrive while a commit runs are committed together in the next one; each is answered
/// after it. See ``GroupWriter`` for what happens when a commit fails.
package final class SQLiteLedgerStore: LedgerStore {
  /// The file itself.
  package let database: DurableDatabase
  private let memory: InstallationMemory
  private let writer: GroupWriter

  /// Opens or makes the file and reads where every chain stands.
  /// - Throws: ``StorageError``.
  package init(path: String) throws(StorageError) {
    database = try DurableDatabase(
      path: path, migrations: LedgerSchema.migrations, longestLog: 2000, cache: 65_536,
      copiesBeside: true)
    memory = InstallationMemory()
    writer = GroupWriter(database, memory)
    do {
      try database.pool.read { [memory] db in
        try SQLiteLedger.allRows(db) { memory.set($0) }
      }
    } catch { throw StorageError(error, path: path) }
  }

  package func change<Answer: Sendable>(
    _ body: @escaping @Sendable (any LedgerWriting) throws -> Answer
  ) async throws -> Answer {
    try await writer.run(body)
  }

  package func read<Answer: Sendable>(
    _ body: @escaping @Sendable (any LedgerReading) throws -> Answer
  ) async throws -> Answer {
    do {
      return try await database.pool.read { try body(SQLiteLedger(reading: $0)) }
    } catch let error as DatabaseError {
      // A reading that was told to stop, no disk that fails.
      if error.resultCode == .SQLITE_INTERRUPT, Task.isCancelled { throw CancellationError() }
      throw StorageError(error, path: database.path)
    }
  }

  package func state(of installation: Thumbprint) async throws -> InstallationState? {
    if let row = memory.row(of: installation) { return row.state }
    return try await read { try $0.state(of: installation) }
  }

  package func damage() async throws -> [String] {
    try await database.damage()
  }

  /// Copies everything into a new file, as of one commit; changes go on meanwhile.
  /// - Throws: ``StorageError``; no file is left then.
  package func copy(to path: String) throws(StorageError) { try database.copy(to: path) }

  package func end() async -> StorageError? { await writer.end() }

  package func close() async {
    await writer.close()
    // What is committed is durable; a file that cannot be closed in order is recovered when opened.
    try? database.close()
  }
}

/// The installations as of the last commit.
final class InstallationMemory: Sendable {
  private let rows = Mutex<[Thumbprint: InstallationRow]>([:])

  func row(of installation: Thumbprint) -> InstallationRow? {
    rows.withLock { $0[installation] }
  }

  func set(_ row: InstallationRow) {
    rows.withLock { $0[row.state.installation.thumbprint] = row }
  }

  /// Forgets rows of which it is not known whether they still hold; they are read anew when needed.
  func forget(_ names: some Sequence<Thumbprint>) {
    rows.withLock { rows in
      for name in names { rows[name] = nil }
    }
  }

  /// Takes over what a commit changed.
  func merge(_ staged: [Thumbprint: InstallationRow]) {
    rows.withLock { rows in
      for (name, row) in staged { rows[name] = row }
    }
  }
}
