package import CivilTime

/// Where one date ends and the next begins.
package enum DayGrid: Sendable, Hashable {
  /// Calendar dates of a time zone.
  case zone(Zone)
  /// Dates of so many seconds each from the epoch on, for simulations.
  case blocks(Int64)

  /// The date whose seconds hold the instant.
  ///
  /// In a zone that was set back across midnight this is not always the local date: the later date
  /// has begun, and goes on.
  package func day(containing instant: Int64) -> (date: CivilDate, range: Range<Int64>) {
    switch self {
    case .blocks(let length):
      let length = max(1, length)
      let number = max(0, instant) / length
      return (CivilDate(clampingDaysSinceEpoch: number), number * length..<(number + 1) * length)
    case .zone(let zone):
      var date = zone.date(at: instant)
      var range = zone.day(of: date)
      while range.upperBound <= instant, let next = date.adding(days: 1) {
        date = next
        range = zone.day(of: date)
      }
      return (date, range)
    }
  }
}
