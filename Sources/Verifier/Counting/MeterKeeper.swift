package import CivilTime
package import Metering
package import Platform
internal import Synchronization

/// The one owner of the counter: beats come in from many tasks, time from one.
///
/// Rules:
/// 1. Before anything else time is brought up to the clock; a jump of more than ``stall`` since it was
///    last seen is time that nobody watched.
/// 2. What changed leaves in batches for the journal. A batch that could not be committed is kept and
///    goes out with the next one: counting never waits for a disk.
package final class MeterKeeper: Sendable {
  /// Seconds without a look at the clock after which the machine stood still.
  package static let stall: Int64 = 10

  private struct State {
    var meter: Meter
    var seen: Int64
    var joined: [CollectorID: CollectorIdentity] = [:]
    var unsaved: Journal.Batch?
    var overLimitSince: Int64?
  }

  /// What the collectors say of themselves.
  package let inventory = Inventory()
  private let state: Mutex<State>
  private let key: SipHash.Key
  private let wall: any WallClock
  private let boot: any BootClock

  /// - Parameters:
  ///   - meter: counting as it begins or goes on.
  ///   - key: of the digests by which collectors are known.
  package init(
    _ meter: Meter, key: SipHash.Key, wall: some WallClock, boot: some BootClock
  ) {
    state = Mutex(State(meter: meter, seen: meter.boot))
    self.key = key
    self.wall = wall
    self.boot = boot
  }

  /// Takes beats that arrived together, in their order.
  /// - Returns: what became of each: for a bye, nil.
  /// - Throws: ``PlatformError`` where the clock cannot be read.
  package func take(_ beats: [Beat]) throws(PlatformError) -> [Presence.Arrival?] {
    let keyed = beats.map { KeyedBeat($0, key: key) }
    let now = try boot.seconds()
    let arrivals = state.withLock { state in
      Self.reach(now, &state)
      let arrivals = state.meter.take(keyed, at: now)
      for index in arrivals.indices where arrivals[index] == .joined {
        state.joined[keyed[index].id] = beats[index].identity
      }
      return arrivals
    }
    inventory.note(beats, keyed.map(\.id), arrivals, at: now)
    return arrivals
  }

  /// What is known of a collector that is online; nil for one that is not.
  package func online(_ id: CollectorID) -> OnlineCollector? {
    state.withLock { state in
      guard let row = state.meter.presence.row(of: id), row.isOnline else { return nil }
      return OnlineCollector(
        weight: row.weight, last: min(state.meter.now, state.meter.naming.name(of: row.last)))
    }
  }

  /// The identities that two collectors seem to share.
  package var suspects: [RunPairs.Suspect] {
    inventory.suspects(at: state.withLock { $0.seen })
  }

  /// Lets time pass and compares the clocks; at least once a second.
  /// - Throws: ``PlatformError`` where the boot-time clock cannot be read. A wall clock that cannot be
  ///   read is not compared, nor one that was read long after the other: the process stood still
  ///   between them, and their difference would look as if somebody had set the clock.
  package func tick() throws(PlatformError) {
    let now = try boot.seconds()
    var wall = try? wall.now()
    if try boot.seconds() - now > 1 { wall = nil }
    state.withLock { state in
      Self.reach(now, &state)
      if let wall { state.meter.observe(wall: wall, at: now) }
      if state.meter.presence.excess > 0 {
        state.overLimitSince = state.overLimitSince ?? state.meter.now
      } else {
        state.overLimitSince = nil
      }
    }
  }

  private static func reach(_ now: Int64, _ state: inout State) {
    if now - state.seen > stall {
      state.meter.skip(to: now, reason: .suspended)
    } else {
      state.meter.advance(to: now)
    }
    state.seen = max(state.seen, now)
  }

  /// What has to be committed, everything since the last batch that was settled, and the counter at
  /// that very moment: what is sealed from this view rests on nothing beyond the batch.
  package func batch() -> (batch: Journal.Batch, view: MeterView) {
    state.withLock { state in
      let changes = state.meter.takeChanges()
      let batch = Journal.Batch(changes: changes, identities: state.joined)
      state.joined.removeAll(keepingCapacity: true)
      if state.unsaved == nil { state.unsaved = batch } else { state.unsaved?.append(batch) }
      return (state.unsaved ?? batch, Self.view(of: state))
    }
  }

  /// The last batch has been committed.
  package func settle() {
    state.withLock { $0.unsaved = nil }
  }

  /// Takes the rules of the licenses in force on the open date, its limit at once, and on the next.
  package func use(_ rules: CountingRules, next: CountingRules) {
    state.withLock { $0.meter.use(rules, next: next, at: $0.seen) }
  }

  /// The date that is being counted.
  package var openDate: CivilDate {
    state.withLock { $0.meter.day.date }
  }

  /// Takes a receipt's instant as a witness of the date.
  package func confirm(by instant: Int64) {
    state.withLock { $0.meter.confirm(by: instant) }
  }

  /// What there is to see.
  package var view: MeterView {
    state.withLock { Self.view(of: $0) }
  }

  private static func view(of state: State) -> MeterView {
    MeterView(
      summary: state.meter.summary, rules: state.meter.presence.rules,
      online: state.meter.presence.online,
      collectors: Int64(state.meter.presence.onlineCollectors), now: state.meter.now,
      excess: state.meter.presence.excess, overLimitSince: state.overLimitSince)
  }
}
