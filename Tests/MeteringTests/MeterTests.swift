import CivilTime
import Foundation
import Metering
import Sealing
import Testing

@Suite struct MeterTests {
  private func zone(_ name: String) throws -> Zone {
    let data = try Data(contentsOf: URL(fileURLWithPath: "/usr/share/zoneinfo/\(name)"))
    return try Zone(name: name, tzif: Array(data))
  }

  private func rules(window: Int64 = 300, dwell: Int64 = 0) throws -> CountingRules {
    try #require(CountingRules(window: window, dwell: dwell))
  }

  /// A day record of the date, as an installation would write it.
  private func record(_ day: ClosedDay) throws -> UsageRecord {
    UsageRecord(
      installation: Thumbprint(try UsageRecordFixture.digest(1)), license: "lic_1", revision: 1,
      seq: 1, prev: nil, at: day.summary.to, day: day.summary, limit: nil,
      rule: UsageRecord.Rule(
        window: day.rules.window, dwell: day.rules.dwell, identity: "datakit:hostname"),
      release: nil, root: Thumbprint(try UsageRecordFixture.digest(2)),
      closing: UsageRecord.Closing(
        minutes: day.minutes,
        evidence: EvidenceRoot(
          leaves: day.summary.distinct, root: try UsageRecordFixture.digest(3))))
  }

  @Test(arguments: [
    ("Europe/Berlin", 1_774_738_800, 23), ("Europe/Berlin", 1_792_879_200, 25),
    ("Asia/Shanghai", 1_774_713_600, 24), ("America/Santiago", 1_788_667_200, 23),
  ])
  func `a date has the hours that its zone gives it`(
    _ name: String, _ from: Int64, _ hours: Int64
  ) throws {
    var meter = Meter(
      rules: try rules(window: 7200), days: .zone(try zone(name)), boot: 50, wall: from - 3600)
    let id = MeterDriver.id(1)
    for hour in 0..<(hours + 2) { _ = meter.beat(id, at: 50 + hour * 3600) }
    let closed = meter.takeChanges().closed
    #expect(closed.count == 2)
    #expect(closed[1].summary.from == from)
    #expect(closed[1].summary.to == from + hours * 3600)
    #expect(closed[1].minutes == [MinuteRun(minutes: hours * 60, count: 1)])
    #expect(closed[1].summary.peak == Peak(count: 1, at: from))
    for day in closed { try record(day).requireConsistency() }
  }

  @Test func `a date that the zone skips has no record, and the chain of dates joins`() throws {
    let apia = try zone("Pacific/Apia")
    let thursday = apia.day(of: try #require(CivilDate("2011-12-29")))
    var meter = Meter(
      rules: try rules(), days: .zone(apia), boot: 0, wall: thursday.lowerBound + 100)
    meter.advance(to: 2 * 86_400)
    let closed = meter.takeChanges().closed
    #expect(closed.map(\.summary.date.description) == ["2011-12-29", "2011-12-31"])
    #expect(closed[0].summary.to == closed[1].summary.from)
    #expect(closed[0].summary.gaps.map(\.reason) == [.before])
  }

  @Test func `dates that end while nobody watches have records without a peak`() throws {
    var meter = Meter(rules: try rules(), days: .zone(.utc), boot: 0, wall: 86_400 * 10 + 3600)
    _ = meter.beat(MeterDriver.id(1), weight: 4, at: 10)
    meter.advance(to: 20)
    meter.skip(to: 86_400 * 3, reason: .stopped)
    let closed = meter.takeChanges().closed
    #expect(closed.count == 3)
    #expect(closed.map(\.summary.peak) == [Peak(count: 4, at: 867_610), nil, nil])
    #expect(closed[1].summary.observed == 0)
    #expect(
      closed[1].summary.gaps == [
        Gap(from: closed[1].summary.from, to: closed[1].summary.to, reason: .stopped)
      ])
    #expect(closed[1].minutes == [MinuteRun(minutes: 1440, count: -1)])
    for day in closed { try record(day).requireConsistency() }
  }

  @Test func `a jump over a date that is borne out by a receipt leaves it unobserved`() throws {
    var meter = Meter(rules: try rules(), days: .zone(.utc), boot: 0, wall: 86_400 * 10)
    _ = meter.beat(MeterDriver.id(1), at: 5)
    meter.observe(wall: 86_400 * 12 + 10, at: 10)
    #expect(meter.naming.isDeferring)
    meter.confirm(by: 86_400 * 12)
    meter.advance(to: 12)
    let closed = meter.takeChanges().closed
    #expect(closed.map(\.summary.observed) == [11, 0])
    #expect(closed.map(\.summary.gaps.count) == [1, 1])
    #expect(meter.now == 86_400 * 12 + 12)
    #expect(meter.summary?.gaps == [Gap(from: 86_400 * 12, to: 86_400 * 12 + 11, reason: .clock)])
    // Who is online has been so for seven real seconds.
    #expect(meter.presence.onlineCollectors == 1)
    for day in closed { try record(day).requireConsistency() }
  }

  @Test func `the first date begins with a gap up to the first start`() throws {
    var meter = Meter(rules: try rules(), days: .zone(.utc), boot: 7, wall: 86_400 + 60)
    #expect(meter.summary?.gaps == [Gap(from: 86_400, to: 86_460, reason: .before)])
    meter.advance(to: 8)
    #expect(meter.summary?.observed == 1)
    #expect(meter.summary?.peak == Peak(count: 0, at: 86_460))
  }

  @Test func `counting that starts with the date has nothing to tell in its first second`() throws {
    var meter = Meter(rules: try rules(), days: .zone(.utc), boot: 7, wall: 86_400)
    #expect(meter.summary == nil)
    meter.advance(to: 8)
    #expect(meter.summary?.to == 86_401)
  }

  @Test func `a limit holds at once, a window from the next date on`() throws {
    var meter = Meter(rules: try rules(window: 100), days: .blocks(600), boot: 0, wall: 0)
    _ = meter.beat(MeterDriver.id(1), weight: 2, at: 500)
    let next = try #require(
      CountingRules(window: 50, dwell: 50, limit: 2, refusesAboveLimit: true))
    meter.use(next, at: 510)
    #expect(meter.beat(MeterDriver.id(2), at: 510) == .refused)
    #expect(meter.presence.rules.window == 100)
    _ = meter.beat(MeterDriver.id(1), at: 570)
    meter.advance(to: 600)
    #expect(meter.presence.rules == next)
    // Online since 500, so its new dwell is served; its last beat holds for 50 s.
    #expect(meter.presence.count == 2)
    meter.advance(to: 620)
    #expect(meter.presence.count == 0)
    #expect(meter.presence.onlineCollectors == 0)
  }

  @Test func `a date that began while nobody watched has the rules of its own revision`() throws {
    var meter = Meter(rules: try rules(window: 100), days: .blocks(600), boot: 0, wall: 0)
    _ = meter.beat(MeterDriver.id(1), at: 560)
    _ = meter.beat(MeterDriver.id(2), at: 570)
    _ = meter.bye(MeterDriver.id(2), at: 580)
    meter.skip(to: 630, reason: .stopped)
    #expect(meter.presence.online == 1)
    let today = try #require(CountingRules(window: 80, dwell: 80))
    meter.use(today, next: today, at: 630)
    #expect(meter.presence.rules == today)
    // Of the one, online since 560, the dwell is served at 640; the other comes back with 10 s served.
    #expect(meter.presence.count == 0)
    for collector in 1...2 { _ = meter.beat(MeterDriver.id(collector), at: 631) }
    meter.advance(to: 640)
    #expect(meter.presence.count == 1)
    meter.advance(to: 701)
    #expect(meter.presence.count == 2)
    meter.advance(to: 711)
    #expect(meter.presence.onlineCollectors == 0)
    // From now on it is as always.
    meter.use(try rules(window: 10), at: 712)
    #expect(meter.presence.rules.window == 80)
  }

  @Test
  func `beats as far apart as the window at midnight are one interval only by the new window`()
    throws
  {
    var meter = Meter(rules: try rules(window: 300), days: .blocks(600), boot: 0, wall: 0)
    for collector in 1...2 { _ = meter.beat(MeterDriver.id(collector), weight: 5, at: 400) }
    _ = meter.beat(MeterDriver.id(2), at: 540)
    meter.use(try rules(window: 60), at: 500)
    // Both intervals end at 600; the last beat of one lies 60 s back, that of the other 200 s.
    meter.advance(to: 600)
    #expect(meter.presence.online == 0)
    for collector in 1...2 { _ = meter.beat(MeterDriver.id(collector), at: 600) }
    #expect(meter.presence.row(of: MeterDriver.id(1))?.weight == 1)
    #expect(meter.presence.row(of: MeterDriver.id(2))?.weight == 5)
  }

  @Test func `who said bye before midnight is remembered over midnight and a restart`() throws {
    var meter = Meter(rules: try rules(window: 60, dwell: 60), days: .blocks(600), boot: 0, wall: 0)
    for second: Int64 in [500, 540, 580] {
      _ = meter.beat(MeterDriver.id(1), weight: 7, at: second)
    }
    _ = meter.bye(MeterDriver.id(1), at: 590)
    var rows: [CollectorID: CollectorRow] = [:]
    var state = meter.takeChanges().state
    for end: Int64 in [595, 610] {
      meter.advance(to: end)
      let changes = meter.takeChanges()
      if !changes.closed.isEmpty { rows = rows.filter { $0.value.isOnline } }
      for row in changes.rows { rows[row.id] = row }
      state = changes.state
    }
    var restored = try Meter(
      restoring: state, rows: rows.values, days: .blocks(600), boot: 620, wall: 620, sameBoot: true)
    #expect(restored.beat(MeterDriver.id(1), at: 640) == .joined)
    #expect(restored.presence.count == 7)
  }

  @Test func `a later date that is not believed yet is not reached by a boot either`() throws {
    var first = Meter(rules: try rules(), days: .zone(.utc), boot: 1000, wall: 86_400 * 10)
    first.observe(wall: 86_400 * 13 + 60, at: 1060)
    let state = first.takeChanges().state
    // Ten minutes without power; the wall clock is as wrong as before.
    var meter = try Meter(
      restoring: state, rows: [], days: .zone(.utc), boot: 5, wall: 86_400 * 13 + 660,
      sameBoot: false)
    #expect(meter.now == 86_400 * 10 + 660)
    #expect(meter.naming.isDeferring)
    meter.observe(wall: 86_400 * 10 + 670, at: 15)
    #expect(meter.now == 86_400 * 10 + 670)
    #expect(!meter.naming.isDeferring)
  }

  @Test func `a wait for the wall clock goes on over a boot, with the time that was away`() throws {
    var first = Meter(rules: try rules(window: 60), days: .zone(.utc), boot: 1000, wall: 90_000)
    _ = first.beat(MeterDriver.id(1), at: 1005)
    first.observe(wall: 89_010, at: 1010)
    let changes = first.takeChanges()
    var meter = try Meter(
      restoring: changes.state, rows: changes.rows, days: .zone(.utc), boot: 5, wall: 89_040,
      sameBoot: false)
    #expect(meter.presence.onlineCollectors == 1)
    meter.advance(to: 40)
    #expect(meter.presence.onlineCollectors == 0)
    #expect(meter.now == 90_010)
    meter.advance(to: 5 + 971)
    #expect(meter.now == 90_011)
  }

  @Test func `what is online is still known in the second of a restart`() throws {
    var first = Meter(rules: try rules(), days: .zone(.utc), boot: 1000, wall: 90_000)
    _ = first.beat(MeterDriver.id(1), weight: 4, at: 1005)
    first.advance(to: 1010)
    let changes = first.takeChanges()
    let meter = try Meter(
      restoring: changes.state, rows: changes.rows, days: .zone(.utc), boot: 1010, wall: 90_010,
      sameBoot: true)
    #expect(meter.summary == first.summary)
    #expect(meter.summary?.online == 4)
  }

  @Test func `a wall clock that is a year ahead after a boot is not believed at once`() throws {
    var first = Meter(rules: try rules(), days: .zone(.utc), boot: 1000, wall: 86_400 * 10)
    first.advance(to: 1010)
    let state = first.takeChanges().state
    for (ahead, isBelieved) in [(86_400 * 300, true), (86_400 * 400, false)] as [(Int64, Bool)] {
      let meter = try Meter(
        restoring: state, rows: [], days: .zone(.utc), boot: 5, wall: state.name + ahead,
        sameBoot: false)
      #expect(meter.boot == 5)
      #expect(meter.naming.isDeferring == !isBelieved)
      #expect(meter.now == state.name + (isBelieved ? ahead : 1))
    }
  }

  @Test func `a wall clock that was set back over a boot waits, and expiry goes on`() throws {
    var first = Meter(rules: try rules(window: 60), days: .zone(.utc), boot: 1000, wall: 90_000)
    _ = first.beat(MeterDriver.id(1), at: 1005)
    first.advance(to: 1010)
    let changes = first.takeChanges()
    var meter = try Meter(
      restoring: changes.state, rows: changes.rows, days: .zone(.utc), boot: 5, wall: 80_000,
      sameBoot: false)
    #expect(meter.presence.onlineCollectors == 1)
    meter.advance(to: 100)
    #expect(meter.presence.onlineCollectors == 0)
    #expect(meter.now == 90_011)
    #expect(meter.summary?.gaps.last?.shared == 95)
  }
}
