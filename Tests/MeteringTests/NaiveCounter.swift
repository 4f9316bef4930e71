import Metering

/// The definition of counting, played through every second and every collector: slow, and written
/// apart from the code that it judges.
struct NaiveCounter {
  struct Collector {
    var isOnline = false
    var isKnown = false
    /// The beginning of the interval, moved forward by the time away after a bye.
    var start: Int64 = 0
    var last: Int64 = 0
    var weight: Int64 = 0
    var weighedAt: Int64?
    /// The last second in which an interval began or the weight was touched.
    var brokenAt: Int64?
    var bye: Int64?
    var endedAt: Int64 = 0
  }

  struct Day: Equatable {
    var number: Int64
    var peak: Peak?
    var minutes: [Int64]
    var observed: Int64
    var gaps: [Gap]
    var distinct: Int
    var refused: Int
    var online: Int64
    var segments: [Int: [Segment]]
  }

  private struct RealSecond {
    var name: Int64
    var missing: Gap.Reason?
    /// The weight of each collector that counts, 0 for one that does not.
    var weights: [Int64]
    /// Whose interval or weight was touched in this second, even if it is as before.
    var broken: Set<Int> = []
    var online: Int64 = 0
    var refused: Set<Int> = []
    var count: Int64 { weights.reduce(0, +) }
  }

  private let history: History
  private var seconds: [RealSecond] = []
  /// The name of the second after the last.
  private var nextName: Int64 = 0

  init(_ history: History) {
    self.history = history
    play()
  }

  // MARK: Seconds

  private mutating func play() {
    var names = Naming(first: history.seconds[0].wall, dayLength: history.dayLength)
    var collectors = [Collector](repeating: Collector(), count: history.collectors)
    var rules = history.rules
    var next = history.rules
    for (index, second) in history.seconds.enumerated() {
      let now = Int64(index)
      let name = names.name
      if index > 0, name / history.dayLength > seconds[index - 1].name / history.dayLength {
        rules = next
      }
      for who in collectors.indices { Self.expire(&collectors[who], now, rules) }
      var real = RealSecond(name: name, missing: second.missing, weights: [])
      for event in second.events {
        let who = Self.play(event, now, &collectors, &rules, &next)
        if let who { real.refused.insert(who) }
      }
      real.weights = collectors.map { one in
        one.isOnline && now - one.start >= rules.dwell ? one.weight : 0
      }
      real.broken = Set(collectors.indices.filter { collectors[$0].brokenAt == now })
      real.online = collectors.reduce(0) { $0 + ($1.isOnline ? $1.weight : 0) }
      seconds.append(real)
      names.pass(reading: second.missing == nil ? second.wall : nil)
    }
    nextName = names.name
  }

  /// Plays an event; gives the collector that was refused.
  private static func play(
    _ event: History.Event, _ now: Int64, _ collectors: inout [Collector],
    _ rules: inout CountingRules, _ next: inout CountingRules
  ) -> Int? {
    switch event {
    case .beat(let who, let weight):
      return take(&collectors, who, weight, now, rules) ? nil : who
    case .bye(let who):
      guard collectors[who].isOnline else { return nil }
      collectors[who].bye = collectors[who].bye ?? now
      if now > collectors[who].last { end(&collectors[who], now) }
    case .limit(let limit, let refuses):
      rules.limit = limit
      rules.refusesAboveLimit = refuses
      next.limit = limit
      next.refusesAboveLimit = refuses
    case .window(let window, let dwell):
      next =
        CountingRules(
          window: window, dwell: dwell, limit: rules.limit,
          refusesAboveLimit: rules.refusesAboveLimit) ?? next
    }
    return nil
  }

  private static func end(_ one: inout Collector, _ now: Int64) {
    one.isOnline = false
    one.endedAt = now
  }

  private static func expire(_ one: inout Collector, _ now: Int64, _ rules: CountingRules) {
    guard one.isOnline else { return }
    if let bye = one.bye {
      if now >= max(bye, one.last + 1) { end(&one, now) }
    } else if now >= one.last + rules.window {
      end(&one, now)
    }
  }

  private static func take(
    _ all: inout [Collector], _ who: Int, _ weight: Int64?, _ now: Int64, _ rules: CountingRules
  ) -> Bool {
    let one = all[who]
    if one.isOnline {
      all[who].bye = nil
      all[who].last = now
      if let weight {
        all[who].weight = one.weighedAt == now ? max(weight, one.weight) : weight
        all[who].weighedAt = now
        if all[who].weight != one.weight { all[who].brokenAt = now }
      }
      return true
    }
    var new = Collector(isOnline: true, isKnown: true, start: now, last: now, weight: 1)
    if let bye = one.bye, now - bye <= rules.window {
      new.start = now - (one.endedAt - one.start)
      new.weight = one.weight
    } else if one.isKnown, one.bye == nil, one.endedAt == now {
      new.start = one.start
      new.weight = one.weight
    }
    if let weight {
      new.weight = weight
      new.weighedAt = now
    }
    let online = all.reduce(0) { $0 + ($1.isOnline ? $1.weight : 0) }
    if rules.refusesAboveLimit, let limit = rules.limit, online + new.weight > limit {
      return false
    }
    new.brokenAt = now
    all[who] = new
    return true
  }

  /// Names of seconds, one after the other.
  private struct Naming {
    var name: Int64
    var boot: Int64 = 0
    var offset: Int64
    var waiting: (offset: Int64, since: Int64)?
    let dayLength: Int64

    init(first: Int64, dayLength: Int64) {
      name = first
      offset = first
      self.dayLength = dayLength
    }

    mutating func pass(reading wall: Int64?) {
      if let wall {
        let seen = wall - boot
        if abs(seen - offset) <= 5 {
          waiting = nil
        } else if seen > offset, wall / dayLength > name / dayLength {
          if let waiting, abs(waiting.offset - seen) <= 5 {
            if boot - waiting.since >= 900 {
              offset = seen
              self.waiting = nil
            }
          } else {
            waiting = (seen, boot)
          }
        } else {
          waiting = nil
          offset = seen
        }
      }
      boot += 1
      name = max(name, boot + offset)
    }
  }

  // MARK: Dates

  /// The dates in order, the last one as far as it has come.
  func days() -> [Day] {
    let length = history.dayLength
    let first = seconds[0].name / length
    return (first...(nextName / length)).compactMap { day($0) }
  }

  /// A date, nil for one that has not come to anything yet.
  private func day(_ number: Int64) -> Day? {
    let length = history.dayLength
    let from = number * length
    var to = from + length
    if number == nextName / length {
      let last = seconds[seconds.count - 1].name + 1
      to = last > from ? last : nextName
    }
    guard to > from else { return nil }
    let mine = seconds.indices.filter { seconds[$0].name / length == number }
    let told = representatives(mine)
    var day = Day(
      number: number, minutes: Array(repeating: -1, count: Int((length + 59) / 60)),
      observed: Int64(told.count), gaps: gaps(from, to, mine, told), distinct: 0, refused: 0,
      online: 0, segments: [:])
    for name in from..<to {
      guard let index = told[name] else { continue }
      let count = seconds[index].count
      if count > day.peak?.count ?? -1 { day.peak = Peak(count: count, at: name) }
      let minute = Int((name - from) / 60)
      day.minutes[minute] = max(day.minutes[minute], count)
    }
    let watched = mine.filter { seconds[$0].missing == nil }
    for who in 0..<history.collectors {
      if watched.contains(where: { seconds[$0].weights[who] > 0 }) { day.distinct += 1 }
      if mine.contains(where: { seconds[$0].refused.contains(who) }) { day.refused += 1 }
      let segments = segments(who, from, to, told)
      if !segments.isEmpty { day.segments[who] = segments }
    }
    // A date that the wall clock skipped takes over who was online before it.
    let before = seconds.indices.filter { seconds[$0].name / length <= number }
    day.online = seconds[before[before.count - 1]].online
    return day
  }

  /// For each name that somebody watched, the second whose count it has: the first largest.
  private func representatives(_ mine: [Int]) -> [Int64: Int] {
    var told: [Int64: Int] = [:]
    for index in mine where seconds[index].missing == nil {
      if let other = told[seconds[index].name], seconds[other].count >= seconds[index].count {
        continue
      }
      told[seconds[index].name] = index
    }
    return told
  }

  private func gaps(_ from: Int64, _ to: Int64, _ mine: [Int], _ told: [Int64: Int]) -> [Gap] {
    var gaps: [Gap] = []
    var byName: [Int64: [Int]] = [:]
    for index in mine { byName[seconds[index].name, default: []].append(index) }
    for name in from..<to {
      if told[name] != nil {
        let shared = Int64(byName[name]?.count ?? 0)
        if shared > 1 { gaps.append(Gap(from: name, to: name, reason: .clock, shared: shared)) }
        continue
      }
      let reason =
        byName[name]?.compactMap { seconds[$0].missing }.first
        ?? (name < seconds[0].name ? .before : .clock)
      if let last = gaps.indices.last, gaps[last].to == name, gaps[last].reason == reason,
        gaps[last].length > 0
      {
        gaps[last].to = name + 1
      } else {
        gaps.append(Gap(from: name, to: name + 1, reason: reason))
      }
    }
    return gaps
  }

  private func segments(_ who: Int, _ from: Int64, _ to: Int64, _ told: [Int64: Int]) -> [Segment] {
    var segments: [Segment] = []
    var before: Int?
    for name in from..<to {
      guard let index = told[name] else { continue }
      let weight = seconds[index].weights[who]
      defer { before = index }
      guard weight > 0 else { continue }
      if let last = segments.indices.last, let before, segments[last].weight == weight,
        segments[last].to == seconds[before].name + 1,
        segments[last].to == name
          || (before + 1...index).allSatisfy({
            seconds[$0].weights[who] == weight && !seconds[$0].broken.contains(who)
          })
      {
        segments[last].to = name + 1
      } else {
        segments.append(Segment(from: name, to: name + 1, weight: weight))
      }
    }
    return segments
  }
}
