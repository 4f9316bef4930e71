import CivilTime
import Metering
import Testing

@Suite struct DayCountTests {
  private func day() throws -> DayCount {
    DayCount(date: try #require(CivilDate("1970-01-01")), from: 0, to: 86_400)
  }

  @Test func `the peak is the first largest second`() throws {
    var day = try day()
    day.observe(0..<10, count: 0)
    #expect(day.peak == Peak(count: 0, at: 0))
    day.observe(10..<20, count: 4)
    day.observe(20..<130, count: 4)
    day.observe(130..<140, count: 3)
    #expect(day.peak == Peak(count: 4, at: 10))
    #expect(day.observed == 140)
    #expect(
      day.runs.prefix(2) == [MinuteRun(minutes: 3, count: 4), MinuteRun(minutes: 1437, count: -1)])
  }

  @Test func `gaps that touch with one reason are one`() throws {
    var day = try day()
    day.miss(0..<10, reason: .before)
    day.miss(10..<20, reason: .stopped)
    day.miss(20..<30, reason: .stopped)
    #expect(
      day.gaps == [
        Gap(from: 0, to: 10, reason: .before), Gap(from: 10, to: 30, reason: .stopped),
      ])
    #expect(day.peak == nil)
    #expect(day.observed == 0)
  }

  @Test func `more than 256 gaps are joined, nearest first, and observed stays exact`() throws {
    var day = try day()
    var at: Int64 = 0
    // The 100th and 101st are 3 s apart, all others 10 s.
    for number in 0..<256 {
      day.miss(at..<at + 5, reason: number == 100 ? .suspended : .stopped)
      let apart: Int64 = number == 100 ? 3 : 10
      day.observe(at + 5..<at + 5 + apart, count: 1)
      at += 5 + apart
    }
    #expect(day.gaps.count == 256)
    #expect(day.gapsMerged == 0)
    let observed = day.observed
    day.miss(at..<at + 5, reason: .stopped)
    #expect(day.gaps.count == 256)
    #expect(day.gapsMerged == 1)
    #expect(day.observed == observed)
    #expect(day.gaps[100] == Gap(from: 1500, to: 1513, reason: .suspended))
    for _ in 0..<1000 where at < 86_000 {
      day.observe(at + 5..<at + 15, count: 1)
      at += 15
      day.miss(at..<at + 5, reason: .stopped)
    }
    #expect(day.gaps.count == 256)
    #expect(day.gapsMerged == 1001)
    #expect(zip(day.gaps, day.gaps.dropFirst()).allSatisfy { $0.to <= $1.from })
  }

  @Test func `a shared name counts once, with its largest count`() throws {
    var day = try day()
    day.observe(0..<11, count: 2)
    day.observe(10..<11, count: 5)
    day.observe(10..<11, count: 1)
    day.share(10, by: 3)
    day.share(10, by: 4)
    #expect(day.observed == 11)
    #expect(day.peak == Peak(count: 5, at: 10))
    #expect(day.gaps == [Gap(from: 10, to: 10, reason: .clock, shared: 4)])
  }

  @Test func `a missed name that is then shared by a watched second is no longer missed`() throws {
    var day = try day()
    day.miss(0..<11, reason: .stopped)
    day.observe(10..<11, count: 3)
    day.share(10, by: 2)
    #expect(day.observed == 1)
    #expect(day.peak == Peak(count: 3, at: 10))
    #expect(
      day.gaps == [
        Gap(from: 0, to: 10, reason: .stopped),
        Gap(from: 10, to: 10, reason: .clock, shared: 2),
      ])
  }

  @Test func `a shared name that nobody watched stays missed`() throws {
    var day = try day()
    day.miss(0..<11, reason: .stopped)
    day.share(10, by: 2)
    #expect(day.gaps == [Gap(from: 0, to: 11, reason: .stopped)])
  }

  @Test func `nothing outside the date is taken`() throws {
    var day = try day()
    day.observe(-10..<0, count: 9)
    day.observe(86_400..<86_500, count: 9)
    day.miss(86_400..<86_500, reason: .stopped)
    day.share(86_400, by: 3)
    #expect(day.peak == nil)
    #expect(day.gaps.isEmpty)
  }

  @Test func `a shared name whose entry was joined to another is not entered again`() throws {
    var day = try day()
    var at: Int64 = 0
    for _ in 0..<256 {
      day.miss(at..<at + 5, reason: .stopped)
      day.observe(at + 5..<at + 15, count: 1)
      at += 15
    }
    // 256 entries, and the next one lies nearest to the last of them.
    day.miss(at..<at + 5, reason: .stopped)
    let merged = day.gapsMerged
    day.observe(at + 5..<at + 6, count: 1)
    for seconds in 2..<1000 {
      day.observe(at + 5..<at + 6, count: 1)
      day.share(at + 5, by: Int64(seconds))
    }
    #expect(day.gapsMerged == merged + 1)
    #expect(day.gaps.count == 256)
    #expect(day.gaps.last == Gap(from: at, to: at + 5, reason: .stopped))
  }
}
