/// Who a collector is: a kind, and bytes that tell one collector of that kind from another.
///
/// Two beats come from one collector exactly if kind and bytes are the same; no spelling is folded.
package struct CollectorIdentity: Hashable, Sendable {
  /// The kind of every DataKit, whichever way its beat comes in.
  package static let dataKit = "datakit"
  /// The kind of a native beat that names none.
  package static let native = "collector"
  /// The longest identity, in bytes: as much as a usage trace or a head can carry.
  package static let maximumLength = 64 * 1024

  /// 1 to 32 of `a-z 0-9 _ -`.
  package let kind: String
  /// 1 to ``maximumLength`` bytes.
  package let bytes: [UInt8]

  /// - Returns: nil for a kind or bytes out of bounds.
  package init?(kind: String, bytes: some Collection<UInt8>) {
    guard Self.isKind(kind), (1...Self.maximumLength).contains(bytes.count) else { return nil }
    self.kind = kind
    self.bytes = Array(bytes)
  }

  /// - Returns: nil for a kind or text out of bounds.
  package init?(kind: String, text: String) {
    self.init(kind: kind, bytes: text.utf8)
  }

  /// An identity whose kind and number of bytes are known to be within bounds.
  init(checkedKind kind: String, bytes: [UInt8]) {
    self.kind = kind
    self.bytes = bytes
  }

  /// The bytes as text for people; what is not UTF-8 is shown as U+FFFD.
  package var text: String { String(decoding: bytes, as: UTF8.self) }

  /// One spelling for each identity: the kind's length in one byte, the kind, the bytes.
  package var encoded: [UInt8] {
    [UInt8(truncatingIfNeeded: kind.utf8.count)] + Array(kind.utf8) + bytes
  }

  private static func isKind(_ kind: String) -> Bool {
    (1...32).contains(kind.utf8.count)
      && kind.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
          UInt8(ascii: "_"), UInt8(ascii: "-"):
          true
        default: false
        }
      }
  }
}

/// The 128-bit keyed digest of an identity: what the counter knows a collector by.
///
/// With a key that nobody else has, nobody can name two collectors so that they count as one.
package struct CollectorID: Hashable, Sendable {
  package let high: UInt64
  package let low: UInt64

  package init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }

  /// The digest of ``CollectorIdentity/encoded`` under the key.
  package init(_ identity: CollectorIdentity, key: SipHash.Key) {
    var hash = SipHash(key: key)
    hash.absorb(UInt8(truncatingIfNeeded: identity.kind.utf8.count))
    for byte in identity.kind.utf8 { hash.absorb(byte) }
    hash.absorb(identity.bytes)
    (high, low) = hash.finish()
  }

  /// - Returns: nil unless there are exactly 16 bytes.
  package init?(_ bytes: [UInt8]) {
    guard bytes.count == 16 else { return nil }
    high = bytes[0..<8].reduce(0) { $0 << 8 | UInt64($1) }
    low = bytes[8..<16].reduce(0) { $0 << 8 | UInt64($1) }
  }

  /// 16 bytes, big-endian.
  package var bytes: [UInt8] {
    [high, low].flatMap { word in
      (0..<8).map { UInt8(truncatingIfNeeded: word >> (56 - $0 * 8)) }
    }
  }
}
