import Metering
import Sealing
import Testing

/// Plays a history to a ``Meter`` as a program would: with a journal, restarts and reboots.
struct MeterDriver {
  let history: History
  private(set) var meter: Meter
  private(set) var closed: [ClosedDay] = []
  private(set) var segments: [NamedSegment] = []
  private var rows: [CollectorID: CollectorRow] = [:]
  private var random: SeededRandom
  /// What the boot-time clock shows more than the history's seconds.
  private var shift: Int64 = 1_000

  init(_ history: History) {
    self.history = history
    random = SeededRandom(seed: history.seed ^ 0xD81F)
    meter = Meter(
      rules: history.rules, days: .blocks(history.dayLength), boot: shift,
      wall: history.seconds[0].wall)
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
      if random.chance(1, in: 2) { meter.advance(to: boot) }
      for event in second.events { play(event, boot) }
      if second.missing == nil {
        meter.observe(wall: second.wall, at: boot)
      } else {
        index = try cross(index)
        continue
      }
      if random.chance(1, in: 10) { try commit(restore: false) }
      index += 1
    }
    meter.advance(to: Int64(index) + shift)
    try commit(restore: false)
  }

  private mutating func play(_ event: History.Event, _ boot: Int64) {
    switch event {
    case .beat(let who, let weight): _ = meter.beat(Self.id(who), weight: weight, at: boot)
    case .bye(let who): _ = meter.bye(Self.id(who), at: boot)
    case .limit(let limit, let refuses):
      var rules = meter.nextRules
      rules.limit = limit
      rules.refusesAboveLimit = refuses
      meter.use(rules, at: boot)
    case .window(let window, let dwell):
      let old = meter.nextRules
      if let rules = CountingRules(
        window: window, dwell: dwell, limit: old.limit,
        refusesAboveLimit: old.refusesAboveLimit)
      {
        meter.use(rules, at: boot)
      }
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
    let boot = Int64(end) + shift
    meter.advance(to: Int64(index) + shift)
    switch history.bridges[index] ?? .skip {
    case .skip: meter.skip(to: boot, reason: .suspended)
    case .restart:
      let state = try commit(restore: true)
      meter = try Meter(
        restoring: state, rows: rows.values, days: .blocks(history.dayLength), boot: boot,
        wall: end < history.seconds.count ? history.seconds[end].wall : boot, sameBoot: true)
    case .reboot:
      let state = try commit(restore: true)
      shift = Int64.random(in: 0...5_000_000, using: &random)
      meter = try Meter(
        restoring: state, rows: rows.values, days: .blocks(history.dayLength),
        boot: Int64(end) + shift, wall: state.name + Int64(end - index), sameBoot: false)
    }
    return end
  }

  /// One transaction of the journal.
  @discardableResult
  private mutating func commit(restore: Bool) throws -> MeterState {
    let changes = meter.takeChanges()
    for row in changes.rows { rows[row.id] = row }
    closed += changes.closed
    segments += changes.segments
    return restore ? try MeterState(changes.state.json) : changes.state
  }
}
