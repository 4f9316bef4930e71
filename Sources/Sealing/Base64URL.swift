/// Base 64 (RFC 4648 sections 4 and 5), canonical forms only.
///
/// base64url stands without padding, base64 with it. Decoding refuses any other alphabet, white space,
/// wrong padding and unused bits that are set, so a text has exactly one spelling.
package enum Base64 {
  package enum Alphabet: Sendable {
    /// `+` and `/`, with padding.
    case standard
    /// `-` and `_`, without padding.
    case url
  }

  private static let common = Array(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789".utf8)
  private static let encodeStandard = common + Array("+/".utf8)
  private static let encodeURL = common + Array("-_".utf8)
  private static let decodeStandard = inverse(encodeStandard)
  private static let decodeURL = inverse(encodeURL)

  private static func inverse(_ alphabet: [UInt8]) -> [UInt8] {
    var table = [UInt8](repeating: 0xFF, count: 256)
    for (value, byte) in alphabet.enumerated() { table[Int(byte)] = UInt8(value) }
    return table
  }

  /// The text of the bytes.
  package static func encode(_ bytes: some Collection<UInt8>, _ alphabet: Alphabet) -> String {
    String(decoding: encodedBytes(bytes, alphabet), as: UTF8.self)
  }

  /// The text of the bytes, as ASCII.
  package static func encodedBytes(
    _ bytes: some Collection<UInt8>, _ alphabet: Alphabet
  ) -> [UInt8] {
    let table = alphabet == .url ? encodeURL : encodeStandard
    var text: [UInt8] = []
    text.reserveCapacity((bytes.count + 2) / 3 * 4)
    var buffer: UInt32 = 0
    var bits: UInt32 = 0
    for byte in bytes {
      buffer = buffer << 8 | UInt32(byte)
      bits += 8
      while bits >= 6 {
        bits -= 6
        text.append(table[Int(buffer >> bits & 63)])
      }
    }
    if bits > 0 { text.append(table[Int(buffer << (6 - bits) & 63)]) }
    if alphabet == .standard {
      while text.count % 4 != 0 { text.append(UInt8(ascii: "=")) }
    }
    return text
  }

  /// The bytes of a canonical text, nil for any other.
  package static func decode(_ text: some Collection<UInt8>, _ alphabet: Alphabet) -> [UInt8]? {
    let table = alphabet == .url ? decodeURL : decodeStandard
    var digits = text.count
    if alphabet == .standard {
      guard digits % 4 == 0 else { return nil }
      digits -= text.suffix(2).reduce(0) { $0 + ($1 == UInt8(ascii: "=") ? 1 : 0) }
    }
    guard digits % 4 != 1 else { return nil }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(digits / 4 * 3 + 2)
    var buffer: UInt32 = 0
    var bits: UInt32 = 0
    for byte in text.prefix(digits) {
      let value = table[Int(byte)]
      guard value != 0xFF else { return nil }
      buffer = buffer << 6 | UInt32(value)
      bits += 6
      if bits >= 8 {
        bits -= 8
        bytes.append(UInt8(truncatingIfNeeded: buffer >> bits))
      }
    }
    guard buffer & (1 << bits - 1) == 0 else { return nil }
    guard text.dropFirst(digits).allSatisfy({ $0 == UInt8(ascii: "=") }) else { return nil }
    return bytes
  }
}
