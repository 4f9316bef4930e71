import Metering
import Sealing
import Testing

@Suite struct UsageRecordTests {
  /// A change that makes a record contradict itself.
  struct Fault: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let change: @Sendable (inout UsageRecord) -> Void

    init(_ name: String, _ change: @escaping @Sendable (inout UsageRecord) -> Void) {
      testDescription = name
      self.change = change
    }
  }

  static let from = UsageRecordFixture.from
  static let faults: [Fault] = [
    Fault("prev at seq 1") { $0.seq = 1 },
    Fault("no prev after seq 1") { $0.prev = nil },
    Fault("to before from") { $0.to = $0.from },
    Fault("longer than two days") { $0.to = $0.from + 172_801 },
    Fault("at before to") { $0.at = $0.to - 1 },
    Fault("a sample with minutes") { $0.stage = .sample },
    Fault("a peak where nothing was observed") { $0.observed = 0 },
    Fault("no peak though observed") { $0.peak = nil },
    Fault("the peak before the date") { $0.peak?.at = from - 1 },
    Fault("the peak after the date") { $0.peak?.at = $0.to },
    Fault("the peak in a gap") { $0.peak?.at = from + 119 },
    Fault("the peak in another minute") { $0.peak?.at = from + 180 },
    Fault("a peak of nobody") { $0.distinct = 0 },
    Fault("a peak above all weights") {
      $0.peak?.count = 3 * 65_535 + 1
      $0.closing?.minutes[1].count = 3 * 65_535 + 1
    },
    Fault("a leaf too few") { $0.closing?.evidence.leaves = 2 },
    Fault("another number of collectors") { $0.distinct = 4 },
    Fault("a second too many observed") { $0.observed += 1 },
    Fault("a second too few observed") { $0.observed -= 1 },
    Fault("a gap outside the date") { $0.gaps[0].from -= 1 },
    Fault("a gap that is longer") { $0.gaps[0].to += 60 },
    Fault("gaps out of order") {
      $0.gaps = [
        Gap(from: from + 60, to: from + 120, reason: .before),
        Gap(from: from, to: from + 60, reason: .stopped),
      ]
    },
    Fault("minutes too few") { $0.closing?.minutes[2].minutes -= 1 },
    Fault("minutes too many") { $0.closing?.minutes[2].minutes += 1 },
    Fault("a minute above the peak") { $0.closing?.minutes[2].count = 8 },
    Fault("no minute with the peak") { $0.closing?.minutes[1].count = 6 },
    Fault("an observed minute without a count") {
      $0.closing?.minutes[0].minutes = 3
      $0.closing?.minutes.remove(at: 1)
      $0.peak?.at = from + 200
      $0.closing?.minutes[1] = MinuteRun(minutes: 1437, count: 7)
    },
    Fault("a missed minute with a count") { $0.closing?.minutes[0].count = 0 },
    Fault("runs that are not the shortest") {
      $0.closing?.minutes[2].minutes -= 1
      $0.closing?.minutes.append(MinuteRun(minutes: 1, count: 2))
    },
  ]

  @Test(arguments: [true, false])
  func `a record reads back as it was written`(_ closing: Bool) throws {
    for seq: Int64 in [1, 2] {
      let record = try UsageRecordFixture.record(seq: seq, closing: closing)
      try record.requireConsistency()
      let parsed = try UsageRecord.parse(record.json.serialized)
      #expect(parsed == record)
      #expect(parsed.json.serialized == record.json.serialized)
    }
  }

  @Test func `there are as many faults as named`() {
    #expect(Self.faults.count == 28)
  }

  @Test(arguments: UsageRecordTests.faults)
  func `a record that contradicts itself is refused`(_ fault: Fault) throws {
    var record = try UsageRecordFixture.record(closing: true)
    fault.change(&record)
    #expect(throws: Refusal(.malformed, "")) { try UsageRecord.parse(record.json.serialized) }
  }

  @Test func `every member is needed but those that may be absent`() throws {
    let optional: Set<String> = ["limit", "release"]
    for closing in [true, false] {
      let record = try UsageRecordFixture.record(closing: closing)
      guard case .object(let members) = record.json else { throw Refusal.malformed("no object") }
      #expect(members.count == (closing ? 23 : 22))
      for index in members.indices {
        var fewer = members
        fewer.remove(at: index)
        let bytes = JSONValue.object(fewer).serialized
        if optional.contains(members[index].name) {
          #expect(throws: Never.self) { try UsageRecord.parse(bytes) }
        } else {
          #expect(throws: Refusal.self, "\(members[index].name)") { try UsageRecord.parse(bytes) }
        }
        var twice = members
        twice.append(members[index])
        #expect(throws: Refusal.self) { try UsageRecord.parse(JSONValue.object(twice).serialized) }
        var other = members
        other[index].value = .null
        #expect(throws: Refusal.self) { try UsageRecord.parse(JSONValue.object(other).serialized) }
      }
      let unknown = JSONValue.object(members + [JSONMember("x", 1)])
      #expect(throws: Refusal.self) { try UsageRecord.parse(unknown.serialized) }
    }
  }

  @Test func `a date of which nothing was observed has no peak`() throws {
    var record = try UsageRecordFixture.record(closing: true)
    record.peak = nil
    record.observed = 0
    record.distinct = 0
    record.gaps = [Gap(from: record.from, to: record.to, reason: .stopped)]
    record.closing?.minutes = [MinuteRun(minutes: 1440, count: -1)]
    record.closing?.evidence.leaves = 0
    #expect(try UsageRecord.parse(record.json.serialized) == record)
  }

  @Test func `joined gaps may cover observed seconds`() throws {
    var record = try UsageRecordFixture.record(closing: true)
    record.gapsMerged = 1
    record.observed += 100
    #expect(try UsageRecord.parse(record.json.serialized) == record)
    record.observed = 86_401
    #expect(throws: Refusal.self) { try UsageRecord.parse(record.json.serialized) }
  }

  @Test func `the largest record fits a sealed document`() throws {
    var record = try UsageRecordFixture.record(closing: true)
    record.to = record.from + 90_000
    record.license = String(repeating: "l", count: 64)
    record.release = String(repeating: "r", count: 64)
    record.rule.identity = String(repeating: "i", count: 256)
    record.gaps = (0..<256).map { number in
      Gap(
        from: record.from + number, to: record.from + number, reason: .clock, shared: 86_400)
    }
    record.closing?.minutes = (0..<1500).map { minute in
      MinuteRun(minutes: 1, count: 600_000_000_000 + minute % 2)
    }
    let bytes = record.json.serialized.count
    // Base64url, header and an RSA-sized signature with it.
    #expect(bytes * 4 / 3 + 800 <= DocumentKind.usage.maximumSize, "\(bytes) bytes")
  }

  @Test func `a sign of life reads back, and names its head exactly after the first record`() throws
  {
    let installation = Thumbprint(try UsageRecordFixture.digest(1))
    let head = try UsageRecordFixture.digest(2)
    let some = Alive(installation: installation, seq: 3, head: head, at: 5)
    let none = Alive(installation: installation, seq: 0, head: nil, at: 5)
    #expect(try Alive.parse(some.json.serialized) == some)
    #expect(try Alive.parse(none.json.serialized) == none)
    for wrong in [
      Alive(installation: installation, seq: 3, head: nil, at: 5),
      Alive(installation: installation, seq: 0, head: head, at: 5),
    ] {
      #expect(throws: Refusal(.malformed, "")) { try Alive.parse(wrong.json.serialized) }
    }
  }
}
