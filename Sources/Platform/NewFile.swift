internal import Glibc

/// A file that is written piece by piece, beside its place, and gets its name when it is whole.
///
/// What is not kept is removed.
package final class NewFile {
  private let path: String
  private let temporary: String
  private let file: Int32
  private var isKept = false

  /// - Parameters:
  ///   - path: what it replaces, or becomes.
  ///   - mode: of the file, whatever the umask says.
  /// - Throws: ``PlatformError``.
  package init(replacing path: String, mode: UInt32 = 0o644) throws(PlatformError) {
    self.path = path
    temporary = "\(path).\(getpid()).tmp"
    try Files.remove(temporary)
    let flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC
    file = unsafe open(temporary, flags, mode_t(mode))
    guard file >= 0 else { throw PlatformError(errno: errno, "cannot write", temporary) }
    guard fchmod(file, mode_t(mode)) == 0 else {
      throw PlatformError(errno: errno, "cannot set the mode of", temporary)
    }
  }

  deinit {
    guard file >= 0 else { return }
    close(file)
    if !isKept { unsafe unlink(temporary) }
  }

  /// - Throws: ``PlatformError``.
  package func append(_ bytes: [UInt8]) throws(PlatformError) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = unsafe rest.withUnsafeBytes { unsafe write(file, $0.baseAddress, $0.count) }
      if count < 0 {
        if errno == EINTR { continue }
        throw PlatformError(errno: errno, "cannot write", temporary)
      }
      rest = rest.dropFirst(count)
    }
  }

  /// Flushes it and gives it its name.
  /// - Throws: ``PlatformError``; what stood at the path then stands.
  package func keep() throws(PlatformError) {
    guard fsync(file) == 0 else { throw PlatformError(errno: errno, "cannot flush", temporary) }
    guard unsafe rename(temporary, path) == 0 else {
      throw PlatformError(errno: errno, "cannot replace", path)
    }
    isKept = true
    try Files.flushFolder(of: path)
  }
}
