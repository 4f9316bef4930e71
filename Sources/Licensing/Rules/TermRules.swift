import CivilTime
import Sealing

extension Rules {
  /// The term has begun.
  static func notYetValid(_ matter: Matter) -> [Finding] {
    guard let license = matter.license, !matter.hasBegun, let term = license.term,
      let now = matter.now
    else { return [] }
    var facts = matter.facts
    facts.add(.from, term.from)
    facts.add(.begins, instant: license.period(in: matter.zone).begins, in: matter.zone)
    facts.add(.daysUntil, matter.zone.date(at: now).days(until: term.from))
    return [matter.finding(.notYetValid, facts)]
  }

  /// The term is not over, or at least its grace days are not.
  static func termOver(_ matter: Matter) -> [Finding] {
    guard let license = matter.license, let term = license.term, let now = matter.now,
      let graceThrough = license.graceThrough
    else { return [] }
    let period = license.period(in: matter.zone)
    let phase = period.phase(at: now)
    guard phase == .grace || phase == .over else { return [] }
    var facts = matter.facts
    facts.add(.through, term.through)
    facts.add(.ended, instant: period.ends, in: matter.zone)
    facts.add(.daysAgo, matter.daysSince(term.through, at: now))
    facts.add(.graceDays, license.graceDays)
    if license.graceDays > 0 {
      facts.add(.graceThrough, graceThrough)
      facts.add(.graceEnds, instant: period.graceEnds, in: matter.zone)
    }
    guard phase == .grace else { return [matter.finding(.expired, facts)] }
    facts.add(.daysLeft, matter.daysLeft(through: graceThrough, at: now))
    return [matter.finding(.inGrace, facts)]
  }

  /// The end of use is further away than 60 days, or than a quarter of the term where that is less.
  static func expiringSoon(_ matter: Matter) -> [Finding] {
    guard matter.hasBegun, let license = matter.license, let now = matter.now,
      let end = endOfUse(matter)
    else { return [] }
    let notice = min(60 * 86_400, (end.ends - end.begins) / 4)
    guard now < end.ends, now >= end.ends - notice else { return [] }
    var facts = matter.facts
    addEnd(end, to: &facts, matter, now)
    let next = LicenseLine.descending(matter.licensesAtHand, of: license.line).map(\.payload)
      .filter { $0.revision > license.revision }
      .min { ($0.term?.from ?? .first) < ($1.term?.from ?? .first) }
    if let next {
      facts.add(.renewalRevision, next.revision)
      facts.add(.renewalFrom, next.term?.from)
    }
    return [matter.finding(.expiringSoon, facts)]
  }

  /// Nothing denies and nothing warns.
  static func valid(_ matter: Matter) -> [Finding] {
    var facts = matter.facts
    if let end = endOfUse(matter), let now = matter.now { addEnd(end, to: &facts, matter, now) }
    return [matter.finding(.valid, facts)]
  }

  /// New releases of a perpetual license are covered still.
  static func maintenanceEnded(_ matter: Matter) -> [Finding] {
    guard let maintenance = matter.license?.maintenance, let now = matter.now else { return [] }
    let ends = maintenance.seconds(in: matter.zone).upperBound
    guard now >= ends else { return [] }
    var facts = matter.facts
    facts.add(.through, maintenance.through)
    facts.add(.ended, instant: ends, in: matter.zone)
    facts.add(.daysAgo, matter.daysSince(maintenance.through, at: now))
    return [matter.finding(.maintenanceEnded, facts)]
  }

  /// When use ends by the calendar: with the term, or with the release's days.
  private struct EndOfUse {
    let begins: Int64
    let ends: Int64
    let through: CivilDate
    let release: String?
  }

  private static func endOfUse(_ matter: Matter) -> EndOfUse? {
    if let term = matter.license?.term {
      let seconds = term.seconds(in: matter.zone)
      return EndOfUse(
        begins: seconds.lowerBound, ends: seconds.upperBound, through: term.through, release: nil)
    }
    guard let period = communityPeriod(matter) else { return nil }
    return EndOfUse(
      begins: period.begins, ends: period.ends, through: period.release.communityThrough,
      release: period.release.version)
  }

  private static func addEnd(
    _ end: EndOfUse, to facts: inout Facts, _ matter: Matter, _ now: Int64
  ) {
    facts.add(.release, end.release)
    facts.add(.through, end.through)
    facts.add(.ends, instant: end.ends, in: matter.zone)
    facts.add(.daysLeft, matter.daysLeft(through: end.through, at: now))
  }
}
