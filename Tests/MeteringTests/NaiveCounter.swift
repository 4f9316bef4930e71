import Metering

/// The definition of counting, played through every second and every collector: slow, and written
/// apart from the code that it judges.
final class NaiveCounter {
  private struct Collector {
    var isOnline = false
    var isKnown = false
    /// The beginning of the interval, moved forward by the time away after a bye.
    var start = 0
    var last = 0
    var weight = 0
    var weighedAt = -1
    /// The last second in which an interval began or the weight changed.
    var brokenAt = -1
    var bye = -1
    var endedAt = 0
  }

  let seconds: [History.Second]
  let bridges: [Int: History.Bridge]
  let dates: DateLine
  /// How many collectors there are.
  let size: Int
  // Of each second of the boot-time clock:
  private(set) var names: [Int64] = []
  private(set) var counts: [Int] = []
  private(set) var online: [Int64] = []
  /// The weight of each collector that counts, 0 for one that does not; one second after the other.
  private(set) var weights: [Int] = []
  /// Whose interval or weight was touched in a second, even if it is as before.
  private(set) var breaks: Set<Int> = []
  /// Who was refused in a second.
  private(set) var refusals: [(second: Int, who: Int)] = []
  /// What became of each beat, in order.
  private(set) var answers: [Presence.Arrival] = []
  /// The name of the second after the last.
  private(set) var nextName: Int64 = 0

  private var collectors: [Collector]
  private var window = 0
  private var dwell = 0
  private var limit: Int?
  private var next: (window: Int, dwell: Int)
  /// The first second of the date, and whether one of its seconds was watched.
  private var dateStart = 0
  private var isWatched = false

  init(_ history: History) {
    seconds = history.seconds
    bridges = history.bridges
    dates = history.dates
    size = history.collectors
    collectors = Array(repeating: Collector(), count: history.collectors)
    window = Int(history.rules.window)
    dwell = Int(history.rules.dwell)
    next = (window, dwell)
    limit = history.rules.refusesAboveLimit ? history.rules.limit.map { Int($0) } : nil
    play()
  }

  private func play() {
    var naming = NaiveNaming(first: seconds[0].wall, dates: dates)
    for now in 0..<seconds.count {
      if naming.isNewDate {
        (window, dwell) = next
        dateStart = now
        isWatched = false
        forget(now)
      }
      expire(now)
      names.append(naming.name)
      for event in seconds[now].events { play(event, now, &naming) }
      note(now)
      if bridges[now] == .reboot { naming.reboot() }
      let second = seconds[now]
      if second.missing == nil { isWatched = true }
      naming.pass(reading: second.missing == nil && second.isRead ? second.wall : nil)
    }
    nextName = naming.name
  }

  private func expire(_ now: Int) {
    for who in 0..<size where collectors[who].isOnline {
      let bye = collectors[who].bye
      let last = collectors[who].last
      if bye >= 0 ? now >= max(bye, last + 1) : now >= last + window { end(who, now) }
    }
  }

  /// A date begins without those who are gone for longer than its window.
  private func forget(_ now: Int) {
    for who in 0..<size where !collectors[who].isOnline {
      let one = collectors[who]
      if now - max(one.bye, one.last) > window { collectors[who] = Collector() }
    }
  }

  private func end(_ who: Int, _ now: Int) {
    collectors[who].isOnline = false
    collectors[who].endedAt = now
  }

  private func play(_ event: History.Event, _ now: Int, _ naming: inout NaiveNaming) {
    switch event {
    case .beat(let who, let weight):
      let answer = take(who, weight.map { Int(min(max($0, 1), 65_535)) }, now)
      answers.append(answer)
      if answer == .refused { refusals.append((now, who)) }
    case .bye(let who):
      guard collectors[who].isOnline else { return }
      if collectors[who].bye < 0 { collectors[who].bye = now }
      if now > collectors[who].last { end(who, now) }
    case .limit(let limit, let refuses):
      self.limit = refuses ? limit.map { Int($0) } : nil
      useNext(now)
    case .window(let window, let dwell):
      next = (Int(window), Int(dwell))
      useNext(now)
    case .receipt(let instant): naming.confirm(instant)
    }
  }

  /// Rules hold from the next date on, but at once where no second of the date was watched yet.
  private func useNext(_ now: Int) {
    guard !isWatched, dateStart < now else { return }
    (window, dwell) = next
    for who in 0..<size
    where collectors[who].isOnline && now >= collectors[who].last + window { end(who, now) }
  }

  private func take(_ who: Int, _ weight: Int?, _ now: Int) -> Presence.Arrival {
    let one = collectors[who]
    if one.isOnline {
      collectors[who].bye = -1
      collectors[who].last = now
      if let weight {
        let new = one.weighedAt == now ? max(weight, one.weight) : weight
        collectors[who].weight = new
        collectors[who].weighedAt = now
        if new != one.weight { collectors[who].brokenAt = now }
      }
      return .kept
    }
    var new = Collector(isOnline: true, isKnown: true, start: now, last: now, weight: 1)
    if one.bye >= 0 {
      if now - one.bye <= window {
        new.start = now - (one.endedAt - one.start)
        new.weight = one.weight
      }
    } else if one.isKnown, one.endedAt == now, now - one.last <= window {
      // At most a window apart: the interval goes on.
      new.start = one.start
      new.weight = one.weight
    }
    if let weight {
      new.weight = weight
      new.weighedAt = now
    }
    if let limit, sumOnline() + new.weight > limit { return .refused }
    new.brokenAt = now
    collectors[who] = new
    return .joined
  }

  private func sumOnline() -> Int {
    var sum = 0
    for one in collectors where one.isOnline { sum += one.weight }
    return sum
  }

  /// Writes down what the second came to.
  private func note(_ now: Int) {
    var count = 0
    for who in 0..<size {
      let one = collectors[who]
      let weight = one.isOnline && now - one.start >= dwell ? one.weight : 0
      weights.append(weight)
      count += weight
      if one.brokenAt == now { breaks.insert(now * size + who) }
    }
    counts.append(count)
    online.append(Int64(sumOnline()))
  }
}

/// Names of seconds, one after the other.
struct NaiveNaming {
  private(set) var name: Int64
  /// Whether the date of the name is another one than that of the name before.
  private(set) var isNewDate = false
  private var boot: Int64 = 0
  private var offset: Int64
  private var waiting: (offset: Int64, since: Int64)?
  private let dates: DateLine
  private var dateEnd: Int64

  init(first: Int64, dates: DateLine) {
    name = first
    offset = first
    self.dates = dates
    dateEnd = dates.end(dates.index(of: first))
  }

  /// A receipt bears out an offset that waits.
  mutating func confirm(_ instant: Int64) {
    guard let waiting, abs(instant - (boot + waiting.offset)) <= 900 else { return }
    offset = waiting.offset
    self.waiting = nil
  }

  /// No offset is steady over a boot.
  mutating func reboot() { waiting = nil }

  /// Goes on to the next second.
  mutating func pass(reading wall: Int64?) {
    if let wall { compare(wall) }
    boot += 1
    name = max(name, boot + offset)
    isNewDate = name >= dateEnd
    if isNewDate { dateEnd = dates.end(dates.index(of: name)) }
  }

  private mutating func compare(_ wall: Int64) {
    let seen = wall - boot
    if abs(seen - offset) <= 5 {
      waiting = nil
    } else if seen > offset, wall >= dateEnd {
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
}
