internal import Glibc

extension Files {
  /// Reads a secret from an open descriptor to its end.
  ///
  /// It is read straight into one array that never grows, so that no copy stays behind in memory that
  /// was freed. Who takes the array overwrites it after use, and makes no second one.
  /// - Throws: ``PlatformError``; what was read so far is overwritten.
  package static func readSecret(
    descriptor file: Int32, _ name: String, maximum: Int
  ) throws(PlatformError) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: maximum + 1)
    var length = 0
    while length < bytes.count {
      let count = unsafe bytes.withUnsafeMutableBytes {
        let rest = unsafe UnsafeMutableRawBufferPointer(rebasing: $0[length...])
        return unsafe Glibc.read(file, rest.baseAddress, rest.count)
      }
      if count < 0 {
        let failure = errno
        if failure == EINTR { continue }
        overwrite(&bytes)
        throw PlatformError(errno: failure, "cannot read", name)
      }
      if count == 0 { break }
      length += count
    }
    guard length <= maximum else {
      overwrite(&bytes)
      throw PlatformError(.tooLarge, "\(name) has more than \(maximum) bytes: name another file")
    }
    bytes.removeLast(bytes.count - length)
    return bytes
  }

  /// Reads a secret that a service manager laid out for this process alone, whatever its mode: systemd
  /// lets a unit's user in by an access control list, which shows as a mode for the group.
  /// - Throws: ``PlatformError``.
  package static func readCredential(
    _ path: String, maximum: Int
  ) throws(PlatformError) -> [UInt8] {
    let file = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { throw PlatformError(errno: errno, "cannot read", path) }
    defer { close(file) }
    return try readSecret(descriptor: file, path, maximum: maximum)
  }

  private static func overwrite(_ bytes: inout [UInt8]) {
    unsafe bytes.withUnsafeMutableBytes {
      guard let start = $0.baseAddress else { return }
      unsafe explicit_bzero(start, $0.count)
    }
  }
}
