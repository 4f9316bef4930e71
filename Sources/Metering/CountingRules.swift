/// The rules of a license by which collectors are counted.
package struct CountingRules: Sendable, Hashable {
  /// Windows allowed, in seconds.
  package static let windows: ClosedRange<Int64> = 1...86_400
  /// Dwells allowed, in seconds.
  package static let dwells: ClosedRange<Int64> = 0...86_400

  /// Seconds for which a beat keeps its collector online.
  package let window: Int64
  /// Seconds from the beginning of an interval until it counts: 0, or at least the window.
  package let dwell: Int64
  /// The most that weights online may add up to, nil for no limit.
  package var limit: Int64?
  /// Whether a collector that would exceed the limit is refused; else all are taken and the excess
  /// is recorded.
  package var refusesAboveLimit: Bool

  /// - Returns: nil outside the ranges, or for a dwell below the window other than 0.
  package init?(
    window: Int64 = 300, dwell: Int64 = 0, limit: Int64? = nil, refusesAboveLimit: Bool = false
  ) {
    guard Self.windows.contains(window), Self.dwells.contains(dwell),
      dwell == 0 || dwell >= window, (limit ?? 0) >= 0
    else { return nil }
    self.window = window
    self.dwell = dwell
    self.limit = limit
    self.refusesAboveLimit = refusesAboveLimit
  }
}

/// How much one collector counts for.
package enum CollectorWeight {
  /// Weights that can be counted; no machine has more cores. Larger ones are taken as the largest.
  package static let range: ClosedRange<Int64> = 1...65_535

  /// The nearest weight that can be counted.
  package static func clamped(_ weight: Int64) -> Int64 {
    min(max(weight, range.lowerBound), range.upperBound)
  }
}
