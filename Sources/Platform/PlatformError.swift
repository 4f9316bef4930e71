internal import Glibc

/// The machine did not give what was asked of it: a file, a lock, the time.
package struct PlatformError: Error, Sendable, Equatable, CustomStringConvertible {
  package enum Code: String, Sendable, CaseIterable {
    case notFound = "NOT_FOUND"
    case permissionDenied = "PERMISSION_DENIED"
    case readOnly = "READ_ONLY"
    case full = "FULL"
    case locked = "LOCKED"
    case tooLarge = "TOO_LARGE"
    case notAFile = "NOT_A_FILE"
    case modeTooLoose = "MODE_TOO_LOOSE"
    case clockUnreadable = "CLOCK_UNREADABLE"
    case zoneUnknown = "ZONE_UNKNOWN"
    case inputOutput = "INPUT_OUTPUT"
  }

  package let code: Code
  /// What happened and what to do.
  package let message: String

  package init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }

  /// A failed system call.
  package init(errno number: Int32, _ what: String, _ path: String) {
    let (code, cure): (Code, String) =
      switch number {
      case ENOENT: (.notFound, "no such file or folder: check the path")
      case EACCES, EPERM: (.permissionDenied, "permission denied: check owner and mode")
      case EROFS: (.readOnly, "the file system is read-only: mount it writable, or name another")
      case ENOSPC, EDQUOT: (.full, "no space left on the device: free some")
      case EISDIR, ENOTDIR:
        (.notAFile, "a file is needed where a folder is, or the other way round")
      case EWOULDBLOCK: (.locked, "another process holds it")
      default: (.inputOutput, unsafe String(cString: strerror(number)))
      }
    self.init(code, "\(what) \(path): \(cure)")
  }

  package static func == (left: PlatformError, right: PlatformError) -> Bool {
    left.code == right.code
  }

  package var description: String { message }
}
