import CivilTime
import Testing

@Suite struct CivilDateTests {
  @Test func `every day from 1970 to 9999 follows the one before it and reads back`() {
    var year = 1970
    var month = 1
    var day = 1
    for number in CivilDate.days {
      guard let date = CivilDate(daysSinceEpoch: number) else {
        Issue.record("day \(number) has no date")
        return
      }
      guard date.year == year, date.month == month, date.day == day,
        CivilDate(year: year, month: month, day: day) == date
      else {
        Issue.record("day \(number) is \(date), not \(year)-\(month)-\(day)")
        return
      }
      day += 1
      if CivilDate(year: year, month: month, day: day) == nil {
        day = 1
        month += 1
      }
      if month == 13 {
        month = 1
        year += 1
      }
    }
    #expect(year == 10_000)
    #expect(CivilDate.last.description == "9999-12-31")
  }

  @Test func `known days of the epoch`() {
    #expect(CivilDate("1970-01-01")?.daysSinceEpoch == 0)
    #expect(CivilDate("2000-02-29")?.daysSinceEpoch == 11_016)
    #expect(CivilDate("2026-11-21")?.daysSinceEpoch == 20_778)
    #expect(CivilDate("9999-12-31")?.daysSinceEpoch == CivilDate.days.upperBound)
  }

  @Test(arguments: ["1970-01-01", "2024-02-29", "2026-11-21", "9999-12-31"])
  func `a date reads back from its own text`(_ text: String) {
    #expect(CivilDate(text)?.description == text)
  }

  @Test(arguments: [
    "", "2026-11-2", "2026-11-211", "2026-1-021", "2026/11/21", "26-11-2021", "2026-13-01",
    "2026-00-10", "2026-02-29", "2100-02-29", "2026-04-31", "2026-11-00", "1969-12-31",
    "0000-01-01",
    "+026-11-21", "2026-11-2a", " 026-11-21", "2026-11-21 ", "２026-11-21", "2026-11-21\n",
  ])
  func `no other spelling and no date that does not exist`(_ text: String) {
    #expect(CivilDate(text) == nil)
  }

  @Test func `adding stays within the calendar or gives nothing`() {
    let date = CivilDate("2028-02-29")
    #expect(date?.adding(years: 1)?.description == "2029-02-28")
    #expect(date?.adding(years: 4)?.description == "2032-02-29")
    #expect(date?.adding(years: -58)?.description == "1970-02-28")
    #expect(date?.adding(years: -59) == nil)
    #expect(date?.adding(years: Int.max) == nil)
    #expect(date?.adding(days: 1)?.description == "2028-03-01")
    #expect(date?.adding(days: Int64.max) == nil)
    #expect(date?.adding(days: Int64.min) == nil)
    #expect(CivilDate.last.adding(days: 1) == nil)
    #expect(CivilDate.first.days(until: .last) == CivilDate.days.upperBound)
    #expect(CivilDate(daysSinceEpoch: -1) == nil)
    #expect(CivilDate(clampingDaysSinceEpoch: Int64.min) == .first)
    #expect(CivilDate(clampingDaysSinceEpoch: Int64.max) == .last)
  }

  @Test(arguments: [
    ("2026-11-21", 1, "2027-11-20"), ("2026-01-01", 1, "2026-12-31"),
    ("2027-03-01", 1, "2028-02-29"), ("2026-03-01", 1, "2027-02-28"),
    ("2028-02-29", 1, "2029-02-28"), ("2028-02-29", 4, "2032-02-28"),
    ("2028-02-28", 1, "2029-02-27"), ("2026-11-21", 3, "2029-11-20"),
    ("9999-01-01", 1, "9999-12-31"),
  ])
  func `a term ends the day before the same month and day`(
    _ from: String, _ years: Int, _ through: String
  ) {
    #expect(CivilDate(from)?.endOfTerm(years: years)?.description == through)
  }

  @Test func `a term must be positive and end before the year 10000`() {
    #expect(CivilDate("2026-11-21")?.endOfTerm(years: 0) == nil)
    #expect(CivilDate("2026-11-21")?.endOfTerm(years: -1) == nil)
    #expect(CivilDate("2026-11-21")?.endOfTerm(years: Int.max) == nil)
    #expect(CivilDate("2028-02-29")?.endOfTerm(years: Int.max) == nil)
    #expect(CivilDate("9999-01-02")?.endOfTerm(years: 1) == nil)
  }

  @Test func `dates order as their days`() {
    let texts = ["1970-01-01", "1999-12-31", "2000-01-01", "2026-11-21"]
    let dates = texts.compactMap { CivilDate($0) }
    #expect(dates.count == 4)
    #expect(dates.shuffled().sorted() == dates)
  }
}
