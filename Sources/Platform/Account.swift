internal import Glibc

/// A user of this machine with the groups that it is in.
package struct Account: Sendable, Hashable {
  package let name: String
  package let user: UInt32
  package let groups: Set<UInt32>

  /// The most groups of a user that are looked at.
  private static let most: Int32 = 4096

  /// - Returns: nil where the machine knows no such user.
  package init?(named name: String) {
    var entry = unsafe passwd()
    var found: UnsafeMutablePointer<passwd>?
    var buffer = [CChar](repeating: 0, count: 16_384)
    let ids = unsafe buffer.withUnsafeMutableBufferPointer { space -> (uid_t, gid_t)? in
      guard let base = space.baseAddress,
        unsafe getpwnam_r(name, &entry, base, space.count, &found) == 0, unsafe found != nil
      else { return nil }
      return unsafe (entry.pw_uid, entry.pw_gid)
    }
    guard let ids else { return nil }
    var groups = [gid_t](repeating: 0, count: Int(Self.most))
    var count = Self.most
    guard unsafe getgrouplist(name, ids.1, &groups, &count) >= 0 else { return nil }
    self.name = name
    user = ids.0
    self.groups = Set(groups.prefix(Int(count)))
  }

  private init(name: String, user: UInt32, groups: Set<UInt32>) {
    self.name = name
    self.user = user
    self.groups = groups
  }

  /// Who this process works as.
  package static var current: Account {
    Account(name: Login.name(), user: geteuid(), groups: [getegid()])
  }

  /// What keeps the user from reading a file: the file itself, or the first folder on the way that it may
  /// not pass. Nil where nothing does. Modes alone are looked at, not lists of access.
  /// - Parameter path: absolute, or from the working folder.
  package func obstacle(reading path: String) -> String? {
    guard user != 0 else { return nil }
    guard let resolved = unsafe realpath(path, nil) else { return path }
    defer { unsafe free(resolved) }
    let whole = unsafe String(cString: resolved)
    var folder = ""
    for part in whole.split(separator: "/").dropLast() {
      folder += "/\(part)"
      if !may(folder, read: 0o1) { return folder }
    }
    return may(whole, read: 0o4) ? nil : whole
  }

  /// Whether the bit, as it stands for others, is there for this user.
  private func may(_ path: String, read bit: UInt32) -> Bool {
    guard let status = try? Files.status(path) else { return false }
    if status.owner == user { return status.mode & (bit << 6) != 0 }
    if groups.contains(status.group) { return status.mode & (bit << 3) != 0 }
    return status.mode & bit != 0
  }
}
