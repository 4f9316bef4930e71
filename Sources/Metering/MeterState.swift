import CivilTime
package import Sealing

/// What a ``Meter`` needs beside the rows of its collectors to go on after a restart.
package struct MeterState: Sendable, Hashable {
  /// The second in progress.
  package internal(set) var second: Int64
  /// Its name.
  package internal(set) var name: Int64
  package internal(set) var rules: CountingRules
  package internal(set) var nextRules: CountingRules
  package internal(set) var day: DayCount
  var dayStart: Int64
  var shift: Int64
  var settledOnline: Int64
  var settledDistinct: Int64
  /// See ``SecondNaming/measured``.
  var measured: Int64
  /// See ``SecondNaming/watched``.
  var watched: Int64?
  /// The first of the seconds before ``second`` that nobody watched; ``second`` if there is none.
  var unwatched: Int64
  var pieces: [SecondNaming.Piece]
  var candidate: SecondNaming.Candidate?
  var held: [CountedSegment]
}

extension Meter {
  /// The longest time away, in seconds, for which the wall clock is believed at once after a boot.
  static let longestAbsence: Int64 = 366 * 86_400

  /// What a journal keeps beside the rows.
  package var state: MeterState {
    MeterState(
      second: presence.current, name: now, rules: presence.rules, nextRules: nextRules, day: day,
      dayStart: dayStart, shift: shift, settledOnline: presence.settledOnline,
      settledDistinct: presence.settledDistinct, measured: naming.measured,
      watched: naming.watched, unwatched: presence.unwatched, pieces: naming.pieces,
      candidate: naming.candidate, held: held)
  }

  /// Goes on after a restart. The time away is a gap, `stopped`; dates may have ended in it.
  /// - Parameters:
  ///   - state: the last state that was committed.
  ///   - rows: the rows committed with it and before.
  ///   - boot: the second in progress.
  ///   - wall: the wall clock in it.
  ///   - sameBoot: whether the machine has not been booted since; else the wall clock tells how long
  ///     it was away.
  /// - Throws: ``Refusal`` `MALFORMED` if the journal contradicts itself.
  package init(
    restoring state: MeterState, rows: some Collection<CollectorRow>, days: DayGrid, boot: Int64,
    wall: Int64, sameBoot: Bool
  ) throws(Refusal) {
    shift = sameBoot ? state.shift : state.second + Self.absence(state, wall) - boot
    guard state.second <= boot + shift else {
      throw .malformed("the journal is from a later second than this one")
    }
    presence = try Presence(
      restoring: rows, rules: state.rules, at: state.second, dayStart: state.dayStart)
    presence.settledOnline = state.settledOnline
    presence.settledDistinct = state.settledDistinct
    presence.resumeSkipping(from: state.unwatched)
    naming = SecondNaming(
      pieces: state.pieces, candidate: sameBoot ? state.candidate : nil, measured: state.measured,
      watched: state.watched)
    day = state.day
    self.days = days
    nextRules = state.nextRules
    dayStart = state.dayStart
    held = state.held
    skip(to: boot, reason: .stopped)
    observe(wall: wall, at: boot)
  }
  /// How many seconds after the state's second the present one is, after a boot: as many as the wall
  /// clock has moved on since it was last read, whether the names followed it then or not. If it has not
  /// moved on, as many as it is ahead of the names. A wall clock that says more than a year is not
  /// believed yet: it counts as set, and the time away as a second.
  private static func absence(_ state: MeterState, _ wall: Int64) -> Int64 {
    let sinceReading = wall - (state.second + state.measured)
    for away in [sinceReading, wall - state.name] where (1...longestAbsence).contains(away) {
      return away
    }
    return 1
  }
}
