/// Amounts of money as people read them: the one table of how many digits a currency has.
package enum MinorUnits {
  /// Digits after the point in ISO 4217 where they are not two.
  private static let digits: [String: Int] = [
    "BIF": 0, "CLP": 0, "DJF": 0, "GNF": 0, "ISK": 0, "JPY": 0, "KMF": 0, "KRW": 0, "PYG": 0,
    "RWF": 0, "UGX": 0, "UYI": 0, "VND": 0, "VUV": 0, "XAF": 0, "XOF": 0, "XPF": 0,
    "BHD": 3, "IQD": 3, "JOD": 3, "KWD": 3, "LYD": 3, "OMR": 3, "TND": 3,
    "CLF": 4, "UYW": 4,
  ]

  /// How many digits the currency has after the point.
  package static func digits(of currency: String) -> Int { digits[currency] ?? 2 }

  /// The amount without its currency, exactly: 39840 of CNY is `398.40`.
  package static func text(_ amount: Int64, _ currency: String) -> String {
    let places = digits(of: currency)
    let all = String(amount.magnitude)
    let padded = String(repeating: "0", count: max(0, places + 1 - all.utf8.count)) + all
    let number = places == 0 ? padded : "\(padded.dropLast(places)).\(padded.suffix(places))"
    return amount < 0 ? "-\(number)" : number
  }
}
