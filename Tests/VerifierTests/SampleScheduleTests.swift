import CivilTime
import Metering
import Testing
import Verifier

@Suite struct SampleScheduleTests {
  static func day(
    _ peak: Int64, online: Int64, date: Int64 = 20_000, distinct: Int64? = nil
  ) -> DaySummary {
    DaySummary(
      date: CivilDate(clampingDaysSinceEpoch: date), from: 0, to: 10,
      peak: Peak(count: peak, at: 1), online: online, distinct: distinct ?? peak, refused: 0,
      observed: 10, gaps: [], gapsMerged: 0)
  }

  static let pace = SampleSchedule.Pace(gather: 3000, interval: 300_000)

  @Test func `a new peak is told after it was gathered`() {
    var schedule = SampleSchedule(pace: Self.pace)
    #expect(schedule.isDue(Self.day(5, online: 5), at: 1000, in: 1) == false)
    #expect(schedule.isDue(Self.day(7, online: 7), at: 3999, in: 1) == false)
    #expect(schedule.isDue(Self.day(9, online: 9), at: 4000, in: 1) == true)
    schedule.tell(Self.day(9, online: 9), at: 4000)
    #expect(schedule.isDue(Self.day(9, online: 9), at: 4001, in: 1) == false)
    #expect(schedule.isDue(Self.day(10, online: 10), at: 5000, in: 1) == false)
    #expect(schedule.isDue(Self.day(10, online: 10), at: 8000, in: 1) == true)
  }

  @Test func `the seconds since the peak was reached count as gathered`() {
    var schedule = SampleSchedule(pace: Self.pace)
    #expect(schedule.isDue(Self.day(5, online: 5), at: 10_000, in: 2) == false)
    #expect(schedule.isDue(Self.day(5, online: 5), at: 11_999, in: 3) == false)
    #expect(schedule.isDue(Self.day(5, online: 5), at: 12_000, in: 4) == true)
    var late = SampleSchedule(pace: Self.pace)
    #expect(late.isDue(Self.day(5, online: 5), at: 10_000, in: 500) == true)
  }

  @Test func `another change is told when the interval is over`() {
    var schedule = SampleSchedule(pace: Self.pace)
    _ = schedule.isDue(Self.day(9, online: 9), at: 0, in: 1)
    schedule.tell(Self.day(9, online: 9), at: 3000)
    #expect(schedule.isDue(Self.day(9, online: 4), at: 302_999, in: 1) == false)
    #expect(schedule.isDue(Self.day(9, online: 4), at: 303_000, in: 1) == true)
  }

  @Test func `where nothing changed nothing is told`() {
    var schedule = SampleSchedule(pace: Self.pace)
    #expect(schedule.isDue(Self.day(0, online: 0), at: 10_000_000, in: 1) == false)
    _ = schedule.isDue(Self.day(9, online: 9), at: 0, in: 1)
    schedule.tell(Self.day(9, online: 9), at: 3000)
    #expect(schedule.isDue(Self.day(9, online: 9), at: 100_000_000, in: 1) == false)
  }

  @Test func `a date begins with a peak of its own`() {
    var schedule = SampleSchedule(pace: Self.pace)
    _ = schedule.isDue(Self.day(9, online: 9), at: 0, in: 1)
    schedule.tell(Self.day(9, online: 9), at: 3000)
    #expect(schedule.isDue(Self.day(2, online: 2, date: 20_001), at: 4000, in: 1) == false)
    #expect(schedule.isDue(Self.day(2, online: 2, date: 20_001), at: 7000, in: 1) == true)
  }

  @Test func `a peak that was still gathered at midnight does not hurry that of the next date`() {
    var schedule = SampleSchedule(pace: Self.pace)
    #expect(schedule.isDue(Self.day(9, online: 9), at: 1000, in: 1) == false)
    #expect(schedule.isDue(Self.day(2, online: 2, date: 20_001), at: 4500, in: 1) == false)
    #expect(schedule.isDue(Self.day(2, online: 2, date: 20_001), at: 7499, in: 1) == false)
    #expect(schedule.isDue(Self.day(2, online: 2, date: 20_001), at: 7500, in: 1) == true)
  }
}
