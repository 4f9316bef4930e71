/// What must be known of an encoded Ed25519 point before it is trusted (RFC 8032 section 5.1.3).
package enum Ed25519Point {
  /// The y coordinates of the eight points of small order, two of them also in the form not reduced
  /// modulo p, little endian with the sign bit clear.
  private static let smallOrder: [[UInt8]] = [
    [UInt8](repeating: 0, count: 32),
    [1] + [UInt8](repeating: 0, count: 31),
    hexadecimal("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"),
    hexadecimal("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"),
    [0xEC] + [UInt8](repeating: 0xFF, count: 30) + [0x7F],
    [0xED] + [UInt8](repeating: 0xFF, count: 30) + [0x7F],
    [0xEE] + [UInt8](repeating: 0xFF, count: 30) + [0x7F],
  ]

  private static func hexadecimal(_ text: StaticString) -> [UInt8] {
    let digits = text.description.utf8.compactMap(Hexadecimal.value)
    return stride(from: 0, to: digits.count - 1, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
  }

  /// Whether the 32 bytes are one of the 14 encodings of a point of small order.
  ///
  /// Every signature's first half comes through here: nothing is copied.
  package static func isSmallOrder(_ point: some RandomAccessCollection<UInt8>) -> Bool {
    guard point.count == 32, let last = point.last else { return false }
    return smallOrder.contains { y in
      y[31] == last & 0x7F && point.dropLast().elementsEqual(y.dropLast())
    }
  }

  /// Whether the y coordinate is below p = 2^255 - 19.
  package static func isCanonical(_ point: [UInt8]) -> Bool {
    guard point.count == 32 else { return false }
    guard point[31] & 0x7F == 0x7F, point[1..<31].allSatisfy({ $0 == 0xFF }) else { return true }
    return point[0] < 0xED
  }
}
