internal import GRDB
internal import Platform

extension DurableDatabase {
  /// What SQLite finds wrong with the file, and rows that refer to none, at most 100 of each.
  /// - Throws: ``StorageError``.
  package func damage() async throws -> [String] {
    do {
      return try await pool.read { db in
        let found = try String.fetchAll(db, sql: "PRAGMA integrity_check(100)")
        let orphans = try Row.fetchAll(db, sql: "PRAGMA foreign_key_check").prefix(100).map {
          "a row of \($0[0] as String? ?? "?") refers to one of \($0[2] as String? ?? "?") that is not there"
        }
        return found.filter { $0 != "ok" } + orphans
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
      try target.close()
      try Files.flush(temporary)
      try Files.move(temporary, to: path)
      try Files.flushFolder(of: path)
    } catch let error as PlatformError {
      throw StorageError(error)
    } catch {
      throw StorageError(error, path: path)
    }
  }
}
