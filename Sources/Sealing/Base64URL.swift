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
    encodedBytes(Array(bytes).span, alphabet)
  }

  /// Three bytes at a time; every index is the bytes' own, every digit one of 64.
  private static func encodedBytes(_ bytes: Span<UInt8>, _ alphabet: Alphabet) -> [UInt8] {
    let table = alphabet == .url ? encodeURL : encodeStandard
    var text: [UInt8] = []
    text.reserveCapacity((bytes.count + 2) / 3 * 4)
    var index = 0
    while index + 3 <= bytes.count {
      let word =
        unsafe UInt32(bytes[unchecked: index]) << 16 | UInt32(bytes[unchecked: index + 1]) << 8
        | UInt32(bytes[unchecked: index + 2])
      text.append(table[Int(word >> 18)])
      text.append(table[Int(word >> 12 & 63)])
      text.append(table[Int(word >> 6 & 63)])
      text.append(table[Int(word & 63)])
      index += 3
    }
    if index < bytes.count {
      let isPair = bytes.count - index == 2
      let word = UInt32(bytes[index]) << 16 | (isPair ? UInt32(bytes[index + 1]) << 8 : 0)
      text.append(table[Int(word >> 18)])
      text.append(table[Int(word >> 12 & 63)])
      if isPair { text.append(table[Int(word >> 6 & 63)]) }
    }
    if alphabet == .standard {
      while text.count % 4 != 0 { text.append(UInt8(ascii: "=")) }
    }
    return text
  }

  /// The bytes of a canonical text, nil for any other.
  package static func decode(_ text: some Collection<UInt8>, _ alphabet: Alphabet) -> [UInt8]? {
    decode(Array(text).span, alphabet)
  }

  /// The bytes of a canonical text, nil for any other.
  package static func decode(_ text: Span<UInt8>, _ alphabet: Alphabet) -> [UInt8]? {
    switch alphabet {
    case .url: return decode(text, digits: text.count, decodeURL)
    case .standard:
      guard text.count % 4 == 0 else { return nil }
      var digits = text.count
      while digits > max(0, text.count - 2), text[digits - 1] == UInt8(ascii: "=") { digits -= 1 }
      return decode(text, digits: digits, decodeStandard)
    }
  }

  /// Four digits at a time; what is no digit has the high bit, which no digit has.
  private static func decode(_ text: Span<UInt8>, digits: Int, _ table: [UInt8]) -> [UInt8]? {
    guard digits % 4 != 1 else { return nil }
    let size = digits / 4 * 3 + max(0, digits % 4 - 1)
    var seen: UInt8 = 0
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: size) { bytes, count in
      seen = unsafe table.withUnsafeBufferPointer { table in
        unsafe decode(text, digits: digits, table, into: bytes)
      }
      count = size
    }
    return seen < 0x80 ? bytes : nil
  }

  /// - Parameters:
  ///   - digits: not more than the text has.
  ///   - table: 256 values.
  ///   - bytes: room for what the digits stand for, every byte of which is written.
  /// - Returns: a number with the high bit where something is no digit or a bit is left over.
  private static func decode(
    _ text: Span<UInt8>, digits: Int, _ table: UnsafeBufferPointer<UInt8>,
    into bytes: UnsafeMutableBufferPointer<UInt8>
  ) -> UInt8 {
    var seen: UInt8 = 0
    var index = 0
    var end = 0
    // Four digits of those that there are, for three bytes of which there is room.
    while index + 4 <= digits {
      let first = unsafe table[Int(text[unchecked: index])]
      let second = unsafe table[Int(text[unchecked: index + 1])]
      let third = unsafe table[Int(text[unchecked: index + 2])]
      let fourth = unsafe table[Int(text[unchecked: index + 3])]
      seen |= first | second | third | fourth
      unsafe bytes[end] = first << 2 | second >> 4
      unsafe bytes[end + 1] = second << 4 | third >> 2
      unsafe bytes[end + 2] = third << 6 | fourth
      index += 4
      end += 3
    }
    guard index < digits else { return seen }
    // Two digits are left for a byte, or three for two; the bits that they leave over must not be set.
    let isPair = digits - index == 2
    let first = unsafe table[Int(text[index])]
    let second = unsafe table[Int(text[index + 1])]
    let third = unsafe isPair ? 0 : table[Int(text[index + 2])]
    let spare = isPair ? second << 4 : third << 6
    unsafe bytes[end] = first << 2 | second >> 4
    if !isPair { unsafe bytes[end + 1] = second << 4 | third >> 2 }
    return seen | first | second | third | (spare == 0 ? 0 : 0x80)
  }
}
