import Metering
import Testing

@Suite struct MeteringPageTests {
  @Test func `the page has its examples`() throws {
    let examples = try MeteringExample.read()
    #expect(examples.count == 17)
    #expect(examples.reduce(0) { $0 + $1.expectations.count } == 111)
  }

  @Test(arguments: 0..<17)
  func `the worked examples come out as the page says`(_ number: Int) throws {
    let example = try MeteringExample.read()[number]
    try CountingPropertyTests.compare(example.history)
    let days = NaiveCounter(example.history).days()
    let (counts, answers) = Self.play(example.history)
    var gaps: [Gap] = []
    var segments: [Int: [Segment]] = [:]
    for expectation in example.expectations {
      switch expectation {
      case .count(let range, let count):
        for second in range { #expect(counts[Int(second)] == count, "second \(second)") }
      case .answer(let second, let collector, let arrival):
        #expect(answers[Int(second)]?[collector] == arrival, "second \(second)")
      case .peak(let day, let peak): #expect(days[day].peak == peak)
      case .distinct(let day, let count): #expect(Int64(days[day].distinct) == count)
      case .refused(let count): #expect(Int64(days[0].refused) == count)
      case .observed(let seconds): #expect(days[0].observed == seconds)
      case .gap(let gap): gaps.append(gap)
      case .segment(let collector, let segment): segments[collector, default: []].append(segment)
      }
    }
    #expect(days[0].gaps == gaps)
    for (collector, expected) in segments { #expect(days[0].segments[collector] == expected) }
  }

  /// The count of each second, and what became of the beats.
  private static func play(
    _ history: History
  ) -> (counts: [Int64?], answers: [Int: [Int: Presence.Arrival]]) {
    var presence = Presence(rules: history.rules, at: 0)
    var answers: [Int: [Int: Presence.Arrival]] = [:]
    for (index, second) in history.seconds.enumerated() {
      let isMissed = index > 0 && history.seconds[index - 1].missing != nil
      if isMissed { presence.skip(to: Int64(index)) } else { presence.advance(to: Int64(index)) }
      for event in second.events {
        switch event {
        case .beat(let who, let weight):
          answers[index, default: [:]][who] = presence.beat(
            MeterDriver.id(who), weight: weight, at: Int64(index))
        case .bye(let who): _ = presence.bye(MeterDriver.id(who), at: Int64(index))
        case .limit, .window, .receipt: Issue.record("no example has these")
        }
      }
    }
    presence.advance(to: Int64(history.seconds.count))
    let counts = presence.takeRuns().flatMap { run in
      Array(repeating: run.count, count: Int(run.to - run.from))
    }
    return (counts, answers)
  }
}
