import CivilTime
import Licensing

/// What a badly observed date is billed by.
///
/// Rules:
/// 1. A date is well observed when at most 1 h of it went unobserved and it has a peak.
/// 2. Under `observed`, and on a well observed date, the observed peak is billed.
/// 3. Under `carry`, any other date bills the larger of its observed peak and the highest peak of the 7
///    latest earlier well observed dates; where there are none, of the highest peak so far.
/// 4. What is carried is what was observed on those dates, never what was billed for them.
package struct CarryHistory {
  /// Seconds that may go unobserved.
  package static let tolerance: Int64 = 3600
  /// How many earlier dates are looked at.
  package static let reach = 7

  struct Peak: Equatable {
    let date: CivilDate
    let count: Int64
  }

  /// The latest well observed dates, the earliest first.
  private var latest: [Peak] = []
  private var highest: Peak?

  /// Takes a date, later than all before it.
  mutating func add(_ date: CivilDate, peak: Int64?, unobserved: Int64) {
    guard let peak else { return }
    let entry = Peak(date: date, count: peak)
    if peak > highest?.count ?? -1 { highest = entry }
    guard unobserved <= Self.tolerance else { return }
    latest.append(entry)
    if latest.count > Self.reach { latest.removeFirst() }
  }

  /// The quantity of the next date, and the earlier date it is carried from if that decides.
  func quantity(
    peak: Int64?, unobserved: Int64, rule: GapRule
  ) -> (quantity: Int64, carriedFrom: CivilDate?) {
    let observed = peak ?? 0
    let isWellObserved = peak != nil && unobserved <= Self.tolerance
    guard rule == .carry, !isWellObserved, let carried, carried.count > observed else {
      return (observed, nil)
    }
    return (carried.count, carried.date)
  }

  /// The highest of the latest well observed dates, the earliest of several; else the highest so far.
  private var carried: Peak? {
    guard var best = latest.first else { return highest }
    for peak in latest where peak.count > best.count { best = peak }
    return best
  }
}
