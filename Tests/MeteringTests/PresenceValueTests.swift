import CivilTime
import Foundation
import Metering
import Sealing
import Testing

@Suite struct PresenceValueTests {
  /// Everything that changes a counter, each on its own.
  private static let changes: [@Sendable (inout Presence) -> Void] = [
    { _ = $0.beat(MeterDriver.id(1), at: 10) },
    { _ = $0.beat(MeterDriver.id(1), weight: 9, at: 10) },
    { _ = $0.beat(MeterDriver.id(9), at: 10) }, { _ = $0.bye(MeterDriver.id(1), at: 10) },
    { _ = $0.take([KeyedBeat(MeterDriver.id(1)), KeyedBeat(MeterDriver.id(8))], at: 10) },
    { _ = $0.take([KeyedBeat(MeterDriver.id(1), isBye: true)], at: 20) },
    { $0.advance(to: 400) }, { $0.skip(to: 50) }, { $0.skip(to: 400) }, { _ = $0.takeRows() },
    { _ = $0.closeDay(at: 60, rules: $0.rules) },
    { _ = $0.closeDay(at: 60, rules: $0.rules, observed: false) },
    { for number in 100..<200 { _ = $0.beat(MeterDriver.id(number), at: 10) } },
  ]

  /// Everything that can be seen of a counter.
  private func image(_ presence: Presence) -> [String] {
    var copy = presence
    var online: [CollectorRow] = []
    copy.forEachOnline { online.append($0) }
    let ids = (0..<200).map { MeterDriver.id($0) }
    return [
      "\(copy.current) \(copy.online) \(copy.onlineCollectors) \(copy.count) \(copy.distinct)",
      "\(copy.refused) \(copy.known) \(copy.settledOnline) \(copy.settledDistinct) \(copy.excess)",
      "\(ids.map { copy.row(of: $0) })", "\(copy.takeRuns())", sorted(online),
      sorted(copy.openSegments), sorted(copy.takeSegments()), sorted(copy.takeRows()),
    ]
  }

  private func sorted(_ values: [some Any]) -> String {
    values.map { "\($0)" }.sorted().joined(separator: " ")
  }

  @Test(arguments: 0..<13)
  func `a counter is a value: a copy stays as it was`(_ number: Int) throws {
    let rules = try #require(CountingRules(window: 60, dwell: 60))
    var presence = Presence(rules: rules, at: 0)
    for collector in 1...5 { _ = presence.beat(MeterDriver.id(collector), weight: 2, at: 5) }
    let copy = presence
    let before = image(copy)
    Self.changes[number](&presence)
    #expect(image(copy) == before)
    #expect(image(presence) != before)
    // And the other way round: what is changed in the copy is not seen in the first.
    var other = copy
    let changed = image(presence)
    for change in Self.changes { change(&other) }
    #expect(image(presence) == changed)
    #expect(Self.changes.count == 13)
  }
}

@Suite struct PresenceScaleTests {
  @Test func `a hundred thousand collectors come, change and go through growing tables`() throws {
    let rules = try #require(CountingRules(window: 100))
    var presence = Presence(rules: rules, at: 0)
    var random = SeededRandom(seed: 1)
    let ids = (0..<100_000).map { _ in CollectorID(high: random.next(), low: random.next()) }
    for (index, id) in ids.enumerated() {
      #expect(presence.beat(id, weight: Int64(index % 3 + 1), at: Int64(index / 2000)) == .joined)
    }
    #expect(presence.onlineCollectors == 100_000)
    #expect(presence.count == 200_000 - 1)
    for id in ids.prefix(50_000) { #expect(presence.beat(id, at: 60) == .kept) }
    presence.advance(to: 160)
    #expect(presence.onlineCollectors == 0)
    #expect(presence.distinct == 100_000)
    let segments = presence.takeSegments()
    #expect(segments.count == 100_000)
    #expect(Set(segments.map(\.id)).count == 100_000)
    let seconds = segments.reduce(0) { $0 + ($1.to - $1.from) * $1.weight }
    let counted = presence.takeRuns().reduce(0) { $0 + ($1.to - $1.from) * ($1.count ?? 0) }
    #expect(seconds == counted)
    let totals = presence.closeDay(at: 1000, rules: rules)
    #expect(totals.distinct == 100_000)
    #expect(presence.known == 0)
  }

  @Test func `identities of one place in the table are still told apart`() throws {
    let rules = try #require(CountingRules(window: 100))
    var presence = Presence(rules: rules, at: 0)
    for low in 0..<500 as Range<UInt64> {
      _ = presence.beat(CollectorID(high: UInt64.max, low: low), at: 0)
      _ = presence.beat(CollectorID(high: 0, low: low), at: 0)
    }
    #expect(presence.onlineCollectors == 1000)
    #expect(presence.knows(CollectorID(high: 0, low: 499)))
    #expect(!presence.knows(CollectorID(high: 0, low: 500)))
  }
}
