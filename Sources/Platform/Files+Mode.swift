internal import Glibc

extension Files {
  /// Sets the mode of what stands at the path.
  /// - Throws: ``PlatformError``.
  package static func setMode(_ path: String, _ mode: UInt32) throws(PlatformError) {
    guard unsafe chmod(path, mode_t(mode)) == 0 else {
      throw PlatformError(errno: errno, "cannot set the mode of", path)
    }
  }
}
