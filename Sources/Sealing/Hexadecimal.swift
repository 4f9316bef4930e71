/// Base 16 (RFC 4648 section 8), written in lower case.
package enum Hexadecimal {
  private static let alphabet = Array("0123456789abcdef".utf8)

  /// The value of one digit in either case, nil for any other byte.
  package static func value(of byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
    default: nil
    }
  }

  /// The two digits of a byte.
  package static func digits(_ byte: UInt8) -> [UInt8] {
    [alphabet[Int(byte >> 4)], alphabet[Int(byte & 15)]]
  }

  /// All bytes as one string, twice as long.
  package static func encode(_ bytes: some Sequence<UInt8>) -> String {
    String(decoding: bytes.flatMap(digits), as: UTF8.self)
  }
}
