/// A date of the proleptic Gregorian calendar, from 1970-01-01 to 9999-12-31.
///
/// A date has no time zone: ``Zone`` says which seconds it covers. Conversions follow the arithmetic of
/// eras of 400 years (Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms").
package struct CivilDate: Hashable, Sendable {
  /// Days since 1970-01-01.
  package let daysSinceEpoch: Int64

  /// Days since the epoch of the first and the last date.
  package static let days: ClosedRange<Int64> = 0...2_932_896
  /// 1970-01-01.
  package static let first = CivilDate(unchecked: days.lowerBound)
  /// 9999-12-31.
  package static let last = CivilDate(unchecked: days.upperBound)

  private init(unchecked days: Int64) { daysSinceEpoch = days }

  /// - Returns: nil outside ``days``.
  package init?(daysSinceEpoch: Int64) {
    guard Self.days.contains(daysSinceEpoch) else { return nil }
    self.init(unchecked: daysSinceEpoch)
  }

  /// The date of that day, or the nearest one that can be represented.
  package init(clampingDaysSinceEpoch days: Int64) {
    self.init(unchecked: min(max(days, Self.days.lowerBound), Self.days.upperBound))
  }

  /// - Returns: nil where the calendar has no such date, or outside the years 1970 to 9999.
  package init?(year: Int, month: Int, day: Int) {
    guard (1970...9999).contains(year), (1...12).contains(month), day >= 1,
      day <= Self.length(ofMonth: month, year: year)
    else { return nil }
    self.init(unchecked: Self.daysSinceEpoch(year: Int64(year), month: month, day: day))
  }

  /// Reads exactly `YYYY-MM-DD`.
  /// - Returns: nil for any other spelling and for dates that do not exist.
  package init?(_ text: String) {
    let bytes = Array(text.utf8)
    guard bytes.count == 10, bytes[4] == UInt8(ascii: "-"), bytes[7] == UInt8(ascii: "-"),
      let year = Self.number(bytes[0..<4]), let month = Self.number(bytes[5..<7]),
      let day = Self.number(bytes[8..<10])
    else { return nil }
    self.init(year: year, month: month, day: day)
  }

  private static func number(_ digits: ArraySlice<UInt8>) -> Int? {
    var value = 0
    for byte in digits {
      guard byte >= 0x30 && byte <= 0x39 else { return nil }
      value = value * 10 + Int(byte - 0x30)
    }
    return value
  }

  package var year: Int { Int(Self.civil(of: daysSinceEpoch).year) }
  /// 1 to 12.
  package var month: Int { Self.civil(of: daysSinceEpoch).month }
  /// 1 to 31.
  package var day: Int { Self.civil(of: daysSinceEpoch).day }

  /// The date so many days later, or earlier if negative; nil outside the years 1970 to 9999.
  package func adding(days: Int64) -> CivilDate? {
    let (sum, overflow) = daysSinceEpoch.addingReportingOverflow(days)
    return overflow ? nil : CivilDate(daysSinceEpoch: sum)
  }

  /// The same month and day so many years later; 29 February becomes 28 February where there is none.
  package func adding(years: Int) -> CivilDate? {
    let (year, month, day) = Self.civil(of: daysSinceEpoch)
    let (sum, overflow) = Int(year).addingReportingOverflow(years)
    guard !overflow, (1970...9999).contains(sum) else { return nil }
    return CivilDate(
      year: sum, month: month, day: min(day, Self.length(ofMonth: month, year: sum)))
  }

  /// The last day of a term of whole years that begins on this date: the day before the same month
  /// and day, and 28 February for a term that begins on 29 February.
  /// - Returns: nil unless `years` is positive and the end lies before the year 10000.
  package func endOfTerm(years: Int) -> CivilDate? {
    let (_, month, day) = Self.civil(of: daysSinceEpoch)
    guard years > 0 else { return nil }
    if month == 2 && day == 29 {
      let (year, overflow) = self.year.addingReportingOverflow(years)
      return overflow ? nil : CivilDate(year: year, month: 2, day: 28)
    }
    // The year 10000 cannot be represented, but the day before its first date can.
    if month == 1 && day == 1 {
      let (year, overflow) = self.year.addingReportingOverflow(years - 1)
      return overflow ? nil : CivilDate(year: year, month: 12, day: 31)
    }
    return adding(years: years)?.adding(days: -1)
  }

  /// Days from this date to the other; negative if the other is earlier.
  package func days(until other: CivilDate) -> Int64 {
    other.daysSinceEpoch - daysSinceEpoch
  }
}

extension CivilDate: Comparable, CustomStringConvertible {
  package static func < (left: CivilDate, right: CivilDate) -> Bool {
    left.daysSinceEpoch < right.daysSinceEpoch
  }

  /// `YYYY-MM-DD`: each date has a year of four digits.
  package var description: String {
    let (year, month, day) = Self.civil(of: daysSinceEpoch)
    return unsafe String(unsafeUninitializedCapacity: 10) { text in
      func write(_ number: Int, at place: Int) {
        unsafe text[place] = 0x30 + UInt8(number / 10)
        unsafe text[place + 1] = 0x30 + UInt8(number % 10)
      }
      write(Int(year / 100), at: 0)
      write(Int(year % 100), at: 2)
      write(month, at: 5)
      write(day, at: 8)
      for place in [4, 7] { unsafe text[place] = UInt8(ascii: "-") }
      return 10
    }
  }
}

// The calendar itself, for any year: rules of time zones look a little beyond the dates above.
extension CivilDate {
  static func isLeap(_ year: Int) -> Bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
  }

  static func length(ofMonth month: Int, year: Int) -> Int {
    switch month {
    case 2: isLeap(year) ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }

  static func daysSinceEpoch(year: Int64, month: Int, day: Int) -> Int64 {
    let shifted = month <= 2 ? year - 1 : year
    let era = (shifted >= 0 ? shifted : shifted - 399) / 400
    let yearOfEra = shifted - era * 400
    let dayOfYear = (153 * (Int64(month) + (month > 2 ? -3 : 9)) + 2) / 5 + Int64(day) - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    return era * 146_097 + dayOfEra - 719_468
  }

  static func civil(of days: Int64) -> (year: Int64, month: Int, day: Int) {
    let shifted = days + 719_468
    let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
    let dayOfEra = shifted - era * 146_097
    let yearOfEra =
      (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    let day = Int(dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
    let month = Int(shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9)
    return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
  }
}

/// Decimal digits with leading zeros.
enum Decimal {
  static func padded(_ number: some BinaryInteger, _ width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
  }
}
