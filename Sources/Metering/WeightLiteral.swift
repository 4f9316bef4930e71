import Sealing

/// Reads a weight that a collector wrote, exactly and without floating point.
enum WeightLiteral {
  /// The number rounded up to whole; nil for what is no number above 0 that comes within
  /// ``CollectorWeight/range`` then.
  ///
  /// Collectors write CPU limits, which may be fractions: 1.5 weighs 2. A number that no machine has
  /// is nobody's weight: what it is billed at must not come from a slip.
  static func weight(_ value: JSONValue) -> Int64? {
    guard case .number(let literal) = value, literal.utf8.first != UInt8(ascii: "-") else {
      return nil
    }
    let parts = literal.utf8.split(whereSeparator: { $0 == 0x65 || $0 == 0x45 }).map(Array.init)
    let decimal = parts[0].split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    var digits = decimal.flatMap { $0 }
    var point = decimal[0].count + (parts.count > 1 ? exponent(parts[1]) : 0)
    // At once: a body may have millions of them.
    let zeros = digits.prefix { $0 == UInt8(ascii: "0") }.count
    digits.removeFirst(zeros)
    point -= zeros
    guard !digits.isEmpty else { return nil }
    guard point > 0 else { return CollectorWeight.range.lowerBound }
    guard point <= 6 else { return nil }
    var whole: Int64 = 0
    for index in 0..<point {
      whole = whole * 10 + (index < digits.count ? Int64(digits[index]) - 0x30 : 0)
    }
    if digits.dropFirst(point).contains(where: { $0 != UInt8(ascii: "0") }) { whole += 1 }
    return CollectorWeight.range.contains(whole) ? whole : nil
  }

  /// An exponent, as far as it makes a difference.
  private static func exponent(_ text: [UInt8]) -> Int {
    var size = 0
    for byte in text where byte >= 0x30 && byte <= 0x39 {
      size = min(size * 10 + Int(byte - 0x30), 1_000_000_000)
    }
    return text.first == UInt8(ascii: "-") ? -size : size
  }
}

extension ObjectReader {
  /// A member that says a weight, nil when it is absent.
  mutating func optionalWeight(_ name: String) throws(Refusal) -> Int64? {
    guard let value = optional(name) else { return nil }
    guard let weight = WeightLiteral.weight(value) else {
      throw .malformed(
        "\(self.name(name)) must be a number above 0 and at most "
          + "\(CollectorWeight.range.upperBound)")
    }
    return weight
  }

  /// A member for inventories: shown if it is a string, of no consequence otherwise.
  mutating func note(_ name: String) -> String? {
    guard let text = optional(name)?.string, !text.isEmpty, text.utf8.count <= 256 else {
      return nil
    }
    return text
  }
}
