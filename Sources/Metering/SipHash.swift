/// SipHash-2-4 with 128 bits of output: a keyed digest of short inputs that nobody without the key can
/// make collide.
///
/// J.-P. Aumasson and D. J. Bernstein, "SipHash: a fast short-input PRF" (INDOCRYPT 2012); the longer
/// output as in the authors' reference implementation.
package struct SipHash: Sendable {
  /// A secret of 128 bits.
  package struct Key: Sendable, Hashable {
    let first: UInt64
    let second: UInt64

    /// - Returns: nil unless there are exactly 16 bytes.
    package init?(_ bytes: [UInt8]) {
      guard bytes.count == 16 else { return nil }
      first = SipHash.word(bytes[0..<8])
      second = SipHash.word(bytes[8..<16])
    }
  }

  private var v0: UInt64
  private var v1: UInt64
  private var v2: UInt64
  private var v3: UInt64
  /// Bytes that make no whole word yet, the first one lowest.
  private var tail: UInt64 = 0
  private var count = 0

  /// The digest of the bytes as two words, the first eight bytes of output in `first`.
  package static func digest(
    of bytes: [UInt8], key: Key
  ) -> (first: UInt64, second: UInt64) {
    var hash = SipHash(key: key)
    hash.absorb(bytes)
    return hash.finish()
  }

  init(key: Key) {
    v0 = key.first ^ 0x736f_6d65_7073_6575
    v1 = key.second ^ 0x646f_7261_6e64_6f6d ^ 0xee
    v2 = key.first ^ 0x6c79_6765_6e65_7261
    v3 = key.second ^ 0x7465_6462_7974_6573
  }

  mutating func absorb(_ byte: UInt8) {
    tail |= UInt64(byte) << (UInt64(truncatingIfNeeded: count) & 7 &* 8)
    count &+= 1
    guard count & 7 == 0 else { return }
    absorb(word: tail)
    tail = 0
  }

  mutating func absorb(_ bytes: [UInt8]) {
    let filled = UInt64(truncatingIfNeeded: count) & 7 &* 8
    var index = 0
    unsafe bytes.withUnsafeBytes { bytes in
      while index &+ 8 <= bytes.count {
        // Safe because eight bytes from `index` on are within the buffer.
        let word = unsafe UInt64(
          littleEndian: bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self))
        absorb(word: tail | word << filled)
        tail = filled == 0 ? 0 : word >> (64 &- filled)
        index &+= 8
      }
    }
    count &+= index
    while index < bytes.count {
      absorb(bytes[index])
      index &+= 1
    }
  }

  private mutating func absorb(word: UInt64) {
    v3 ^= word
    round()
    round()
    v0 ^= word
  }

  mutating func finish() -> (first: UInt64, second: UInt64) {
    absorb(word: tail | UInt64(truncatingIfNeeded: count) << 56)
    v2 ^= 0xee
    for _ in 0..<4 { round() }
    let first = v0 ^ v1 ^ v2 ^ v3
    v1 ^= 0xdd
    for _ in 0..<4 { round() }
    return (first, v0 ^ v1 ^ v2 ^ v3)
  }

  private mutating func round() {
    v0 &+= v1
    v1 = (v1 << 13 | v1 >> 51) ^ v0
    v0 = v0 << 32 | v0 >> 32
    v2 &+= v3
    v3 = (v3 << 16 | v3 >> 48) ^ v2
    v0 &+= v3
    v3 = (v3 << 21 | v3 >> 43) ^ v0
    v2 &+= v1
    v1 = (v1 << 17 | v1 >> 47) ^ v2
    v2 = v2 << 32 | v2 >> 32
  }

  /// Up to eight bytes, little-endian.
  private static func word(_ bytes: ArraySlice<UInt8>) -> UInt64 {
    var word: UInt64 = 0
    for byte in bytes.reversed() { word = word << 8 | UInt64(byte) }
    return word
  }
}
