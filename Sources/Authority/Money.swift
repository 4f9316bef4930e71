package import Licensing

/// Amounts of money as people write them, `CNY 1.20`, and as licenses carry them, in minor units.
package enum Money {
  /// Reads `CNY 1.20`: three capitals, a space, digits with at most one point.
  /// - Returns: nil for any other form, more digits after the point than the currency has, or an
  ///   amount beyond 64 bits. Nothing is rounded.
  package static func price(_ text: String) -> Price? { try? read(text).get() }

  /// Why a text is no price, and what a good one looks like; nil for one that is.
  package static func fault(_ text: String) -> String? {
    guard case .failure(let fault) = read(text) else { return nil }
    return "\(fault.words); a price is written such as \"CNY 1.20\" or \"JPY 30\""
  }

  private struct Fault: Error { let words: String }

  private static func read(_ text: String) -> Result<Price, Fault> {
    func refuse(_ words: String) -> Result<Price, Fault> { .failure(Fault(words: words)) }
    let parts = text.split(separator: " ", omittingEmptySubsequences: false)
    guard parts.count == 2 else {
      return refuse("it has a currency and an amount, with one space between")
    }
    let currency = String(parts[0])
    guard currency.utf8.count == 3,
      currency.utf8.allSatisfy({ (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) })
    else { return refuse("the currency is three capital letters of ISO 4217") }
    let number = parts[1].split(separator: ".", omittingEmptySubsequences: false)
    let digits = number.joined()
    guard (1...2).contains(number.count), number.allSatisfy({ !$0.isEmpty }),
      digits.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
    else { return refuse("the amount is digits with at most one point between them") }
    let fraction = number.count == 2 ? number[1] : ""
    let places = MinorUnits.digits(of: currency)
    guard fraction.utf8.count <= places else {
      return refuse(
        "\(currency) has \(places) digits after the point, and nothing is rounded")
    }
    let padded = digits + String(repeating: "0", count: places - fraction.utf8.count)
    guard let minor = Int64(padded) else { return refuse("the amount is too large") }
    return .success(Price(currency: currency, minorPerCollectorDay: minor))
  }

  /// The amount as ``price(_:)`` reads it.
  package static func text(_ price: Price) -> String {
    "\(price.currency) \(MinorUnits.text(price.minorPerCollectorDay, price.currency))"
  }
}
