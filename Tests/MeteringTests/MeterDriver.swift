import CivilTime
import Metering
import Sealing
import Testing

/// Plays a history to a ``Meter`` as a program would: with a journal, restarts and reboots.
struct MeterDriver {
  let history: History
  private(set) var meter: Meter
  private(set) var closed: [ClosedDay] = []
  private(set) var segments: [NamedSegment] = []
  private(set) var answers: [Presence.Arrival] = []
  /// The count of each second of the boot-time clock that was looked at; -1 elsewhere.
  private(set) var counts: [Int64]
  /// The name of each second that was looked at; -1 elsewhere.
  private(set) var names: [Int64]
  private var rows: [CollectorID: CollectorRow] = [:]
  private var random: SeededRandom
  /// Once in so many seconds time passes where nothing happens.
  private let pace: Int
  /// What the boot-time clock shows more than the history's seconds.
  private var shift: Int64 = 1_000

  init(_ history: History) {
    self.history = history
    random = SeededRandom(seed: history.seed ^ 0xD81F)
    pace = [1, 2, 10].randomElement(using: &random) ?? 1
    counts = Array(repeating: -1, count: history.seconds.count)
    names = counts
    meter = Meter(
      rules: history.rules, days: history.dates.grid, boot: shift, wall: history.seconds[0].wall)
  }

  static func id(_ collector: Int) -> CollectorID {
    // Spread as a keyed digest would be.
    var random = SeededRandom(seed: UInt64(collector))
    return CollectorID(high: random.next(), low: random.next())
  }

  mutating func play() throws {
    var index = 0
    while index < history.seconds.count {
      let second = history.seconds[index]
      let boot = Int64(index) + shift
      if pace == 1 || random.chance(1, in: pace) { meter.advance(to: boot) }
      play(second.events, boot)
      if meter.boot == boot {
        counts[index] = meter.presence.count
        names[index] = meter.now
      }
      guard second.missing == nil else {
        index = try cross(index)
        continue
      }
      if second.isRead { meter.observe(wall: second.wall, at: boot) }
      if random.chance(1, in: 10 * pace) { try commit(restore: false) }
      index += 1
    }
    meter.advance(to: Int64(index) + shift)
    try commit(restore: false)
  }

  private mutating func play(_ events: [History.Event], _ boot: Int64) {
    if events.count > 1, let beats = Self.beats(events) {
      answers += meter.take(beats, at: boot).compactMap { $0 }
    } else {
      for event in events { play(event, boot) }
    }
  }

  /// What arrives together, nil where something else happens in between.
  private static func beats(_ events: [History.Event]) -> [KeyedBeat]? {
    var beats: [KeyedBeat] = []
    for event in events {
      switch event {
      case .beat(let who, let weight): beats.append(KeyedBeat(id(who), weight: weight))
      case .bye(let who): beats.append(KeyedBeat(id(who), isBye: true))
      case .limit, .window, .receipt: return nil
      }
    }
    return beats
  }

  private mutating func play(_ event: History.Event, _ boot: Int64) {
    var rules = meter.nextRules
    switch event {
    case .beat(let who, let weight):
      answers.append(meter.beat(Self.id(who), weight: weight, at: boot))
    case .bye(let who): _ = meter.bye(Self.id(who), at: boot)
    case .limit(let limit, let refuses):
      rules.limit = limit
      rules.refusesAboveLimit = refuses
      meter.use(rules, at: boot)
    case .window(let window, let dwell):
      let new = CountingRules(
        window: window, dwell: dwell, limit: rules.limit,
        refusesAboveLimit: rules.refusesAboveLimit)
      meter.use(new ?? rules, at: boot)
    case .receipt(let instant):
      meter.advance(to: boot)
      meter.confirm(by: instant)
    }
  }

  /// Gets over a stretch that nobody watched; gives the first second after it.
  private mutating func cross(_ index: Int) throws -> Int {
    var end = index
    while end < history.seconds.count, history.seconds[end].missing != nil,
      end == index || history.bridges[end] == nil
    {
      end += 1
    }
    meter.advance(to: Int64(index) + shift)
    let bridge = history.bridges[index] ?? .skip
    guard bridge != .skip, end < history.seconds.count else {
      meter.skip(to: Int64(end) + shift, reason: bridge == .skip ? .suspended : .stopped)
      return end
    }
    let state = try commit(restore: true)
    if bridge == .reboot { shift = Int64.random(in: 0...5_000_000, using: &random) }
    meter = try Meter(
      restoring: state, rows: rows.values, days: history.dates.grid, boot: Int64(end) + shift,
      wall: history.seconds[end].wall, sameBoot: bridge == .restart)
    return end
  }

  /// One transaction of the journal.
  @discardableResult
  private mutating func commit(restore: Bool) throws -> MeterState {
    let changes = meter.takeChanges()
    if !changes.closed.isEmpty {
      for (id, row) in rows where !row.isOnline { rows[id] = nil }
    }
    for row in changes.rows { rows[row.id] = row }
    closed += changes.closed
    segments += changes.segments
    guard restore else { return changes.state }
    return try MeterState(JSONScanner.scan(changes.state.json.serialized, maximumDepth: 16))
  }
}
