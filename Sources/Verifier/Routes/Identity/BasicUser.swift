internal import Sealing

/// The user of `Authorization: Basic` (RFC 7617). The password is left aside, and kept nowhere.
enum BasicUser {
  /// The longest credentials that are looked into, in bytes.
  static let longest = 96 * 1024

  /// - Parameter header: the header `Authorization`.
  /// - Returns: absent for another scheme and for no user, malformed for what is no Base64 of
  ///   `user:password`.
  static func read(_ header: Push.Reading) -> Push.Reading {
    guard case .name(let text) = header else { return header }
    let parts = text.split(separator: " ", maxSplits: 1)
    guard let scheme = parts.first, scheme.utf8.count == 5, scheme.lowercased() == "basic" else {
      return .absent
    }
    guard parts.count == 2, parts[1].utf8.count <= longest,
      let bytes = Base64.decode(parts[1].utf8.drop { $0 == 0x20 }, .standard),
      let colon = bytes.firstIndex(of: UInt8(ascii: ":")),
      let user = String(validating: bytes[..<colon], as: UTF8.self)
    else { return .malformed }
    return Push.reading(user)
  }
}
