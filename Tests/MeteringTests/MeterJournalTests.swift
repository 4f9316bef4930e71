import CivilTime
import Foundation
import Metering
import Sealing
import Testing

@Suite struct MeterJournalTests {
  private func meter() throws -> Meter {
    let rules = try #require(CountingRules(window: 60, limit: 3, refusesAboveLimit: true))
    var meter = Meter(rules: rules, days: .blocks(600), boot: 100, wall: 50)
    _ = meter.beat(MeterDriver.id(1), weight: 2, at: 100)
    _ = meter.beat(MeterDriver.id(2), weight: 2, at: 100)
    _ = meter.beat(MeterDriver.id(3), at: 110)
    _ = meter.bye(MeterDriver.id(3), at: 120)
    meter.observe(wall: 60, at: 120)
    _ = meter.bye(MeterDriver.id(1), at: 122)
    meter.advance(to: 125)
    return meter
  }

  @Test func `the state reads back as it was written, in the midst of a wait too`() throws {
    var meter = try meter()
    let state = meter.takeChanges().state
    let text = state.json.serialized
    let read = try MeterState(try JSONScanner.scan(text, maximumDepth: 16))
    #expect(read == state)
    #expect(String(decoding: text, as: UTF8.self).contains("\"held\":[["))
  }

  @Test func `no member of the state may be missing, doubled or of another kind`() throws {
    var meter = try meter()
    guard case .object(let members) = meter.takeChanges().state.json else {
      throw Refusal.malformed("no object")
    }
    #expect(members.count == 14)
    for index in members.indices {
      var fewer = members
      fewer.remove(at: index)
      #expect(throws: Refusal.self) { try MeterState(.object(fewer)) }
      var other = members
      other[index].value = .string("x")
      #expect(throws: Refusal.self) { try MeterState(.object(other)) }
      #expect(throws: Refusal.self) { try MeterState(.object(members + [members[index]])) }
    }
  }

  @Test func `rows that cannot have been written are refused`() throws {
    var meter = try meter()
    let changes = meter.takeChanges()
    let good = try #require(changes.rows.first { $0.id == MeterDriver.id(3) })
    func restore(_ change: (inout CollectorRow) -> Void) throws {
      var row = good
      change(&row)
      _ = try Meter(
        restoring: changes.state, rows: [row], days: .blocks(600), boot: 130, wall: 80,
        sameBoot: true)
    }
    #expect(throws: Never.self) { try restore { _ in } }
    let faults: [(inout CollectorRow) -> Void] = [
      { $0.flags |= 1 << 9 }, { $0.flags |= 1 << 40 }, { $0.flags = -1 }, { $0.weight = 0 },
      { $0.weight = 65_536 }, { $0.last = 126 }, { $0.started = $0.last + 1 },
      { $0.mark = $0.started - 1 }, { $0.mark = 126 }, { $0.last = Int64.min },
      {
        $0.flags |= 4; $0.last = 60; $0.started = 60; $0.mark = 60
      },
    ]
    #expect(faults.count == 11)
    for fault in faults { #expect(throws: Refusal(.malformed, "")) { try restore(fault) } }
    #expect(throws: Refusal(.malformed, "")) {
      try Meter(
        restoring: changes.state, rows: [good, good], days: .blocks(600), boot: 130, wall: 80,
        sameBoot: true)
    }
    #expect(throws: Refusal(.malformed, "")) {
      try Meter(
        restoring: changes.state, rows: [good], days: .blocks(600), boot: 124, wall: 80,
        sameBoot: true)
    }
  }

  @Test func `changes are told once`() throws {
    var meter = try meter()
    #expect(meter.takeChanges().rows.count == 3)
    let again = meter.takeChanges()
    #expect(again.rows.isEmpty)
    #expect(again.segments.isEmpty)
    _ = meter.beat(MeterDriver.id(1), at: 126)
    #expect(meter.takeChanges().rows.map(\.id) == [MeterDriver.id(1)])
  }
}
