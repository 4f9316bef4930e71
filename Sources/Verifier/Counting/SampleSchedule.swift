internal import CivilTime
package import Metering

/// When the date so far is told to the gateway, in `realtime` mode.
///
/// Moments are milliseconds of the boot-time clock. Rules:
/// 1. A peak above the one last told is told ``Pace/gather`` after it was reached, together with what
///    came meanwhile.
/// 2. Any other change of what is counted is told ``Pace/interval`` after the last record.
/// 3. Where nothing changed nothing is told.
package struct SampleSchedule: Sendable, Equatable {
  /// How long to wait, in milliseconds.
  package struct Pace: Sendable, Equatable {
    package var gather: Int64
    package var interval: Int64

    package init(gather: Int64 = 3000, interval: Int64 = 300_000) {
      self.gather = gather
      self.interval = interval
    }
  }

  /// What a gateway would see of a date.
  private struct Told: Sendable, Equatable {
    var date: Int64
    var peak: Int64
    var online: Int64
    var distinct: Int64
    var refused: Int64

    init(_ day: DaySummary) {
      date = day.date.daysSinceEpoch
      peak = day.peak?.count ?? 0
      online = day.online
      distinct = day.distinct
      refused = day.refused
    }

    var isEmpty: Bool { peak == 0 && online == 0 && distinct == 0 && refused == 0 }
  }

  /// A peak that waits to be told; one of another date says nothing of this one.
  private struct Gathering: Sendable, Equatable {
    var date: Int64
    var since: Int64
  }

  private var pace: Pace
  private var told: Told?
  private var toldAt: Int64?
  private var gathering: Gathering?

  package init(pace: Pace) {
    self.pace = pace
  }

  /// The pace from now on.
  package mutating func use(_ pace: Pace) { self.pace = pace }

  /// Looks at the date so far.
  /// - Parameters:
  ///   - now: the moment.
  ///   - second: the name of the second in progress.
  /// - Returns: whether a sample is due now.
  package mutating func isDue(_ day: DaySummary, at now: Int64, in second: Int64) -> Bool {
    let seen = Told(day)
    let isSameDate = seen.date == told?.date
    if gathering?.date != seen.date { gathering = nil }
    guard isSameDate ? seen != told : !seen.isEmpty else { return false }
    if seen.peak > (isSameDate ? told?.peak ?? 0 : 0) {
      // The count of a second is known when it is over: so long the peak has waited already.
      let age = day.peak.map { min(max(0, second - $0.at) * 1000, pace.gather) } ?? 0
      let begun = gathering ?? Gathering(date: seen.date, since: now - age)
      gathering = begun
      return now - begun.since >= pace.gather
    }
    return toldAt.map { now - $0 >= pace.interval } ?? true
  }

  /// The date so far has been told.
  package mutating func tell(_ day: DaySummary, at now: Int64) {
    told = Told(day)
    toldAt = now
    gathering = nil
  }
}
