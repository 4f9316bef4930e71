internal import GRDBSQLite
internal import Platform
internal import Synchronization

/// The flush of the folder of a log or journal, in place of SQLite's own.
///
/// SQLite flushes the folder with the first flush of a file that it may have made, and passes over a failure;
/// a second flush succeeds then though the name may be lost. Here the failure is kept, and no commit of that
/// database counts after it.
enum FolderFlush {
  private typealias OpenFolder =
    @convention(c) (UnsafePointer<CChar>?, UnsafeMutablePointer<CInt>?) -> CInt

  /// What a commit comes to whose folder could not be flushed: SQLITE_IOERR_DIR_FSYNC, a macro that is not
  /// imported.
  static let answer = SQLITE_IOERR | 5 << 8

  /// What SQLite calls the databases whose folders could not be flushed, and why.
  private static let failures = Mutex<[String: PlatformError]>([:])

  /// From now on SQLite leaves folders to ``flush(for:)``; whether it does.
  static let isInstalled = install()

  /// Why the folder of a database could not be flushed; nil where nothing failed.
  /// - Parameter database: by the path that SQLite has made of it.
  static func failure(of database: String?) -> PlatformError? {
    database.flatMap { database in failures.withLock { $0[database] } }
  }

  /// What SQLite calls a database that is open.
  static func name(of connection: OpaquePointer?) -> String? {
    unsafe sqlite3_db_filename(connection, "main").map { unsafe String(cString: $0) }
  }

  private static func install() -> Bool {
    guard let files = unsafe sqlite3_vfs_find(nil), let set = unsafe files.pointee.xSetSystemCall
    else { return false }
    // SQLite takes "it cannot be opened" for a folder that needs no flush.
    let open: OpenFolder = { file, _ in
      if let file = unsafe file { unsafe FolderFlush.flush(for: String(cString: file)) }
      return SQLITE_CANTOPEN
    }
    let outcome = unsafe set(
      files, "openDirectory", unsafeBitCast(open, to: sqlite3_syscall_ptr.self))
    return outcome == SQLITE_OK
  }

  /// - Parameter file: the log or journal of a database.
  private static func flush(for file: String) {
    do throws(PlatformError) { try Files.flushFolder(of: file) } catch {
      let suffixes = ["-wal", "-journal"]
      let suffix = suffixes.first(where: file.hasSuffix) ?? ""
      failures.withLock { $0[String(file.dropLast(suffix.count))] = error }
    }
  }
}
