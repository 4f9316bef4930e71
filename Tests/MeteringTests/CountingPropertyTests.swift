import Foundation
import Metering
import Testing

@Suite struct CountingPropertyTests {
  static let shards = 8
  /// `TALLY_TEST_HISTORIES` asks for more than an ordinary run plays.
  static let historiesPerShard: UInt64 = {
    let asked = ProcessInfo.processInfo.environment["TALLY_TEST_HISTORIES"].flatMap { UInt64($0) }
    return (asked ?? 2400) / UInt64(shards)
  }()

  @Test(arguments: 0..<CountingPropertyTests.shards)
  func `random histories come out as the definition says`(_ shard: Int) throws {
    var played: UInt64 = 0
    for number in 0..<Self.historiesPerShard {
      try Self.compare(History.random(seed: UInt64(shard) * 1_000_000 + number))
      played += 1
    }
    #expect(played >= 100)
  }

  static func compare(_ history: History) throws {
    var driver = MeterDriver(history)
    try driver.play()
    let expected = NaiveCounter(history).days()
    let seen = days(driver)
    try #require(seen.count == expected.count, "seed \(history.seed)")
    for (seen, expected) in zip(seen, expected) {
      try #require(seen == expected, "seed \(history.seed)")
      try recount(seen, "seed \(history.seed)")
    }
  }

  /// What the meter says, in the shape of what the definition says.
  private static func days(_ driver: MeterDriver) -> [NaiveCounter.Day] {
    let length = driver.history.dayLength
    var days = driver.closed.map { closed in
      day(closed.summary, MinuteCounts.expanded(closed.minutes), length, driver)
    }
    if let open = driver.meter.summary {
      days.append(day(open, MinuteCounts.expanded(driver.meter.day.runs), length, driver))
    }
    return days
  }

  private static func day(
    _ summary: DaySummary, _ minutes: [Int64], _ length: Int64, _ driver: MeterDriver
  ) -> NaiveCounter.Day {
    var segments: [Int: [Segment]] = [:]
    for who in 0..<driver.history.collectors {
      var mine = driver.segments.filter { $0.id == MeterDriver.id(who) && $0.date == summary.date }
        .map(\.segment)
      if summary.to < summary.from + length || summary.date == driver.meter.day.date {
        mine += driver.meter.openSegments.filter { $0.id == MeterDriver.id(who) }.map(\.segment)
      }
      let canonical = EvidenceLeaf.canonical(mine)
      if !canonical.isEmpty { segments[who] = canonical }
    }
    return NaiveCounter.Day(
      number: summary.from / length, peak: summary.peak, minutes: minutes,
      observed: summary.observed, gaps: summary.gaps, distinct: Int(summary.distinct),
      refused: Int(summary.refused), online: summary.online, segments: segments)
  }

  /// Whoever adds up the segments finds the peak.
  private static func recount(_ day: NaiveCounter.Day, _ comment: Comment) throws {
    let from = day.number * 600
    let leaves = try day.segments.values.map { segments in
      EvidenceLeaf(name: try #require(Digests.zero), segments: segments)
    }
    let to = max(
      day.gaps.last?.to ?? 0, from + day.observed + day.gaps.reduce(0) { $0 + $1.length })
    let peak = Recount.peak(of: leaves, from: from, to: to, gaps: day.gaps)
    try #require(peak == day.peak, comment)
  }
}
