import Metering

/// One worked example of Docs/Metering.md: what happens, and what must come of it.
struct MeteringExample {
  enum Expectation {
    case count(Range<Int64>, Int64?)
    case answer(Int64, collector: Int, Presence.Arrival)
    case peak(day: Int, Peak?)
    case distinct(day: Int, Int64)
    case refused(Int64)
    case observed(Int64)
    case gap(Gap)
    case segment(collector: Int, Segment)
  }

  struct Unreadable: Error {
    let line: String
  }

  private(set) var history: History
  private(set) var expectations: [Expectation] = []
  private var names: [String] = []
  private var walls: [(at: Int, by: Int64)] = []
  private var stops: [(from: Int, to: Int)] = []
  private var events: [(at: Int, event: History.Event)] = []
  private var end = 0

  /// The examples of the page, in order.
  static func read() throws -> [MeteringExample] {
    let page = String(decoding: try TestFiles.bytes("../../Docs/Metering.md"), as: UTF8.self)
    return try page.components(between: "```metering-example\n", and: "```")
      .map { try MeteringExample($0) }
  }

  init(_ text: String) throws {
    guard let rules = CountingRules() else { throw Unreadable(line: "rule") }
    history = History(seed: 0, rules: rules, collectors: 0)
    var isResult = false
    for line in text.split(separator: "\n") {
      let words = line.split(separator: " ").map(String.init)
      do {
        switch words[0] {
        case "rule": try readRule(words)
        case "=>": isResult = true
        case "end": end = try Self.number(words, 1)
        default: try isResult ? readResult(words) : readEvent(words)
        }
      } catch { throw Unreadable(line: String(line)) }
    }
    history.collectors = names.count
    fill()
  }

  private static func number<Value: FixedWidthInteger>(
    _ words: [String], _ index: Int
  ) throws -> Value {
    guard words.indices.contains(index), let value = Value(words[index]) else {
      throw Unreadable(line: words.joined(separator: " "))
    }
    return value
  }

  private mutating func collector(_ name: String) -> Int {
    if let index = names.firstIndex(of: name) { return index }
    names.append(name)
    return names.count - 1
  }

  private mutating func readRule(_ words: [String]) throws {
    var values: [String: Int64] = [:]
    for word in words.dropFirst() where word.contains("=") {
      let pair = word.split(separator: "=").map(String.init)
      values[pair[0]] = try Self.number(pair, 1)
    }
    guard
      let rules = CountingRules(
        window: values["window"] ?? 300, dwell: values["dwell"] ?? 0, limit: values["limit"],
        refusesAboveLimit: words.contains("refuse"))
    else { throw Unreadable(line: "rule") }
    history.rules = rules
    history.dates = .blocks(values["dates"] ?? 86_400)
  }

  private mutating func readEvent(_ words: [String]) throws {
    let at: Int = try Self.number(words, 0)
    switch (words[1], words.count > 2 ? words[2] : nil) {
    case ("stop", _): stops.append((at, try Self.number(words, 2)))
    case ("wall", _): walls.append((at, try Self.number(words, 2)))
    case (let name, "bye"): events.append((at, .bye(collector: collector(name))))
    case (let name, nil): events.append((at, .beat(collector: collector(name), weight: nil)))
    case (let name, .some):
      events.append((at, .beat(collector: collector(name), weight: try Self.number(words, 2))))
    }
  }

  private mutating func readResult(_ words: [String]) throws {
    switch words[0] {
    case "date": try readTotal(Array(words.dropFirst(2)), day: try Self.number(words, 1) - 1)
    case "peak", "distinct", "refused", "observed": try readTotal(words, day: 0)
    default: try readDetail(words)
    }
  }

  /// What a whole date comes to.
  private mutating func readTotal(_ words: [String], day: Int) throws {
    let count: Int64 = try Self.number(words, 1)
    switch words[0] {
    case "peak":
      expectations.append(
        .peak(day: day, Peak(count: count, at: try Self.number(words, 3))))
    case "distinct": expectations.append(.distinct(day: day, count))
    case "refused": expectations.append(.refused(count))
    case "observed": expectations.append(.observed(count))
    default: throw Unreadable(line: words[0])
    }
  }

  /// What single seconds and collectors come to.
  private mutating func readDetail(_ words: [String]) throws {
    switch words[0] {
    case "count": expectations.append(.count(try range(words[1]), try Self.number(words, 2)))
    case "none": expectations.append(.count(try range(words[1]), nil))
    case "answer":
      let arrivals: [String: Presence.Arrival] = [
        "joined": .joined, "kept": .kept, "refused": .refused,
      ]
      guard let arrival = arrivals[words[3]] else { throw Unreadable(line: words[3]) }
      expectations.append(
        .answer(try Self.number(words, 1), collector: collector(words[2]), arrival))
    case "gap":
      let range = try range(words[1])
      guard let reason = Gap.Reason(rawValue: words[2]) else { throw Unreadable(line: words[2]) }
      expectations.append(
        .gap(Gap(from: range.lowerBound, to: range.upperBound, reason: reason)))
    case "shared":
      let name: Int64 = try Self.number(words, 1)
      expectations.append(
        .gap(Gap(from: name, to: name, reason: .clock, shared: try Self.number(words, 2))))
    case "segment":
      let range = try range(words[2])
      expectations.append(
        .segment(
          collector: collector(words[1]),
          Segment(
            from: range.lowerBound, to: range.upperBound, weight: try Self.number(words, 3))))
    default: throw Unreadable(line: words[0])
    }
  }

  private func range(_ word: String) throws -> Range<Int64> {
    let bounds = word.components(separated: "..")
    let from: Int64 = try Self.number(bounds, 0)
    let to: Int64 = try Self.number(bounds, 1)
    guard from < to else { throw Unreadable(line: word) }
    return from..<to
  }

  private mutating func fill() {
    var wall: Int64 = 0
    for index in 0..<end {
      for step in walls where step.at == index { wall += step.by }
      history.seconds.append(History.Second(wall: wall))
      wall += 1
    }
    for (at, event) in events where at < end { history.seconds[at].events.append(event) }
    for stop in stops {
      history.bridges[stop.from] = .restart
      for index in stop.from..<min(stop.to, end) { history.seconds[index].missing = .stopped }
    }
  }
}

extension String {
  /// What stands between each pair of marks.
  func components(between start: String, and end: String) -> [String] {
    components(separated: start).dropFirst().map { $0.components(separated: end)[0] }
  }

  func components(separated mark: String) -> [String] {
    var parts: [String] = []
    var rest = self[...]
    while let found = rest.firstRange(of: mark) {
      parts.append(String(rest[..<found.lowerBound]))
      rest = rest[found.upperBound...]
    }
    return parts + [String(rest)]
  }
}
