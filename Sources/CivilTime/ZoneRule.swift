/// The rule of a zone for instants after the last recorded change: the footer of a TZif file, a POSIX
/// TZ string with the extensions of RFC 9636 section 3.3.1.
///
/// Daylight saving may be negative (Europe/Dublin), last all year, and change at hours from -167 to
/// 167 of its day.
struct ZoneRule: Hashable, Sendable {
  /// Seconds east of UTC in standard time.
  let standard: Int32
  let saving: Saving?

  struct Saving: Hashable, Sendable {
    /// Seconds east of UTC.
    let offset: Int32
    let start: YearDay
    let end: YearDay
  }

  /// A moment of each year, in local time.
  struct YearDay: Hashable, Sendable {
    enum Form: Hashable, Sendable {
      /// `Jn`: day 1 to 365, 29 February never counted.
      case julian(Int)
      /// `n`: day 0 to 365, 29 February counted.
      case ordinal(Int)
      /// `Mm.w.d`: weekday `d` (0 is Sunday) of week `w` of month `m`, week 5 the last.
      case weekday(month: Int, week: Int, day: Int)
    }

    let form: Form
    /// Seconds from midnight, -167 h to 167 h.
    let time: Int64

    /// The moment of that year in seconds since the epoch, as if local time were UTC.
    func second(in year: Int64) -> Int64 {
      let newYear = CivilDate.daysSinceEpoch(year: year, month: 1, day: 1)
      let leap = CivilDate.isLeap(Int(year))
      let day: Int64
      switch form {
      case .julian(let number): day = newYear + Int64(number) - 1 + (leap && number > 59 ? 1 : 0)
      case .ordinal(let number): day = newYear + Int64(number)
      case .weekday(let month, let week, let weekday):
        let first = CivilDate.daysSinceEpoch(year: year, month: month, day: 1)
        // 1970-01-01 was a Thursday.
        let ofFirst = Int(((first + 4) % 7 + 7) % 7)
        var number = (weekday - ofFirst + 7) % 7 + (week - 1) * 7
        if number >= CivilDate.length(ofMonth: month, year: Int(year)) { number -= 7 }
        day = first + Int64(number)
      }
      return day * 86_400 + time
    }
  }

  /// The changes that the rule makes around an instant, in order: enough years to hold the one in
  /// force at any instant within `year`, and the ones that follow it within two weeks.
  func changes(around year: Int64) -> [(instant: Int64, offset: Int32)] {
    guard let saving else { return [] }
    var changes: [(instant: Int64, offset: Int32, order: Int)] = []
    for year in (year - 2)...(year + 1) {
      changes.append((saving.start.second(in: year) - Int64(standard), saving.offset, 1))
      changes.append((saving.end.second(in: year) - Int64(saving.offset), standard, 0))
    }
    // Saving that lasts all year ends in the instant in which it begins anew: the start wins.
    return changes.sorted { ($0.instant, $0.order) < ($1.instant, $1.order) }
      .map { ($0.instant, $0.offset) }
  }

  /// Seconds east of UTC at the instant.
  func offset(at instant: Int64) -> Int32 {
    let year = CivilDate.civil(of: Zone.floorDay(instant)).year
    return changes(around: year).last { $0.instant <= instant }?.offset ?? standard
  }
}
