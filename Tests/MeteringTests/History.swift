import Metering

/// What happens to a counter, second by second of the boot-time clock.
struct History {
  enum Event {
    case beat(collector: Int, weight: Int64?)
    case bye(collector: Int)
    case limit(Int64?, refuses: Bool)
    case window(Int64, dwell: Int64)
    /// A receipt of this instant.
    case receipt(Int64)
  }

  struct Second {
    var events: [Event] = []
    /// Nil where somebody watched.
    var missing: Gap.Reason?
    /// The wall clock.
    var wall: Int64
    /// Whether the wall clock is read in this second.
    var isRead = true
  }

  /// How a driver gets over seconds that nobody watched.
  enum Bridge {
    case skip
    case restart
    case reboot
  }

  let seed: UInt64
  var rules: CountingRules
  var dates = DateLine.blocks(600)
  var collectors: Int
  var seconds: [Second] = []
  /// The bridge over the stretch that begins at a second.
  var bridges: [Int: Bridge] = [:]

  init(seed: UInt64, rules: CountingRules, collectors: Int) {
    self.seed = seed
    self.rules = rules
    self.collectors = collectors
  }
}

extension History {
  /// What a random history is made of.
  struct Recipe {
    var seconds: Int
    var firstWall: Int64
    /// One event in so many seconds on average.
    var pause: Int
    /// One step of the wall clock in so many seconds, nil for a steady clock.
    var stepPause: Int?
    var steps: [Int64] = [3, 5, 6, 40, 400]
    /// How far a reading may be off, in seconds.
    var jitter: Int64 = 0
    /// One reading of the wall clock in so many seconds.
    var readPause = 1
    /// Seconds from the end of a stretch that nobody watched to the next, nil for none.
    var stops: ClosedRange<Int>?
    var stopLength = 1...60
    var windows: ClosedRange<Int64> = 1...40
  }

  /// Fills the seconds by a recipe.
  mutating func fill(_ recipe: Recipe, _ random: inout SeededRandom) {
    var wall = recipe.firstWall
    for _ in 0..<recipe.seconds {
      if let pause = recipe.stepPause, random.chance(1, in: pause) {
        let size = recipe.steps[Int.random(in: 0..<recipe.steps.count, using: &random)]
        wall = max(recipe.firstWall - 300, wall + Int64.random(in: -size...size, using: &random))
      }
      var second = Second(wall: wall, isRead: random.chance(1, in: recipe.readPause))
      if recipe.jitter > 0 {
        second.wall += Int64.random(in: -recipe.jitter...recipe.jitter, using: &random)
      }
      while second.events.count < 7, random.chance(1, in: recipe.pause) {
        second.events.append(event(recipe, wall, &random))
      }
      seconds.append(second)
      wall += 1
    }
    if let stops = recipe.stops { stop(stops, recipe, &random) }
  }

  private func event(_ recipe: Recipe, _ wall: Int64, _ random: inout SeededRandom) -> Event {
    let collector = Int.random(in: 0..<collectors, using: &random)
    switch Int.random(in: 0..<60, using: &random) {
    case 0..<6: return .bye(collector: collector)
    case 6..<22: return .beat(collector: collector, weight: Int64.random(in: 1...4, using: &random))
    case 22:
      return .beat(
        collector: collector,
        weight: [-7, 0, 65_535, 65_536, Int64.max].randomElement(using: &random))
    case 23:
      let limit: Int64? = random.chance(1, in: 3) ? nil : Int64.random(in: 0...15, using: &random)
      return .limit(limit, refuses: random.chance(2, in: 3))
    case 24 where random.chance(1, in: 3):
      let window = Int64.random(in: recipe.windows, using: &random)
      return .window(window, dwell: random.chance(1, in: 2) ? 0 : window)
    case 25 where recipe.stepPause != nil:
      return .receipt(wall + Int64.random(in: -1000...1000, using: &random))
    default: return .beat(collector: collector, weight: nil)
    }
  }

  /// Puts in stretches that nobody watched.
  private mutating func stop(
    _ stops: ClosedRange<Int>, _ recipe: Recipe, _ random: inout SeededRandom
  ) {
    var at = 0
    while true {
      at += Int.random(in: stops, using: &random)
      let longest =
        random.chance(1, in: 6) ? recipe.stopLength.upperBound * 12 : recipe.stopLength.upperBound
      let end = at + Int.random(in: recipe.stopLength.lowerBound...longest, using: &random)
      guard end < seconds.count else { return }
      let kinds: [Bridge] = recipe.jitter > 0 ? [.skip, .restart] : [.skip, .restart, .reboot]
      let bridge = kinds[Int.random(in: 0..<kinds.count, using: &random)]
      bridges[at] = bridge
      for index in at..<end {
        seconds[index].missing = bridge == .skip ? .suspended : .stopped
        if index > at { seconds[index].events = [] }
      }
      if bridge != .skip { seconds[end].isRead = true }
      // The restart reads the clock before anything else happens in its second.
      seconds[end].events.removeAll { if case .receipt = $0 { true } else { false } }
      if bridge == .reboot { steady(from: at, to: end) }
      at = end
    }
  }

  /// Lets the wall clock run steadily since it was last read: nobody could know otherwise how long the
  /// machine was away.
  private mutating func steady(from: Int, to end: Int) {
    // The first second is read by whoever begins.
    let read = (0..<from).last { seconds[$0].isRead && seconds[$0].missing == nil } ?? 0
    let change = seconds[read].wall + Int64(end - read) - seconds[end].wall
    for index in read + 1..<end {
      seconds[index].wall = seconds[read].wall + Int64(index - read)
    }
    for index in end..<seconds.count { seconds[index].wall += change }
  }
}

extension History {
  /// A random history of dates of 600 s: short windows and a few collectors, so that everything meets
  /// everything.
  static func random(seed: UInt64) -> History {
    var random = SeededRandom(seed: seed)
    let window = Int64.random(in: 1...40, using: &random)
    var history = History(
      seed: seed, rules: rules(window: window, longestDwell: 30, &random),
      collectors: Int.random(in: 1...6, using: &random))
    var recipe = Recipe(
      seconds: Int.random(in: 60...(random.chance(1, in: 8) ? 2600 : 1200), using: &random),
      firstWall: Int64.random(in: 1_000_000...1_000_600, using: &random),
      pause: Int.random(in: 2...13, using: &random))
    if random.chance(1, in: 3) {
      recipe.stepPause = 150
      if random.chance(1, in: 3) { recipe.steps = [6, 60, 700, 5000, 100_000] }
      recipe.jitter = random.chance(1, in: 3) ? 2 : 0
      recipe.readPause = random.chance(1, in: 3) ? 4 : 1
    }
    if random.chance(1, in: 2) { recipe.stops = 20...500 }
    history.fill(recipe, &random)
    return history
  }

  /// A random history of whole days across a change of a zone's clocks.
  static func days(seed: UInt64) throws -> History {
    var random = SeededRandom(seed: seed)
    let window: Int64 = [60, 300, 5000, 86_400].randomElement(using: &random) ?? 300
    var history = History(
      seed: seed, rules: rules(window: window, longestDwell: 900, &random),
      collectors: Int.random(in: 1...5, using: &random))
    let (dates, change) = try DateLine.zone(&random)
    history.dates = dates
    var recipe = Recipe(
      seconds: Int.random(in: 90_000...130_000, using: &random),
      firstWall: change - Int64.random(in: 1000...88_000, using: &random),
      pause: Int.random(in: 10...400, using: &random))
    recipe.windows = 30...600
    recipe.readPause = 20
    if random.chance(1, in: 3) {
      recipe.stepPause = 5000
      recipe.steps = [6, 600, 8000, 40_000]
    }
    if random.chance(1, in: 2) {
      // More than a date keeps apart, or a few.
      let isNervous = random.chance(1, in: 2)
      recipe.stops = isNervous ? 20...300 : 500...40_000
      recipe.stopLength = isNervous ? 1...60 : 1...3000
    }
    history.fill(recipe, &random)
    return history
  }

  private static func rules(
    window: Int64, longestDwell: Int64, _ random: inout SeededRandom
  ) -> CountingRules {
    let dwell =
      random.chance(1, in: 2)
      ? 0 : min(86_400, window + Int64.random(in: 0...longestDwell, using: &random))
    let limit: Int64? = random.chance(1, in: 2) ? Int64.random(in: 0...12, using: &random) : nil
    guard
      let rules = CountingRules(
        window: window, dwell: dwell, limit: limit, refusesAboveLimit: random.chance(2, in: 3))
    else { preconditionFailure("windows and dwells are within bounds") }
    return rules
  }
}
