internal import Glibc

/// Files read whole and written so that a crash leaves either the old one or the new one.
package enum Files {
  /// Reads a whole file.
  /// - Parameters:
  ///   - maximum: the largest size accepted, in bytes.
  ///   - secret: refuse a file that anyone but its owner can read or write, behind a symbolic link
  ///     too; read as ``readSecret(descriptor:_:maximum:)``. The mode of its folder is not judged: who
  ///     may put another file in its place learns nothing by it.
  ///   - regular: refuse a pipe or socket too, at once: whoever writes to it may never come.
  /// - Throws: ``PlatformError``.
  package static func read(
    _ path: String, maximum: Int = 8 * 1024 * 1024, secret: Bool = false, regular: Bool = false
  ) throws(PlatformError) -> [UInt8] {
    let patience = regular ? O_NONBLOCK | O_NOCTTY : 0
    let file = unsafe open(path, O_RDONLY | O_CLOEXEC | patience)
    guard file >= 0 else { throw PlatformError(errno: errno, "cannot read", path) }
    defer { close(file) }
    let size = try requireFile(file, path, regular: regular)
    if secret {
      try requireSecret(file, path)
      return try readSecret(descriptor: file, path, maximum: maximum)
    }
    return try read(descriptor: file, path, maximum: maximum, expected: size)
  }

  /// A folder or a device has no content to read; a pipe has.
  /// - Returns: how many bytes it seems to have.
  private static func requireFile(
    _ file: Int32, _ path: String, regular: Bool
  ) throws(PlatformError) -> Int {
    var status = stat()
    guard unsafe fstat(file, &status) == 0 else {
      throw PlatformError(errno: errno, "cannot read", path)
    }
    switch status.st_mode & S_IFMT {
    case S_IFREG: return Int(status.st_size)
    case S_IFIFO, S_IFSOCK:
      guard regular else { return 0 }
      throw PlatformError(
        .notAFile, "cannot read \(path): it is a pipe or socket, name a regular file")
    default:
      throw PlatformError(
        .notAFile, "cannot read \(path): it is a folder or device, name a regular file")
    }
  }

  /// Reads an open descriptor to its end.
  /// - Parameter expected: how many bytes there seem to be; any number may come.
  /// - Throws: ``PlatformError``.
  package static func read(
    descriptor file: Int32, _ name: String, maximum: Int, expected: Int = 65_536
  ) throws(PlatformError) -> [UInt8] {
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: min(max(expected, 1024), 65_536))
    while true {
      let count = unsafe Glibc.read(file, &chunk, chunk.count)
      if count < 0 {
        if errno == EINTR { continue }
        throw PlatformError(errno: errno, "cannot read", name)
      }
      if count == 0 { return bytes }
      bytes += chunk.prefix(count)
      guard bytes.count <= maximum else {
        throw PlatformError(.tooLarge, "\(name) has more than \(maximum) bytes: name another file")
      }
    }
  }

  private static func requireSecret(_ file: Int32, _ path: String) throws(PlatformError) {
    var status = stat()
    guard unsafe fstat(file, &status) == 0 else {
      throw PlatformError(errno: errno, "cannot read", path)
    }
    guard status.st_mode & 0o077 == 0 else {
      throw PlatformError(
        .modeTooLoose, "\(path) can be read or written by others: chmod 600 it")
    }
  }

  /// Whether something stands at the path.
  /// - Throws: ``PlatformError`` where the disk does not tell.
  package static func isThere(_ path: String) throws(PlatformError) -> Bool {
    if unsafe access(path, F_OK) == 0 { return true }
    guard errno == EIO || errno == ENOMEM else { return false }
    throw PlatformError(errno: errno, "cannot look for", path)
  }

  /// Whether something stands at the path. Where the disk does not tell, it is taken for there: whoever opens
  /// it is told why, and nothing is begun anew in its place.
  package static func exists(_ path: String) -> Bool { (try? isThere(path)) ?? true }

  /// Whether the disk that a path is on has no more than a mebibyte free; false where that is not known.
  package static func isFull(_ path: String) -> Bool {
    var status = statvfs()
    guard unsafe statvfs(path, &status) == 0 else { return false }
    return UInt64(status.f_bavail) * UInt64(status.f_frsize) < 1 << 20
  }

  /// Replaces a file: writes a temporary one beside it, flushes it, renames it, flushes the folder.
  /// - Parameter mode: of the new file, whatever the umask says.
  /// - Throws: ``PlatformError``; the old file then stands and no temporary one is left.
  package static func replace(
    _ path: String, with bytes: [UInt8], mode: UInt32 = 0o644
  ) throws(PlatformError) {
    let temporary = try writeBeside(path, bytes, mode: mode)
    guard unsafe rename(temporary, path) == 0 else {
      let failure = errno
      unsafe unlink(temporary)
      throw PlatformError(errno: failure, "cannot replace", path)
    }
    try flushFolder(of: path)
  }

  /// Makes a file that must not exist yet, whole or not at all, whenever the process ends: it is
  /// written beside its place, flushed, and only then given its name.
  /// - Throws: ``PlatformError``; what stands at the path is left as it is.
  package static func create(
    _ path: String, with bytes: [UInt8], mode: UInt32 = 0o644
  ) throws(PlatformError) {
    guard try !isThere(path) else { throw taken(path) }
    let temporary = try writeBeside(path, bytes, mode: mode)
    defer { unsafe unlink(temporary) }
    guard unsafe link(temporary, path) == 0 else {
      let failure = errno
      throw failure == EEXIST
        ? taken(path) : PlatformError(errno: failure, "cannot make", path)
    }
    try flushFolder(of: path)
  }

  private static func taken(_ path: String) -> PlatformError {
    PlatformError(.permissionDenied, "\(path) exists already: name another or remove it")
  }

  /// Writes a temporary file beside a path, flushed. What a process of the same number has left there
  /// is removed first, and nothing is followed: a link there leads nowhere.
  /// - Returns: where it is.
  /// - Throws: ``PlatformError``; no temporary file is left.
  private static func writeBeside(
    _ path: String, _ bytes: [UInt8], mode: UInt32
  ) throws(PlatformError) -> String {
    let temporary = "\(path).\(getpid()).tmp"
    try remove(temporary)
    try write(bytes, to: temporary, mode: mode)
    return temporary
  }

  /// Writes a file that is not there yet; none is left where it cannot.
  private static func write(
    _ bytes: [UInt8], to path: String, mode: UInt32
  ) throws(PlatformError) {
    let flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC
    let file = unsafe open(path, flags, mode_t(mode))
    guard file >= 0 else { throw PlatformError(errno: errno, "cannot write", path) }
    defer { close(file) }
    do throws(PlatformError) {
      guard fchmod(file, mode_t(mode)) == 0 else {
        throw PlatformError(errno: errno, "cannot set the mode of", path)
      }
      var rest = bytes[...]
      while !rest.isEmpty {
        let count = unsafe rest.withUnsafeBytes {
          unsafe Glibc.write(file, $0.baseAddress, $0.count)
        }
        if count < 0 {
          if errno == EINTR { continue }
          throw PlatformError(errno: errno, "cannot write", path)
        }
        rest = rest.dropFirst(count)
      }
      guard fsync(file) == 0 else { throw PlatformError(errno: errno, "cannot flush", path) }
    } catch {
      unsafe unlink(path)
      throw error
    }
  }

  /// Flushes what was written to a file, by whomever.
  /// - Throws: ``PlatformError``.
  package static func flush(_ path: String) throws(PlatformError) {
    let file = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { throw PlatformError(errno: errno, "cannot open", path) }
    defer { close(file) }
    guard fdatasync(file) == 0 else { throw PlatformError(errno: errno, "cannot flush", path) }
  }

  /// Flushes the folder that holds the path, so that a new name in it survives a crash.
  package static func flushFolder(of path: String) throws(PlatformError) {
    let folder = self.folder(of: path)
    let file = unsafe open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard file >= 0 else { throw PlatformError(errno: errno, "cannot open folder", folder) }
    defer { close(file) }
    guard fsync(file) == 0 else { throw PlatformError(errno: errno, "cannot flush", folder) }
  }

  /// The folder part of a path, `.` when it has none.
  package static func folder(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  /// Makes a folder and those above it where they are missing.
  /// - Throws: ``PlatformError``.
  package static func makeFolder(_ path: String, mode: UInt32 = 0o700) throws(PlatformError) {
    if unsafe mkdir(path, mode_t(mode)) == 0 { return }
    if errno == ENOENT {
      try makeFolder(folder(of: path), mode: mode)
      if unsafe mkdir(path, mode_t(mode)) == 0 { return }
    }
    let failure = errno
    var status = stat()
    guard failure == EEXIST, unsafe stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR
    else { throw PlatformError(errno: failure == EEXIST ? ENOTDIR : failure, "cannot make", path) }
  }

  /// Removes a file; one that is not there is no fault.
  package static func remove(_ path: String) throws(PlatformError) {
    guard unsafe unlink(path) == 0 || errno == ENOENT else {
      throw PlatformError(errno: errno, "cannot remove", path)
    }
  }
}

/// An exclusive lock on a file, held until the value goes or the process ends.
package final class FileLock: Sendable {
  private let file: Int32

  /// Takes the lock at once or fails.
  /// - Throws: ``PlatformError`` `LOCKED` when another process has it.
  package init(_ path: String) throws(PlatformError) {
    file = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard file >= 0 else { throw PlatformError(errno: errno, "cannot open", path) }
    guard flock(file, LOCK_EX | LOCK_NB) == 0 else {
      let failure = errno
      close(file)
      throw PlatformError(errno: failure, "cannot lock", path)
    }
  }

  deinit { close(file) }
}
