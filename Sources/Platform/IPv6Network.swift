/// A network of IPv6 addresses: `fd00::/8`, or one address.
package struct IPv6Network: Sendable, Hashable {
  private let base: [UInt8]
  private let length: Int

  /// - Returns: nil for any other form, and for a base with bits beyond its length.
  package init?(_ text: String) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard (1...2).contains(parts.count), !text.contains("%"),
      let address = IPv6Address(parts[0])
    else { return nil }
    var length = 128
    if parts.count == 2 {
      guard let written = Int(parts[1]), (0...128).contains(written) else { return nil }
      length = written
    }
    self.length = length
    base = address.bytes
    guard Self.masked(base, length) == base else { return nil }
  }

  /// The first bits of an address, the rest 0.
  private static func masked(_ bytes: [UInt8], _ length: Int) -> [UInt8] {
    bytes.enumerated().map { index, byte in
      let kept = min(max(length - index * 8, 0), 8)
      return kept == 0 ? 0 : byte & (UInt8.max << UInt8(8 - kept))
    }
  }

  package func contains(_ address: IPv6Address) -> Bool {
    Self.masked(address.bytes, length) == base
  }
}
