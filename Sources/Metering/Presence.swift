/// Who is online and how much counts, second by second: the definition that a bill rests on.
///
/// Rules, in seconds of the clock that runs since the machine's boot:
/// 1. Beats at most `window` apart make one interval [first, last + window), in which the collector is
///    online. A `bye` at b ends it at max(b, last + 1). A bye from a collector that is not online says
///    nothing; a beat in the second of a bye unsays it.
/// 2. A collector counts from `dwell` seconds after its interval began to the interval's end. A beat
///    at most `window` after a bye begins a new interval, but keeps the dwell served and the weight.
/// 3. The weight at a second is that of the last beat so far that carried one, the largest if several
///    in that second carried one. A beat without a weight leaves it. A newcomer without one weighs 1.
/// 4. The count at a second is the sum of the weights that count then; it is known when the second is
///    over.
/// 5. Seconds that nobody watched have no count. What happens in them happens, but no segment begins
///    or ends among them.
/// 6. With a limit that refuses, a collector not online whose weight would lift the sum of the weights
///    online above it is refused. An online collector's beat is always taken.
///
/// A value: it reads no clock and does no I/O. Its owner calls
/// ```
/// beat(id, weight:, at:), bye(id, at:)  as they come; each returns what became of it
/// take(beats, at:)                      as they come, many at once
/// advance(to:)                          at least once a second
/// skip(to:)                             over seconds that nobody watched
/// closeDay(at:rules:)                   when the next second has the next date
/// takeRuns(), takeSegments(), takeRows()  what changed since they were last taken
/// ```
/// ``Meter`` does so and names the seconds; drivers use that. A beat costs O(1): one entry of a table
/// is touched. Arrivals are taken in the order of the calls; one from the past arrives now.
package struct Presence: Sendable {
  /// What became of a beat.
  package enum Arrival: Sendable, Hashable {
    /// It began an interval, or went on with one that would have ended.
    case joined
    /// The collector was online.
    case kept
    /// The limit leaves no room: nothing was counted.
    case refused
  }

  /// Entries that are brought near together.
  static let stretch = 64

  package internal(set) var rules: CountingRules
  /// The second in progress.
  package internal(set) var current: Int64 { didSet { now = tick(current) } }
  /// The sum of the weights online, in dwell or not.
  package internal(set) var online: Int64 = 0
  /// How many collectors are online.
  package internal(set) var onlineCollectors = 0
  /// The sum of the weights that count; the second's count once it is over.
  package internal(set) var count: Int64 = 0
  /// How many collectors counted on this date, those that count now included.
  package internal(set) var distinct: Int64 = 0
  /// How many collectors were refused on this date.
  package internal(set) var refused: Int64 = 0
  /// ``online`` when the last second was over.
  package internal(set) var settledOnline: Int64 = 0
  /// ``distinct`` when the last observed second of this date was over.
  package internal(set) var settledDistinct: Int64 = 0

  // Seconds in entries are ticks of 32 bits from `base`: 34 years back, 102 years ahead.
  let base: Int64
  /// The tick of the second in progress.
  private(set) var now: UInt32 = 0
  var table: PresenceTable
  var wheel = ExpiryWheel()
  /// Slots that are looked at; empty in between.
  var due: [UInt32] = []
  /// Slots whose interval ends with this second.
  var endings: [Int] = []
  /// The last rows of collectors that a date's end forgot before they were taken.
  var forgotten: [CollectorRow] = []
  var runs: [CountRun] = []
  var segments: [CountedSegment] = []
  /// The last seconds that nobody watched.
  var stretch: Range<UInt32>
  var isSkipping = false
  /// Of no meaning: what is read ahead goes here, so that it is read.
  var warmth: UInt16 = 0

  /// - Parameters:
  ///   - second: the second in progress.
  ///   - capacity: how many collectors to make room for at once.
  package init(rules: CountingRules, at second: Int64, capacity: Int = 0) {
    self.rules = rules
    current = second
    base = second - (1 << 30)
    table = PresenceTable(minimumCapacity: capacity)
    stretch = 0..<0
    now = tick(current)
  }

  /// The number of identities known: online, gone on this date, refused.
  package var known: Int { table.count }

  /// The weights online beyond the limit, 0 if there is none.
  package var excess: Int64 {
    guard let limit = rules.limit else { return 0 }
    return max(0, online - limit)
  }

  /// Sets the limit at once; nobody online is cut.
  package mutating func setLimit(_ limit: Int64?, refuses: Bool) {
    rules.limit = limit
    rules.refusesAboveLimit = refuses
  }

  /// The count of each second that is over, since last taken.
  package mutating func takeRuns() -> [CountRun] {
    defer { runs.removeAll(keepingCapacity: true) }
    return runs
  }

  /// The segments closed since last taken.
  package mutating func takeSegments() -> [CountedSegment] {
    defer { segments.removeAll(keepingCapacity: true) }
    return segments
  }
}

/// Successive seconds with one count.
package struct CountRun: Sendable, Hashable {
  package var from: Int64
  package var to: Int64
  /// Nil where nobody watched.
  package var count: Int64?

  package init(from: Int64, to: Int64, count: Int64?) {
    self.from = from
    self.to = to
    self.count = count
  }
}

/// Seconds [from, to) in which a collector counted with one weight.
package struct CountedSegment: Sendable, Hashable {
  package var id: CollectorID
  package var from: Int64
  package var to: Int64
  package var weight: Int64

  package init(id: CollectorID, from: Int64, to: Int64, weight: Int64) {
    self.id = id
    self.from = from
    self.to = to
    self.weight = weight
  }
}
