import Sealing

/// Exact arithmetic in minor units.
enum Amount {
  /// - Throws: ``BillingError`` `AMOUNT_TOO_LARGE`.
  static func product(_ quantity: Int64, _ rate: Int64) throws(BillingError) -> Int64 {
    let (product, overflow) = quantity.multipliedReportingOverflow(by: rate)
    return try held(product, overflow)
  }

  /// - Throws: ``BillingError`` `AMOUNT_TOO_LARGE`.
  static func sum(_ left: Int64, _ right: Int64) throws(BillingError) -> Int64 {
    let (sum, overflow) = left.addingReportingOverflow(right)
    return try held(sum, overflow)
  }

  /// What a correction may come to: it can give back.
  static let signed = -SealedLimits.counts.upperBound...SealedLimits.counts.upperBound

  /// A sum of which parts may be below zero.
  /// - Throws: ``BillingError`` `AMOUNT_TOO_LARGE`.
  static func signedSum(_ left: Int64, _ right: Int64) throws(BillingError) -> Int64 {
    let (sum, overflow) = left.addingReportingOverflow(right)
    return try held(sum, overflow, in: signed)
  }

  private static func held(
    _ value: Int64, _ overflow: Bool, in range: ClosedRange<Int64> = SealedLimits.counts
  ) throws(BillingError) -> Int64 {
    guard !overflow, range.contains(value) else {
      throw BillingError(
        .amountTooLarge,
        "an amount exceeds \(SealedLimits.counts.upperBound) minor units: check the license's "
          + "price and the collectors' weights")
    }
    return value
  }
}
