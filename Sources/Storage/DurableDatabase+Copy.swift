internal import GRDB
internal import Platform

extension DurableDatabase {
  /// What SQLite finds wrong with the file's structure, and rows that break the constraints of their table.
  ///
  /// A connection that only reads leaves CHECK constraints out, as those of the pool do; this one of its own
  /// could write, and does not.
  /// - Parameter most: how much is told at most.
  /// - Returns: empty where nothing is wrong.
  /// - Throws: ``StorageError``.
  package func faults(most: Int) async throws(StorageError) -> [String] {
    do {
      let queue = try DatabaseQueue(path: path, configuration: Self.configuration())
      defer { try? queue.close() }
      return try await queue.read { try Self.faults(in: $0, most: most) }
    } catch { throw StorageError(error, path: path) }
  }

  private static func faults(in db: Database, most: Int) throws -> [String] {
    try String.fetchAll(db, sql: "PRAGMA integrity_check(\(most))").filter { $0 != "ok" }
  }

  /// What ``faults(most:)`` finds, and rows that refer to none, at most 100 of each.
  /// - Throws: ``StorageError``.
  package func damage() async throws -> [String] {
    let found = try await faults(most: 100)
    do {
      return try await pool.read { db in
        let orphans = try Row.fetchAll(db, sql: "PRAGMA foreign_key_check").prefix(100).map {
          "a row of \($0[0] as String? ?? "?") refers to one of \($0[2] as String? ?? "?") that is not there"
        }
        return found + orphans
      }
    } catch { throw StorageError(error, path: path) }
  }

  /// Copies everything into a new file, as of one commit. Who writes meanwhile is not held up. The copy
  /// is whole and flushed before it has its name.
  /// - Throws: ``StorageError``; no file is left then, and one that stands there is left as it is.
  package func copy(to path: String) throws(StorageError) {
    let temporary = "\(path).partial"
    do {
      guard !Files.exists(path) else {
        throw StorageError(.unavailable, "\(path) exists already: name another file")
      }
      if Files.exists(temporary) { try Files.remove(temporary) }
      try Files.create(temporary, with: [], mode: 0o600)
      defer {
        for name in [temporary, "\(temporary)-wal", "\(temporary)-shm", "\(temporary)-journal"]
        where Files.exists(name) { try? Files.remove(name) }
      }
      let target = try DatabaseQueue(path: temporary)
      try pool.backup(to: target)
      // One file, without a log beside it.
      try target.writeWithoutTransaction { db in
        try db.execute(sql: "PRAGMA journal_mode = DELETE")
      }
      let fault = try target.read { try Self.faults(in: $0, most: 1) }.first
      try target.writeWithoutTransaction(Self.requireFlushedFolder)
      try target.close()
      if let fault {
        throw StorageError(
          .damaged,
          "the copy is not whole (\(fault)): nothing was kept of it; look at what was copied with "
            + "doctor")
      }
      try Files.flush(temporary)
      try Files.move(temporary, to: path)
      try Files.flushFolder(of: path)
    } catch let error as PlatformError {
      throw StorageError(error)
    } catch let error as StorageError {
      throw error
    } catch {
      throw StorageError(error, path: path)
    }
  }
}
