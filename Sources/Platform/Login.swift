internal import Glibc

/// Who runs the program.
package enum Login {
  /// The login name of the real user, or `uid N` where the machine has no name for it. Variables of the
  /// environment are not asked: anyone can set them.
  package static func name() -> String {
    let id = getuid()
    var entry = unsafe passwd()
    var found: UnsafeMutablePointer<passwd>?
    var buffer = [CChar](repeating: 0, count: 16_384)
    let name = unsafe buffer.withUnsafeMutableBufferPointer { space -> String? in
      guard let base = space.baseAddress,
        unsafe getpwuid_r(id, &entry, base, space.count, &found) == 0, unsafe found != nil,
        let name = unsafe entry.pw_name
      else { return nil }
      return unsafe String(cString: name)
    }
    guard let name, !name.isEmpty else { return "uid \(id)" }
    return name
  }
}
