import CivilTime
package import Sealing

extension MeterState {
  private static let integers: ClosedRange<Int64> = -(1 << 53)...(1 << 53)

  /// One JSON object; ``init(_:)`` reads it back.
  package var json: JSONValue {
    var members = [
      JSONMember("second", .integer(second)), JSONMember("name", .integer(name)),
      JSONMember("rules", rules.json), JSONMember("next_rules", nextRules.json),
      JSONMember("day", day.json), JSONMember("day_start", .integer(dayStart)),
      JSONMember("shift", .integer(shift)),
      JSONMember("online", .integer(settledOnline)),
      JSONMember("distinct", .integer(settledDistinct)),
      JSONMember("measured", .integer(measured)),
      // The second in progress stands for none.
      JSONMember("watched", .integer(watched ?? second)),
      JSONMember("unwatched", .integer(unwatched)),
      JSONMember("pieces", .array(pieces.map(\.json))),
      JSONMember("held", .array(held.map(\.json))),
    ]
    members.add(
      "candidate", candidate.map { [.integer($0.offset), .integer($0.since)] })
    return .object(members)
  }

  /// - Throws: ``Refusal`` `MALFORMED`.
  package init(_ value: JSONValue) throws(Refusal) {
    try value.requireDocumentShape()
    var reader = try ObjectReader(value)
    second = try reader.integer("second", in: Self.integers)
    name = try reader.instant("name")
    var rules = try reader.object("rules")
    self.rules = try CountingRules(reading: &rules)
    var next = try reader.object("next_rules")
    nextRules = try CountingRules(reading: &next)
    var day = try reader.object("day")
    self.day = try DayCount(reading: &day)
    dayStart = try reader.integer("day_start", in: Self.integers)
    shift = try reader.integer("shift", in: Self.integers)
    settledOnline = try reader.integer("online", in: SealedLimits.counts)
    settledDistinct = try reader.integer("distinct", in: SealedLimits.counts)
    measured = try reader.integer("measured", in: Self.integers)
    let watched = try reader.integer("watched", in: Self.integers.lowerBound...second)
    self.watched = watched < second ? watched : nil
    unwatched = try reader.integer("unwatched", in: Self.integers.lowerBound...second)
    var pieces: [SecondNaming.Piece] = []
    for element in try reader.array("pieces", maximum: 1_000_000) {
      pieces.append(try SecondNaming.Piece(element))
    }
    self.pieces = pieces
    var held: [CountedSegment] = []
    for element in try reader.array("held", maximum: 1_000_000_000) {
      held.append(try CountedSegment(element))
    }
    self.held = held
    if let numbers = try reader.optional("candidate")?.integers(2, in: Self.integers) {
      candidate = SecondNaming.Candidate(offset: numbers[0], since: numbers[1])
    }
    try reader.end()
    try requireConsistency()
  }

  private func requireConsistency() throws(Refusal) {
    let inOrder = zip(pieces, pieces.dropFirst()).allSatisfy { earlier, later in
      earlier.boot < later.boot && earlier.name <= later.name
    }
    guard let first = pieces.first, let last = pieces.last, inOrder, !last.isHeld,
      first.boot <= second, dayStart <= second
    else { throw .malformed("the journal's state contradicts itself") }
  }
}

extension JSONValue {
  /// An array of exactly so many whole numbers in the range.
  func integers(_ count: Int, in range: ClosedRange<Int64>) throws(Refusal) -> [Int64] {
    guard case .array(let elements) = self, elements.count == count else {
      throw .malformed("an array of \(count) whole numbers expected")
    }
    var numbers: [Int64] = []
    for element in elements {
      guard let number = element.integer, range.contains(number) else {
        throw .malformed("a whole number expected")
      }
      numbers.append(number)
    }
    return numbers
  }
}

extension CountingRules {
  var json: JSONValue {
    var members = [JSONMember("window", .integer(window)), JSONMember("dwell", .integer(dwell))]
    members.add("limit", limit.map { .integer($0) })
    members.append(JSONMember("refuses", .bool(refusesAboveLimit)))
    return .object(members)
  }

  init(reading reader: inout ObjectReader) throws(Refusal) {
    let window = try reader.integer("window", in: Self.windows)
    let dwell = try reader.integer("dwell", in: Self.dwells)
    let limit = try reader.optionalInteger("limit", in: SealedLimits.counts)
    guard case .bool(let refuses) = try reader.value("refuses"),
      let rules = CountingRules(
        window: window, dwell: dwell, limit: limit, refusesAboveLimit: refuses)
    else { throw .malformed("the journal's rules are no rules") }
    self = rules
    try reader.end()
  }
}

extension DayCount {
  fileprivate var json: JSONValue {
    var members = [
      JSONMember("date", .string(date.description)), JSONMember("from", .integer(from)),
      JSONMember("to", .integer(to)), JSONMember("told", .integer(told)),
      JSONMember("observed", .integer(observed)), JSONMember("gaps", .array(gaps.map(\.json))),
      JSONMember("gaps_merged", .integer(gapsMerged)),
      JSONMember("minutes", .array(runs.map(\.json))),
    ]
    members.add("shared", sharedName.map { .integer($0) })
    members.add("peak", peak.map { [.integer($0.count), .integer($0.at)] })
    return .object(members)
  }

  fileprivate init(reading reader: inout ObjectReader) throws(Refusal) {
    guard let date = CivilDate(try reader.string("date")) else {
      throw .malformed("the journal's date is no date")
    }
    let from = try reader.instant("from")
    let to = try reader.instant("to")
    guard from < to, to - from <= UsageRecord.maximumSpan else {
      throw .malformed("the journal's date has no such length")
    }
    self.init(date: date, from: from, to: to)
    told = try reader.integer("told", in: from...to)
    observed = try reader.integer("observed", in: 0...(to - from))
    for element in try reader.array("gaps", maximum: Gap.maximum) {
      var gap = try ObjectReader(element, at: "gaps")
      gaps.append(try Gap(reading: &gap))
    }
    gapsMerged = try reader.integer("gaps_merged", in: SealedLimits.counts)
    var minutes: [Int64] = []
    for element in try reader.array("minutes", maximum: self.minutes.count) {
      let run = try MinuteRun(element, at: "minutes")
      minutes += Array(repeating: run.count, count: Int(run.minutes))
    }
    guard minutes.count == self.minutes.count else {
      throw .malformed("the journal's minutes do not make up its date")
    }
    self.minutes = minutes
    sharedName = try reader.optionalInteger("shared", in: from...to)
    if let numbers = try reader.optional("peak")?.integers(2, in: SealedLimits.counts) {
      peak = Peak(count: numbers[0], at: numbers[1])
    }
    try reader.end()
  }
}

extension SecondNaming.Piece {
  // What is not known is written as the piece's own first second: `best` by its count, the others since
  // they cannot be in the piece.
  fileprivate var json: JSONValue {
    [
      .integer(boot), .integer(name), .integer(isHeld ? 1 : 0), .integer(best ?? boot),
      .integer(bestCount), .integer(before ?? boot), .integer(after ?? boot),
    ]
  }

  fileprivate init(_ value: JSONValue) throws(Refusal) {
    let numbers = try value.integers(7, in: -(1 << 53)...(1 << 53))
    self.init(boot: numbers[0], name: numbers[1], isHeld: numbers[2] == 1)
    if numbers[4] >= 0 {
      best = numbers[3]
      bestCount = numbers[4]
    }
    if numbers[5] != boot { before = numbers[5] }
    if numbers[6] != boot { after = numbers[6] }
    guard before ?? Int64.min < boot, after ?? Int64.max > boot else {
      throw .malformed("the journal's state contradicts itself")
    }
  }
}

extension CountedSegment {
  fileprivate var json: JSONValue {
    [
      .integer(Int64(bitPattern: id.high)), .integer(Int64(bitPattern: id.low)), .integer(from),
      .integer(to), .integer(weight),
    ]
  }

  fileprivate init(_ value: JSONValue) throws(Refusal) {
    let numbers = try value.integers(5, in: Int64.min...Int64.max)
    guard numbers[2] < numbers[3], numbers[2] > -(1 << 53), numbers[3] < 1 << 53,
      CollectorWeight.range.contains(numbers[4])
    else { throw .malformed("a held segment of the journal is none") }
    self.init(
      id: CollectorID(
        high: UInt64(bitPattern: numbers[0]), low: UInt64(bitPattern: numbers[1])),
      from: numbers[2], to: numbers[3], weight: numbers[4])
  }
}
