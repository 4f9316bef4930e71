package import Licensing

/// Amounts of money as people write them, `CNY 1.20`, and as licenses carry them, in minor units.
package enum Money {
  /// Digits after the point in ISO 4217 where they are not two.
  private static let digits: [String: Int] = [
    "BIF": 0, "CLP": 0, "DJF": 0, "GNF": 0, "ISK": 0, "JPY": 0, "KMF": 0, "KRW": 0, "PYG": 0,
    "RWF": 0, "UGX": 0, "UYI": 0, "VND": 0, "VUV": 0, "XAF": 0, "XOF": 0, "XPF": 0,
    "BHD": 3, "IQD": 3, "JOD": 3, "KWD": 3, "LYD": 3, "OMR": 3, "TND": 3,
    "CLF": 4, "UYW": 4,
  ]

  /// How many digits the currency has after the point.
  package static func minorDigits(of currency: String) -> Int { digits[currency] ?? 2 }

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
    let places = minorDigits(of: currency)
    guard number.count <= 2, let whole = number.first, !whole.isEmpty,
      number.count == 1 || !fraction.isEmpty, fraction.utf8.count <= places
    else { return nil }
    let padded = fraction + String(repeating: "0", count: places - fraction.utf8.count)
    guard let minor = units("\(whole)\(padded)") else { return nil }
    return Price(currency: currency, minorPerCollectorDay: minor)
  }

  /// The amount as ``price(_:)`` reads it.
  package static func text(_ price: Price) -> String {
    let places = minorDigits(of: price.currency)
    let all = String(max(0, price.minorPerCollectorDay))
    let padded = String(repeating: "0", count: max(0, places + 1 - all.utf8.count)) + all
    guard places > 0 else { return "\(price.currency) \(padded)" }
    return "\(price.currency) \(padded.dropLast(places)).\(padded.suffix(places))"
  }

  private static func units(_ digits: String) -> Int64? {
    guard digits.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else {
      return nil
    }
    return Int64(digits)
  }
}
