package import Licensing

/// Amounts of money as people write them, `CNY 1.20`, and as licenses carry them, in minor units.
package enum Money {
  /// Reads `CNY 1.20`: three capitals, a space, digits with at most one point.
  /// - Returns: nil for any other form, more digits after the point than the currency has, or an
  ///   amount beyond 64 bits. Nothing is rounded.
  package static func price(_ text: String) -> Price? {
    let parts = text.split(separator: " ", omittingEmptySubsequences: false)
    guard parts.count == 2, parts[0].utf8.count == 3,
      parts[0].utf8.allSatisfy({ (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) })
    else { return nil }
    let currency = String(parts[0])
    let number = parts[1].split(separator: ".", omittingEmptySubsequences: false)
    let fraction = number.count == 2 ? String(number[1]) : ""
    let places = MinorUnits.digits(of: currency)
    guard number.count <= 2, let whole = number.first, !whole.isEmpty,
      number.count == 1 || !fraction.isEmpty, fraction.utf8.count <= places
    else { return nil }
    let padded = fraction + String(repeating: "0", count: places - fraction.utf8.count)
    guard let minor = units("\(whole)\(padded)") else { return nil }
    return Price(currency: currency, minorPerCollectorDay: minor)
  }

  /// The amount as ``price(_:)`` reads it.
  package static func text(_ price: Price) -> String {
    "\(price.currency) \(MinorUnits.text(price.minorPerCollectorDay, price.currency))"
  }

  private static func units(_ digits: String) -> Int64? {
    guard digits.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else {
      return nil
    }
    return Int64(digits)
  }
}
