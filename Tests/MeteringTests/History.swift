import Metering

/// What happens to a counter, second by second of the boot-time clock.
struct History {
  enum Event {
    case beat(collector: Int, weight: Int64?)
    case bye(collector: Int)
    case limit(Int64?, refuses: Bool)
    case window(Int64, dwell: Int64)
  }

  struct Second {
    var events: [Event] = []
    /// Nil where somebody watched.
    var missing: Gap.Reason?
    /// The wall clock.
    var wall: Int64
  }

  /// How a driver gets over seconds that nobody watched.
  enum Bridge {
    case skip
    case restart
    case reboot
  }

  let seed: UInt64
  var rules: CountingRules
  var dayLength: Int64 = 600
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
  /// A random history, short windows and a few collectors, so that everything meets everything.
  static func random(seed: UInt64) -> History {
    var random = SeededRandom(seed: seed)
    let window = Int64.random(in: 1...40, using: &random)
    let dwell = random.chance(1, in: 2) ? 0 : window + Int64.random(in: 0...30, using: &random)
    let limit: Int64? = random.chance(1, in: 2) ? Int64.random(in: 0...12, using: &random) : nil
    guard
      let rules = CountingRules(
        window: window, dwell: dwell, limit: limit,
        refusesAboveLimit: random.chance(2, in: 3))
    else { return History(seed: seed, rules: defaultRules, collectors: 0) }
    var history = History(
      seed: seed, rules: rules, collectors: Int.random(in: 1...6, using: &random))
    history.fill(&random)
    return history
  }

  private static let defaultRules: CountingRules = {
    guard let rules = CountingRules() else { preconditionFailure("the defaults are rules") }
    return rules
  }()

  private mutating func fill(_ random: inout SeededRandom) {
    let length = Int.random(in: 60...(random.chance(1, in: 8) ? 2600 : 1500), using: &random)
    let density = Int.random(in: 5...60, using: &random)
    let steps = random.chance(1, in: 3)
    var wall = Int64.random(in: 1_000_000...1_000_600, using: &random)
    var isStepped = false
    for _ in 0..<length {
      if steps && random.chance(1, in: 150) {
        wall = max(1_000_000, wall + Int64.random(in: -400...400, using: &random))
        isStepped = true
      }
      var second = Second(wall: wall)
      while random.chance(1, in: density / 5 + 1) {
        second.events.append(event(&random))
        if second.events.count > 6 { break }
      }
      seconds.append(second)
      wall += 1
    }
    guard random.chance(1, in: 2) else { return }
    var at = 0
    while at < length {
      at += Int.random(in: 20...500, using: &random)
      let end = at + Int.random(in: 1...(random.chance(1, in: 6) ? 700 : 60), using: &random)
      guard end < length else { return }
      let kinds: [Bridge] = isStepped ? [.skip, .restart] : [.skip, .restart, .reboot]
      let bridge = kinds[Int.random(in: 0..<kinds.count, using: &random)]
      bridges[at] = bridge
      for index in at..<end {
        seconds[index].missing = bridge == .skip ? .suspended : .stopped
        if index > at { seconds[index].events = [] }
      }
      at = end
    }
  }

  private func event(_ random: inout SeededRandom) -> Event {
    let collector = Int.random(in: 0..<collectors, using: &random)
    switch Int.random(in: 0..<40, using: &random) {
    case 0..<4: return .bye(collector: collector)
    case 4..<16: return .beat(collector: collector, weight: Int64.random(in: 1...4, using: &random))
    case 16:
      let limit: Int64? = random.chance(1, in: 3) ? nil : Int64.random(in: 0...15, using: &random)
      return .limit(limit, refuses: random.chance(2, in: 3))
    case 17 where random.chance(1, in: 4):
      let window = Int64.random(in: 1...40, using: &random)
      return .window(window, dwell: random.chance(1, in: 2) ? 0 : window)
    default: return .beat(collector: collector, weight: nil)
    }
  }
}
