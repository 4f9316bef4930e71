internal import Glibc

/// A file that is written piece by piece, and is there whole or not at all.
///
/// It is written beside its place; only ``finish()`` flushes it and gives it its name. What is not finished is
/// removed with the value.
package final class FileSink {
  private let path: String
  private let temporary: String
  private let file: Int32
  private let replaces: Bool
  private var isFinished = false

  /// - Parameter replaces: whether it takes the place of what stands at the path.
  /// - Throws: ``PlatformError`` where nothing can be written, or something stands that is not replaced.
  package init(
    _ path: String, mode: UInt32 = 0o644, replaces: Bool = false
  ) throws(PlatformError) {
    guard replaces || !Files.exists(path) else { throw Self.taken(path) }
    self.path = path
    self.replaces = replaces
    temporary = "\(path).\(getpid()).tmp"
    try Files.remove(temporary)
    let flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC
    file = unsafe open(temporary, flags, mode_t(mode))
    guard file >= 0 else { throw PlatformError(errno: errno, "cannot write", path) }
    // As Files.replace has it: what is there anew after each run is for the same readers.
    guard !replaces || fchmod(file, mode_t(mode)) == 0 else {
      throw PlatformError(errno: errno, "cannot set the mode of", path)
    }
  }

  deinit {
    close(file)
    if !isFinished { unsafe unlink(temporary) }
  }

  /// Appends bytes.
  /// - Throws: ``PlatformError``.
  package func write(_ bytes: [UInt8]) throws(PlatformError) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = unsafe rest.withUnsafeBytes { unsafe Glibc.write(file, $0.baseAddress, $0.count) }
      if count < 0 {
        if errno == EINTR { continue }
        throw PlatformError(errno: errno, "cannot write", path)
      }
      rest = rest.dropFirst(count)
    }
  }

  /// Flushes the file and gives it its name.
  /// - Throws: ``PlatformError``. Nothing stands at the path then that did not before, unless only its name could
  ///   not be flushed: a power cut may take that back.
  package func finish() throws(PlatformError) {
    guard fsync(file) == 0 else { throw PlatformError(errno: errno, "cannot flush", path) }
    if replaces {
      guard unsafe rename(temporary, path) == 0 else {
        throw PlatformError(errno: errno, "cannot replace", path)
      }
    } else {
      guard unsafe link(temporary, path) == 0 else {
        let failure = errno
        throw failure == EEXIST
          ? Self.taken(path) : PlatformError(errno: failure, "cannot make", path)
      }
      unsafe unlink(temporary)
    }
    isFinished = true
    try Files.flushFolder(of: path)
  }

  private static func taken(_ path: String) -> PlatformError {
    PlatformError(.permissionDenied, "\(path) exists already: name another or remove it")
  }
}

/// A file that is read line by line, in memory for one line.
package final class LineFile {
  private static let chunk = 65_536

  private let path: String
  private let maximum: Int
  private let file: Int32
  private var rest: [UInt8] = []
  private var next = 0
  private var isAtEnd = false

  /// - Parameter maximum: the longest line accepted, in bytes.
  /// - Throws: ``PlatformError``.
  package init(_ path: String, maximum: Int) throws(PlatformError) {
    self.path = path
    self.maximum = maximum
    file = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { throw PlatformError(errno: errno, "cannot read", path) }
  }

  deinit { close(file) }

  /// The next line without its line feed, nil at the end.
  /// - Throws: ``PlatformError``, `TOO_LARGE` for a longer line than is accepted.
  package func line() throws(PlatformError) -> [UInt8]? {
    var scanned = next
    while true {
      if let end = rest[scanned...].firstIndex(of: 0x0A) {
        defer { next = end + 1 }
        return Array(rest[next..<end])
      }
      scanned = rest.count
      guard !isAtEnd else {
        guard next < rest.count else { return nil }
        defer { next = rest.count }
        return Array(rest[next...])
      }
      rest.removeSubrange(..<next)
      scanned -= next
      next = 0
      guard rest.count <= maximum else {
        throw PlatformError(.tooLarge, "a line of \(path) has more than \(maximum) bytes")
      }
      try fill()
    }
  }

  private func fill() throws(PlatformError) {
    var chunk = [UInt8](repeating: 0, count: Self.chunk)
    let count = unsafe Glibc.read(file, &chunk, chunk.count)
    if count < 0 {
      guard errno == EINTR else { throw PlatformError(errno: errno, "cannot read", path) }
      return
    }
    if count == 0 { isAtEnd = true }
    rest += chunk.prefix(count)
  }
}
