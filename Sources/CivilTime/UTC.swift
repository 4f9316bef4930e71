/// Instants as text in Coordinated Universal Time.
package enum UTC {
  /// RFC 3339, whole seconds: `2026-11-21T06:03:07Z`.
  ///
  /// Instants are whole Unix seconds. One before 1970 or after 9999 is written as the nearest within.
  package static func text(_ instant: Int64) -> String {
    let second = min(max(instant, seconds.lowerBound), seconds.upperBound)
    let date = CivilDate(clampingDaysSinceEpoch: second / 86_400)
    return "\(date)T\(clock(second % 86_400))Z"
  }

  /// The instants from 1970-01-01T00:00:00Z to 9999-12-31T23:59:59Z.
  package static let seconds: ClosedRange<Int64> = 0...253_402_300_799

  /// `14:03:07`, from the seconds of a day.
  static func clock(_ second: Int64) -> String {
    let hour = Decimal.padded(second / 3600, 2)
    let minute = Decimal.padded(second / 60 % 60, 2)
    return "\(hour):\(minute):\(Decimal.padded(second % 60, 2))"
  }
}
