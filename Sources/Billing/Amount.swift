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

  private static func held(_ value: Int64, _ overflow: Bool) throws(BillingError) -> Int64 {
    guard !overflow, SealedLimits.counts.contains(value) else {
      throw BillingError(
        .amountTooLarge,
        "an amount exceeds \(SealedLimits.counts.upperBound) minor units: check the license's "
          + "price and the collectors' weights")
    }
    return value
  }
}
