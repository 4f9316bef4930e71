package import CivilTime

/// A month of the calendar, written `YYYY-MM`: what a statement covers.
package struct Month: Hashable, Sendable, CustomStringConvertible {
  package let year: Int
  /// 1 to 12.
  package let month: Int
  package let first: CivilDate
  package let last: CivilDate

  /// - Returns: nil outside the years 1970 to 9999 and the months 1 to 12.
  package init?(year: Int, month: Int) {
    guard let first = CivilDate(year: year, month: month, day: 1),
      let last = [31, 30, 29, 28].lazy
        .compactMap({ CivilDate(year: year, month: month, day: $0) }).first
    else { return nil }
    self.year = year
    self.month = month
    self.first = first
    self.last = last
  }

  /// Reads exactly `YYYY-MM`.
  /// - Returns: nil for any other spelling.
  package init?(_ text: String) {
    guard text.utf8.count == 7, let first = CivilDate(text + "-01") else { return nil }
    self.init(year: first.year, month: first.month)
  }

  /// The month that holds the date.
  package init(of date: CivilDate) {
    // Every date lies in a month that can be represented, see `CivilDate`.
    self = Month(year: date.year, month: date.month) ?? Month.earliest
  }

  private init(first: CivilDate, last: CivilDate) {
    year = first.year
    month = first.month
    self.first = first
    self.last = last
  }

  private static let earliest = Month(
    first: .first, last: CivilDate(clampingDaysSinceEpoch: 30))

  /// Its dates in order.
  package var dates: [CivilDate] {
    (first.daysSinceEpoch...last.daysSinceEpoch).compactMap { CivilDate(daysSinceEpoch: $0) }
  }

  package func contains(_ date: CivilDate) -> Bool { first <= date && date <= last }

  package var description: String { String(first.description.prefix(7)) }
}
