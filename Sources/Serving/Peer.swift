package import NIOCore

/// The other end of a connection.
package enum Peer: Sendable, Hashable {
  /// A Unix domain socket, or no network at all.
  case local
  /// An IP address as text.
  case address(String)

  private static let loopback = IPv4Network("127.0.0.0/8")

  package init(_ address: SocketAddress?) {
    self = address?.ipAddress.map { .address($0) } ?? .local
  }

  /// Whether it is on this machine.
  package var isThisMachine: Bool {
    switch self {
    case .local: true
    case .address(let text):
      text == "127.0.0.1" || text == "::1" || Self.loopback?.contains(text) == true
    }
  }
}

/// A network of IPv4 addresses: `10.0.0.0/8`, or one address.
package struct IPv4Network: Sendable, Hashable {
  private let base: UInt32
  private let mask: UInt32

  /// - Returns: nil for any other form, and for a base with bits outside its mask.
  package init?(_ text: String) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard (1...2).contains(parts.count), let base = Self.bits(parts[0]) else { return nil }
    var length = 32
    if parts.count == 2 {
      guard let written = Int(parts[1]), (0...32).contains(written) else { return nil }
      length = written
    }
    mask = length == 0 ? 0 : UInt32.max << UInt32(32 - length)
    guard base & ~mask == 0 else { return nil }
    self.base = base
  }

  private static func bits(_ text: some StringProtocol) -> UInt32? {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 4 else { return nil }
    var bits: UInt32 = 0
    for part in parts {
      guard let byte = UInt8(part), String(byte) == part else { return nil }
      bits = bits << 8 | UInt32(byte)
    }
    return bits
  }

  /// Whether an address in text lies within; one written as IPv4 in IPv6 counts as IPv4.
  package func contains(_ address: String) -> Bool {
    let text = address.hasPrefix("::ffff:") ? String(address.dropFirst(7)) : address
    return Self.bits(text).map { $0 & mask == base } ?? false
  }
}
