internal import Glibc

extension Files {
  /// Gives what stands at a path another name in the same file system, in one step; a file that has that
  /// name is replaced, a folder with files in it is not.
  ///
  /// Flush the folders concerned before anything rests on it.
  /// - Throws: ``PlatformError``.
  package static func move(_ path: String, to other: String) throws(PlatformError) {
    guard unsafe rename(path, other) == 0 else {
      throw PlatformError(errno: errno, "cannot move", path)
    }
  }

  /// The names of what is in a folder, in no order.
  /// - Throws: ``PlatformError``.
  package static func names(in folder: String) throws(PlatformError) -> [String] {
    guard let stream = unsafe opendir(folder) else {
      throw PlatformError(errno: errno, "cannot read", folder)
    }
    defer { unsafe closedir(stream) }
    var names: [String] = []
    while let entry = unsafe readdir(stream) {
      // An entry is as long as its name, not as the structure: it is read where it lies.
      let start = MemoryLayout<dirent>.offset(of: \.d_name) ?? 0
      let text = unsafe UnsafeRawPointer(entry).advanced(by: start)
      let name = unsafe String(cString: text.assumingMemoryBound(to: CChar.self))
      if name != "." && name != ".." { names.append(name) }
    }
    return names
  }

  /// Removes a folder that has nothing in it; one that is not there is no fault.
  /// - Throws: ``PlatformError``.
  package static func removeFolder(_ path: String) throws(PlatformError) {
    guard unsafe rmdir(path) == 0 || errno == ENOENT else {
      throw PlatformError(errno: errno, "cannot remove", path)
    }
  }
}
