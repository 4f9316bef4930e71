internal import Glibc

/// What a file is, without its content.
package struct FileStatus: Sendable, Hashable {
  package enum Kind: Sendable, Hashable {
    case file
    case folder
    case other
  }

  package let kind: Kind
  /// The nine bits of permission and the three above them.
  package let mode: UInt32
  package let owner: UInt32
  package let group: UInt32
  package let size: Int64
  /// Which file it is, and when its content or name changed last: another where anything changed.
  package let stamp: [Int64]
}

extension Files {
  /// What stands at a path; of a symbolic link, where it leads.
  /// - Throws: ``PlatformError``.
  package static func status(_ path: String) throws(PlatformError) -> FileStatus {
    var status = stat()
    guard unsafe stat(path, &status) == 0 else {
      throw PlatformError(errno: errno, "cannot look at", path)
    }
    let kind: FileStatus.Kind =
      switch status.st_mode & S_IFMT {
      case S_IFREG: .file
      case S_IFDIR: .folder
      default: .other
      }
    return FileStatus(
      kind: kind, mode: UInt32(status.st_mode & 0o7777), owner: UInt32(status.st_uid),
      group: UInt32(status.st_gid), size: Int64(status.st_size),
      stamp: [
        Int64(bitPattern: UInt64(status.st_dev)), Int64(bitPattern: UInt64(status.st_ino)),
        Int64(status.st_size), Int64(status.st_mtim.tv_sec), Int64(status.st_mtim.tv_nsec),
        Int64(status.st_ctim.tv_sec), Int64(status.st_ctim.tv_nsec),
      ])
  }

  /// How many bytes a program without special rights can still write where the path lies.
  /// - Throws: ``PlatformError``.
  package static func freeBytes(_ path: String) throws(PlatformError) -> Int64 {
    var status = statvfs()
    guard unsafe statvfs(path, &status) == 0 else {
      throw PlatformError(errno: errno, "cannot look at the disk of", path)
    }
    let (bytes, overflows) = Int64(clamping: status.f_bavail)
      .multipliedReportingOverflow(by: Int64(clamping: status.f_frsize))
    return overflows ? Int64.max : bytes
  }
}
