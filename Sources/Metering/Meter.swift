/// Counts collectors and closes dates: ``Presence`` counts, ``SecondNaming`` names the seconds,
/// ``DayCount`` adds up the open date.
///
/// A driver, the one owner of the value, does this:
/// ```
/// var meter = Meter(rules:, days:, boot:, wall:)      // first start; later: Meter(restoring:…)
/// meter.beat(id, weight:, at: boot)                   // on each beat; answers .joined, .kept, .refused
/// meter.bye(id, at: boot)
/// meter.take(beats, at: boot)                         // or many that arrived together
/// meter.advance(to: boot)                             // at least once a second,
/// meter.observe(wall:, at: boot)                      // with both clocks read together
/// meter.confirm(by: receipt.iat)                      // on each receipt
/// meter.use(rules, at: boot)                          // when a license comes into force
/// let changes = meter.takeChanges()                   // then: one transaction of the journal
/// ```
/// Time that the driver did not watch (it stood still, or stopped) is passed with ``skip(to:reason:)``.
/// Instants `boot` are whole seconds of the clock that runs since the machine's boot and through its
/// sleep; `wall` is Unix time. Nothing here reads a clock or does I/O, and the same calls always give
/// the same changes.
package struct Meter: Sendable {
  package internal(set) var presence: Presence
  package internal(set) var naming: SecondNaming
  package internal(set) var day: DayCount
  package let days: DayGrid
  /// The rules of the next date.
  package internal(set) var nextRules: CountingRules
  /// The first second of the open date.
  var dayStart: Int64
  /// What the counter's seconds are ahead of the boot-time clock: they run on through boots.
  var shift: Int64 = 0
  var closed: [ClosedDay] = []
  var segments: [NamedSegment] = []
  /// Segments among seconds whose shared name is still open.
  var held: [CountedSegment] = []

  /// Counting that starts for the first time: the date so far is a gap.
  /// - Parameter capacity: how many collectors to make room for at once.
  package init(
    rules: CountingRules, days: DayGrid, boot: Int64, wall: Int64, capacity: Int = 0
  ) {
    presence = Presence(rules: rules, at: boot, capacity: capacity)
    naming = SecondNaming(boot: boot, wall: wall)
    self.days = days
    nextRules = rules
    dayStart = boot
    let (date, range) = days.day(containing: wall)
    day = DayCount(date: date, from: range.lowerBound, to: range.upperBound)
    day.miss(range.lowerBound..<max(wall, range.lowerBound), reason: .before)
  }

  /// The second in progress, of the boot-time clock.
  package var boot: Int64 { presence.current - shift }

  /// The name of the second in progress.
  package var now: Int64 { naming.name(of: presence.current) }

  /// Takes a beat, see ``Presence/beat(_:weight:at:)``.
  package mutating func beat(
    _ id: CollectorID, weight: Int64? = nil, at boot: Int64
  ) -> Presence.Arrival {
    if boot + shift > presence.current { advance(to: boot) }
    return presence.beat(id, weight: weight, at: boot + shift)
  }

  /// Takes beats that arrived together, see ``Presence/take(_:at:)``.
  package mutating func take(_ beats: [KeyedBeat], at boot: Int64) -> [Presence.Arrival?] {
    if boot + shift > presence.current { advance(to: boot) }
    return presence.take(beats, at: boot + shift)
  }

  /// Takes a bye, see ``Presence/bye(_:at:)``.
  package mutating func bye(_ id: CollectorID, at boot: Int64) -> Bool {
    if boot + shift > presence.current { advance(to: boot) }
    return presence.bye(id, at: boot + shift)
  }

  /// Lets watched time pass, and dates end in it.
  package mutating func advance(to boot: Int64) { pass(to: boot + shift, missing: nil) }

  /// Lets time pass that nobody watched: the second in progress, and all before `boot`.
  package mutating func skip(to boot: Int64, reason: Gap.Reason) {
    pass(to: boot + shift, missing: reason)
  }

  /// Compares the wall clock with the names of the seconds.
  package mutating func observe(wall: Int64, at boot: Int64) {
    if boot + shift > presence.current { advance(to: boot) }
    naming.observe(wall: wall, at: presence.current, dayEnd: day.to)
  }

  /// Takes a receipt's instant as a witness of the date.
  package mutating func confirm(by instant: Int64) {
    naming.confirm(by: instant, at: presence.current)
  }

  /// Takes the rules of a new revision: its limit at once, window and dwell from the next date on; at
  /// once too where no second of the open date was watched yet, for then it is the date's revision.
  package mutating func use(_ rules: CountingRules, at boot: Int64) {
    if boot + shift > presence.current { advance(to: boot) }
    if day.observed == 0 && dayStart < presence.current { presence.startOver(rules) }
    presence.setLimit(rules.limit, refuses: rules.refusesAboveLimit)
    nextRules = rules
  }

  /// The open date so far, to the last second that is over; nil before there is one.
  package var summary: DaySummary? {
    day.told > day.from ? summary(to: day.told) : nil
  }

  func summary(to: Int64) -> DaySummary {
    DaySummary(
      date: day.date, from: day.from, to: to, peak: day.peak, online: presence.settledOnline,
      distinct: presence.settledDistinct, refused: presence.refused, observed: day.observed,
      gaps: day.gaps, gapsMerged: day.gapsMerged)
  }

  /// What changed since last asked.
  package mutating func takeChanges() -> MeterChanges {
    settle(missing: nil)
    defer {
      segments.removeAll(keepingCapacity: true)
      closed.removeAll(keepingCapacity: true)
    }
    return MeterChanges(
      rows: presence.takeRows(), segments: segments, closed: closed,
      state: state)
  }
}
