package import GRDB
internal import GRDBSQLite
internal import Platform

/// One SQLite file that is opened the one way we trust: WAL, `synchronous=FULL`, foreign keys, and a
/// schema that this program knows.
///
/// One writer; readers see the last commit and never wait for it. What is committed has been flushed to
/// the disk when the call returns. What SQLite passes over, a fault while it copies the log into the
/// database, or a folder that cannot be flushed, is a fault here as well.
package struct DurableDatabase: Sendable {
  package let pool: DatabasePool
  package let path: String
  private let copier: LogCopier
  /// What SQLite calls the file.
  private let resolvedPath: String?

  /// Opens or makes the file.
  /// - Parameters:
  ///   - path: of the file; its folder must exist.
  ///   - migrations: forward only, named in order.
  ///   - longestLog: pages of the log after which it is copied into the database. The longer it is, the
  ///     fewer times is a page that changes often copied, and the longer takes a start after a crash.
  ///   - cache: KiB of pages that the writer keeps in memory.
  ///   - copiesBeside: whether the log is copied beside the writer, for one that hardly ever pauses.
  /// - Throws: ``StorageError`` with cause and cure.
  package init(
    path: String, migrations: [Migration], longestLog: Int32 = 1000, cache: Int = 2000,
    copiesBeside: Bool = false
  ) throws(StorageError) {
    self.path = path
    do {
      guard FolderFlush.isInstalled else {
        throw StorageError(
          .notDurable, "this SQLite passes over folders that cannot be flushed: use another build")
      }
      if try !Files.isThere(path) { try Files.create(path, with: [], mode: 0o600) }
      try WriteAheadLog.requireWhole(besides: path)
      pool = try DatabasePool(path: path, configuration: Self.configuration())
      resolvedPath = try pool.read { unsafe FolderFlush.name(of: $0.sqliteConnection) }
      copier = try LogCopier(path: path, longest: longestLog, isBeside: copiesBeside)
      try Self.harden(pool, cache, copier)
      // The pool begins a log with a commit of its own, before FULL is set: were another written before
      // that one is flushed, a power cut could tear the first of two.
      try Files.flush("\(path)-wal")
      try Self.migrate(pool, migrations)
      // The log has its name now: nothing rests on it before that is flushed.
      try Files.flushFolder(of: path)
      try pool.writeWithoutTransaction(Self.requireFlushedFolder)
    } catch let error as PlatformError {
      throw StorageError(error)
    } catch {
      throw StorageError(error, path: path)
    }
  }

  /// - Throws: ``PlatformError``.
  static func requireFlushedFolder(of db: Database) throws {
    let name = unsafe FolderFlush.name(of: db.sqliteConnection)
    if let failure = FolderFlush.failure(of: name) { throw failure }
  }

  static func configuration() -> Configuration {
    var configuration = Configuration()
    configuration.foreignKeysEnabled = true
    configuration.busyMode = .timeout(5)
    configuration.maximumReaderCount = 4
    configuration.publicStatementArguments = false
    return configuration
  }

  /// The pool asks for `synchronous=NORMAL`, under which a power cut loses acknowledged rows: 58 of 60
  /// in a trial. FULL is set after it and read back.
  private static func harden(
    _ pool: DatabasePool, _ cache: Int, _ copier: LogCopier
  ) throws {
    try pool.writeWithoutTransaction { db in
      try db.execute(sql: "PRAGMA synchronous = FULL")
      try db.execute(sql: "PRAGMA cache_size = -\(cache)")
      // A log that grew long once would else stay so, and a start reads all of it.
      try db.execute(sql: "PRAGMA journal_size_limit = \(64 * 1024 * 1024)")
      let level = try Int.fetchOne(db, sql: "PRAGMA synchronous")
      let mode = try String.fetchOne(db, sql: "PRAGMA journal_mode")
      guard level == 2, mode == "wal" else {
        throw StorageError(
          .notDurable,
          "SQLite does not give durable commits with \(pool.path): check the disk, and put the folder on a "
            + "local file system")
      }
      copyLogs(of: db, by: copier)
    }
  }

  /// In place of what SQLite does by itself. The copier lives as long as the pool: both are this database's.
  private static func copyLogs(of db: Database, by copier: LogCopier) {
    _ = unsafe sqlite3_wal_hook(
      db.sqliteConnection,
      { copier, connection, name, pages in
        guard let copier = unsafe copier else { return SQLITE_OK }
        // The commit is there, but not known to be durable.
        let path = unsafe FolderFlush.name(of: connection)
        guard FolderFlush.failure(of: path) == nil else { return FolderFlush.answer }
        return unsafe Unmanaged<LogCopier>.fromOpaque(copier).takeUnretainedValue()
          .committed(connection, name, pages: pages)
      }, Unmanaged.passUnretained(copier).toOpaque())
  }

  private static func migrate(_ pool: DatabasePool, _ migrations: [Migration]) throws {
    var migrator = DatabaseMigrator()
    for migration in migrations {
      migrator.registerMigration(migration.name) { try migration.run($0) }
    }
    guard try pool.read(migrator.hasBeenSuperseded) == false else {
      throw StorageError(
        .schemaTooNew, "\(pool.path) was written by a newer version: run that one or a newer one")
    }
    try migrator.migrate(pool)
  }

  /// What an error of this database means: whatever a write threw after the log could not be copied, or the
  /// folder not flushed, nobody knows what is durable.
  ///
  /// From then on the log is the only whole copy of what was committed: SQLite counts pages as copied that
  /// the disk may have lost, and a second flush of them succeeds. Whoever closed the pool, or let it go, would
  /// have the rest copied and the log removed; so it is kept for as long as the process lives, and the next
  /// start copies all of the log anew.
  package func fault(_ error: any Error) -> StorageError {
    let cause: String
    if let failure = FolderFlush.failure(of: resolvedPath) {
      cause = failure.message
    } else if let answer = copier.failure {
      cause = "the log of \(path) cannot be copied into it, SQLite answers \(answer)"
    } else {
      return StorageError(error, path: path)
    }
    _ = unsafe Unmanaged.passRetained(pool)
    return StorageError(.unknown, "\(cause): check the disk before a restart")
  }

  /// Copies what the log holds into the database, and flushes it; where there is no space, or someone
  /// still reads, the log stands.
  package func settle() throws(StorageError) {
    if copier.failure != nil || FolderFlush.failure(of: resolvedPath) != nil {
      throw fault(StorageError(.unknown, ""))
    }
    do {
      try pool.writeWithoutTransaction { db in
        do { try db.checkpoint(.truncate) } catch let error as DatabaseError {
          switch error.resultCode {
          case .SQLITE_BUSY, .SQLITE_LOCKED, .SQLITE_FULL: return
          default: throw error
          }
        }
      }
    } catch { throw StorageError(error, path: path) }
  }

  /// SQLite must not be asked to copy the log of a connection that is gone.
  private var isOpen: Bool {
    (try? pool.writeWithoutTransaction { db in try Int.fetchOne(db, sql: "SELECT 1") }) != nil
  }

  /// Closes the file. Readers go first: only who can write copies the log, and removes it. A file that is
  /// closed already stays so.
  /// - Throws: ``StorageError``; where the log could not be copied it is still open, see ``fault(_:)``.
  package func close() throws(StorageError) {
    guard isOpen else { return }
    pool.releaseMemory()
    do { try copier.close() } catch { throw StorageError(error, path: path) }
    do throws(StorageError) { try settle() } catch {
      // As with ``fault(_:)``: what was copied may be lost.
      _ = unsafe Unmanaged.passRetained(pool)
      throw error
    }
    do { try pool.close() } catch { throw StorageError(error, path: path) }
  }
}

/// One forward step of a schema.
package struct Migration: Sendable {
  package let name: String
  package let run: @Sendable (Database) throws -> Void

  package init(_ name: String, _ run: @escaping @Sendable (Database) throws -> Void) {
    self.name = name
    self.run = run
  }

  /// A step that is SQL alone.
  package init(_ name: String, sql: String) {
    self.init(name) { try $0.execute(sql: sql) }
  }
}
