internal import GRDB
internal import Platform

/// A store that cannot be opened, read or written.
package struct StorageError: Error, Sendable, Equatable, CustomStringConvertible {
  package enum Code: String, Sendable, CaseIterable {
    case unavailable = "STORE_UNAVAILABLE"
    /// No space left: nothing was written, and taking up again is possible once there is space.
    case full = "STORE_FULL"
    case readOnly = "STORE_READ_ONLY"
    case damaged = "STORE_DAMAGED"
    case schemaTooNew = "SCHEMA_TOO_NEW"
    case notDurable = "NOT_DURABLE"
    /// The write may or may not be durable: nothing may be acknowledged, the process must end and
    /// look again.
    case unknown = "COMMIT_UNKNOWN"
  }

  package let code: Code
  /// What happened and what to do.
  package let message: String

  package init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }

  init(_ error: PlatformError) {
    let code: Code =
      switch error.code {
      case .full: .full
      case .readOnly, .permissionDenied: .readOnly
      case .notFound, .locked, .tooLarge, .notAFile, .modeTooLoose, .clockUnreadable,
        .zoneUnknown, .inputOutput:
        .unavailable
      }
    self.init(code, error.message)
  }

  /// Sorts what SQLite says; bound values are never in the text.
  package init(_ error: any Error, path: String) {
    if let error = error as? StorageError {
      self = error
      return
    }
    if error is RowDecodingError {
      // A row that no version of the tables has.
      self.init(.damaged, Self.damage(path))
      return
    }
    guard let error = error as? DatabaseError else {
      self.init(.unavailable, "\(path) cannot be used: \(type(of: error))")
      return
    }
    switch error.resultCode {
    case .SQLITE_FULL:
      self.init(.full, Self.noSpace(path))
    case .SQLITE_IOERR
    where error.extendedResultCode == .SQLITE_IOERR_SHMSIZE && Files.isFull(path),
      .SQLITE_CANTOPEN where Files.isFull(path):
      // The index of the log, which need not be durable, finds no space.
      self.init(.full, Self.noSpace(path))
    case .SQLITE_READONLY, .SQLITE_PERM, .SQLITE_AUTH:
      self.init(.readOnly, "\(path) cannot be written: check owner, mode and mount")
    case .SQLITE_CORRUPT, .SQLITE_NOTADB:
      self.init(.damaged, Self.damage(path))
    case .SQLITE_IOERR:
      self.init(.unknown, "input or output failed at \(path): check the disk before a restart")
    case .SQLITE_BUSY, .SQLITE_LOCKED:
      self.init(.unavailable, "\(path) is locked by another process")
    case .SQLITE_CANTOPEN:
      self.init(.unavailable, "\(path) cannot be opened: check the folder, its owner and mode")
    default:
      self.init(
        .unavailable,
        "\(path) cannot be used, SQLite answers \(error.extendedResultCode): check the disk, or "
          + "restore the file from a backup; it is not begun anew")
    }
  }

  private static func damage(_ path: String) -> String {
    "\(path) is damaged: restore it from a backup; it is not begun anew"
  }

  private static func noSpace(_ path: String) -> String { "no space left for \(path): free some" }

  package static func == (left: StorageError, right: StorageError) -> Bool {
    left.code == right.code
  }

  package var description: String { message }
}
