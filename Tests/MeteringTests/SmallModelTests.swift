import Metering
import Testing

/// Every short history there is.
@Suite struct SmallModelTests {
  /// What one collector may do in a second, byes and beats in either order.
  private static let moves: [[History.Event]] = [
    [], [.beat(collector: 0, weight: nil)], [.beat(collector: 0, weight: 3)],
    [.bye(collector: 0)], [.bye(collector: 0), .beat(collector: 0, weight: nil)],
    [.beat(collector: 0, weight: 2), .bye(collector: 0)],
  ]

  @Test(arguments: [(1, 0), (2, 0), (2, 2), (2, 3)])
  func `every history of one collector over five seconds`(_ window: Int64, _ dwell: Int64) throws {
    let rules = try #require(CountingRules(window: window, dwell: dwell))
    var played = 0
    for number in 0..<7776 {
      var history = History(seed: UInt64(number), rules: rules, collectors: 1)
      var rest = number
      for second in 0..<11 {
        history.seconds.append(History.Second(wall: Int64(second)))
        guard second < 5 else { continue }
        history.seconds[second].events = Self.moves[rest % 6]
        rest /= 6
      }
      try CountingPropertyTests.compare(history)
      played += 1
    }
    #expect(played == 7776)
  }

  /// What either of two collectors may do in a second, under a limit of 3.
  private static let rivalMoves: [[History.Event]] = [
    [], [.beat(collector: 0, weight: nil)], [.beat(collector: 1, weight: 2)],
    [.beat(collector: 1, weight: 3), .beat(collector: 0, weight: 2)],
    [.bye(collector: 1), .beat(collector: 0, weight: 3)],
  ]

  @Test func `every history of two collectors under a limit over five seconds`() throws {
    let rules = try #require(CountingRules(window: 2, limit: 3, refusesAboveLimit: true))
    var refused = 0
    for number in 0..<3125 {
      var history = History(seed: UInt64(number), rules: rules, collectors: 2)
      var rest = number
      for second in 0..<9 {
        history.seconds.append(History.Second(wall: Int64(second)))
        guard second < 5 else { continue }
        history.seconds[second].events = Self.rivalMoves[rest % 5]
        rest /= 5
      }
      try CountingPropertyTests.compare(history)
      refused += NaiveCounter(history).days()[0].refused
    }
    #expect(refused > 1000)
  }

  /// What one collector and the wall clock may do in a second; a step into a later date with a receipt.
  private enum Turn: CaseIterable {
    case nothing, beat, weight, bye, forward, back, far, receipt, missed, away
  }

  /// Dates of three seconds, so that every history has midnights, with a shorter window and a dwell from
  /// the second one on.
  @Test func `every history of a collector and a clock over four seconds and three dates`() throws {
    let rules = try #require(CountingRules(window: 3))
    let turns = Turn.allCases
    var dates = 0
    for number in 0..<10_000 {
      var history = History(seed: UInt64(number), rules: rules, collectors: 1)
      history.dates = .blocks(3)
      var rest = number
      var wall: Int64 = 300
      for second in 0..<8 {
        history.seconds.append(History.Second(wall: wall))
        if second < 4 {
          Self.play(turns[rest % turns.count], second, &history, &wall)
          rest /= turns.count
        }
        wall += 1
      }
      history.seconds[0].events.append(.window(2, dwell: 2))
      dates += try CountingPropertyTests.compare(history)
    }
    #expect(dates > 30_000)
  }

  private static func play(
    _ turn: Turn, _ second: Int, _ history: inout History, _ wall: inout Int64
  ) {
    switch turn {
    case .nothing: break
    case .beat: history.seconds[second].events = [.beat(collector: 0, weight: nil)]
    case .weight: history.seconds[second].events = [.beat(collector: 0, weight: 3)]
    case .bye: history.seconds[second].events = [.bye(collector: 0)]
    case .forward: step(6, second, &history, &wall)
    case .back: step(-6, second, &history, &wall)
    case .far: step(1000, second, &history, &wall)
    case .receipt:
      history.seconds[second].events = [.receipt(wall), .beat(collector: 0, weight: nil)]
    case .missed:
      history.seconds[second].missing = .suspended
      history.bridges[second] = .skip
    case .away:
      history.seconds[second].missing = .stopped
      history.bridges[second] = .restart
    }
  }

  private static func step(
    _ by: Int64, _ second: Int, _ history: inout History, _ wall: inout Int64
  ) {
    wall += by
    history.seconds[second].wall = wall
  }
}
