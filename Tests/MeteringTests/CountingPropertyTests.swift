import CivilTime
import Foundation
import Libcrypto
import Metering
import Sealing
import Testing

/// Random histories, counted by the counter and by the definition; whatever differs names its seed.
///
/// `TALLY_TEST_HISTORIES` asks for another number of histories of dates of 600 s than the 10,000 of an
/// ordinary run, `TALLY_TEST_DAYS` for another number of those of whole days than 100, and
/// `TALLY_TEST_SEED` for others than those that begin with 0.
@Suite struct CountingPropertyTests {
  static let shards = 8

  private static func setting(_ name: String, _ usual: UInt64) -> UInt64 {
    ProcessInfo.processInfo.environment[name].flatMap { UInt64($0) } ?? usual
  }

  /// The seeds of a shard.
  private static func seeds(_ shard: Int, of count: UInt64) -> [UInt64] {
    let first = setting("TALLY_TEST_SEED", 0)
    return (0..<count).filter { $0 % UInt64(shards) == UInt64(shard) }.map { first + $0 }
  }

  @Test(arguments: 0..<CountingPropertyTests.shards)
  func `random histories of short dates come out as the definition says`(_ shard: Int) throws {
    let seeds = Self.seeds(shard, of: Self.setting("TALLY_TEST_HISTORIES", 10_000))
    var dates = 0
    for seed in seeds { dates += try Self.compare(History.random(seed: seed)) }
    print("\(seeds.count) histories of \(dates) short dates, seeds from \(seeds.first ?? 0)")
    #expect(dates > seeds.count)
  }

  @Test(arguments: 0..<CountingPropertyTests.shards)
  func `random histories of whole days across changes of clocks come out as the definition says`(
    _ shard: Int
  ) throws {
    let seeds = Self.seeds(shard, of: Self.setting("TALLY_TEST_DAYS", 100))
    var dates = 0
    for seed in seeds { dates += try Self.compare(History.days(seed: seed)) }
    print("\(seeds.count) histories of \(dates) whole days, seeds from \(seeds.first ?? 0)")
    #expect(dates > seeds.count)
  }

  /// Plays a history to both and compares everything that comes of it.
  /// - Returns: how many dates it has.
  @discardableResult
  static func compare(_ history: History) throws -> Int {
    let seed: Comment = "seed \(history.seed)"
    var driver = MeterDriver(history)
    try driver.play()
    let naive = NaiveCounter(history)
    try #require(driver.answers == naive.answers, seed)
    for second in driver.counts.indices where driver.counts[second] >= 0 {
      try #require(driver.names[second] == naive.names[second], "seed \(history.seed): \(second)")
      try #require(
        driver.counts[second] == Int64(naive.counts[second]), "seed \(history.seed): \(second)")
    }
    let expected = naive.days()
    let seen = try CountedDays(driver).days
    try #require(seen.count == expected.count, seed)
    for (seen, expected) in zip(seen, expected) {
      try #require(seen.day.withoutCounts == expected.withoutCounts, seed)
      // Seconds of gaps have no count, whatever the segments run through.
      for (offset, count) in expected.counts.enumerated()
      where count >= 0 && seen.day.counts[offset] != count {
        Issue.record("seed \(history.seed): the leaves of second \(expected.from + Int64(offset))")
      }
      try #require(seen.root == NaiveEvidence.root(expected.segments, on: seen.date), seed)
      do { try seen.record?.requireConsistency() } catch {
        Issue.record("seed \(history.seed): \(error)")
      }
    }
    return seen.count
  }
}

extension NaiveDay {
  var withoutCounts: NaiveDay {
    var day = self
    day.counts = []
    return day
  }
}

/// What a counter says, in the shape of what the definition says.
struct CountedDays {
  struct Counted {
    let day: NaiveDay
    let date: CivilDate
    /// As the verifier makes it of the segments.
    let root: EvidenceRoot
    /// The record of a date that is over.
    let record: UsageRecord?
  }

  private(set) var days: [Counted] = []
  private let driver: MeterDriver
  private var segments: [CivilDate: [CollectorID: [Segment]]] = [:]

  init(_ driver: MeterDriver) throws {
    self.driver = driver
    for segment in driver.segments + driver.meter.openSegments {
      segments[segment.date, default: [:]][segment.id, default: []].append(segment.segment)
    }
    for closed in driver.closed {
      let counted = try day(closed.summary, MinuteCounts.expanded(closed.minutes), closed)
      days.append(counted)
    }
    if let open = driver.meter.summary {
      days.append(try day(open, MinuteCounts.expanded(driver.meter.day.runs), nil))
    }
  }

  private func day(
    _ summary: DaySummary, _ minutes: [Int64], _ closed: ClosedDay?
  ) throws -> Counted {
    var evidence = Evidence.Builder(
      date: summary.date, key: NaiveEvidence.key, using: LibcryptoProvider())
    var leaves: [Int: [Segment]] = [:]
    var changes = [Int64](repeating: 0, count: Int(summary.to - summary.from) + 1)
    for who in 0..<driver.history.collectors {
      let id = MeterDriver.id(who)
      guard let mine = segments[summary.date]?[id] else { continue }
      let leaf = evidence.add(try #require(NaiveEvidence.identity(who)), id, mine)
      leaves[who] = leaf
      for segment in leaf {
        changes[Int(segment.from - summary.from)] += segment.weight
        changes[Int(segment.to - summary.from)] -= segment.weight
      }
    }
    var count: Int64 = 0
    let counts = changes.dropLast().map { change in
      count += change
      return Int(count)
    }
    let day = NaiveDay(
      number: summary.date.daysSinceEpoch, from: summary.from, to: summary.to, peak: summary.peak,
      minutes: minutes, counts: counts, observed: summary.observed, gaps: summary.gaps,
      gapsMerged: summary.gapsMerged, distinct: Int(summary.distinct),
      refused: Int(summary.refused), online: summary.online, segments: leaves)
    let root = evidence.evidence().root
    return Counted(
      day: day, date: summary.date, root: root, record: try closed.map { try record($0, root) })
  }

  /// A day record of the date, as an installation would write it.
  private func record(_ day: ClosedDay, _ root: EvidenceRoot) throws -> UsageRecord {
    UsageRecord(
      installation: Thumbprint(try UsageRecordFixture.digest(1)), license: "lic_1", revision: 1,
      seq: 1, prev: nil, at: day.summary.to, day: day.summary, limit: nil,
      rule: UsageRecord.Rule(
        window: day.rules.window, dwell: day.rules.dwell, identity: "datakit:hostname"),
      release: nil, root: Thumbprint(try UsageRecordFixture.digest(2)),
      closing: UsageRecord.Closing(minutes: day.minutes, evidence: root))
  }
}
