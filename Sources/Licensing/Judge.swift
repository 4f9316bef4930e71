import CivilTime
import Sealing

/// Judges whether the platform may run: evaluates every rule and returns all that they find.
///
/// Rules of the choice before the rules of the verdict:
/// 1. Licenses given by hand are judged; where none are, those held.
/// 2. One line is judged: the one that the activation names, else that of the newest usage record's
///    license, unless use under it is denied by what neither a report nor its first day cures. Else
///    one that no rule denies, then one that cannot be told, then one that waits for an activation or a
///    report alone, then one that is named, then one with a license that has begun, then the one whose
///    license was issued last.
/// 3. Of the line, the highest revision that has begun is in force; if none of those given has, the
///    highest held that has; if none has, the one that begins first is judged, as not yet valid.
/// 4. Time is the later of wall clock and floor; the floor is the standing's or the newest instant
///    that the vendor signed.
/// 5. Nothing depends on the order in which documents come.
/// 6. Without a clock, or without the zone's data, there is no verdict on an edition that needs
///    them.
package func verdict(of situation: Situation) -> Judgement {
  switch Choice(situation).select() {
  case .cannotTell(let reason): .cannotTell(reason)
  case .none(let matter), .judge(let matter):
    .verdict(Verdict(Rules.findings(in: matter), license: matter.license?.jti))
  }
}

/// The line that a verdict on the situation is about, nil without a license. Whoever counts under a
/// license asks here, so that it counts under the one that is judged.
/// - Parameter isPast: whether the situation's time is over. A date that has ended is judged as of its
///   own time: what the vendor signed afterwards makes no line end before its last day.
package func judgedLine(in situation: Situation, isPast: Bool = false) -> LineID? {
  Choice(situation, isPast: isPast).line()
}

/// What every rule looks at.
struct Matter {
  let situation: Situation
  /// The license in force, or the first to begin.
  let license: License?
  let hasBegun: Bool
  /// The license's zone; UTC where a perpetual license's is not known.
  let zone: Zone
  /// The instant of the decision; without a readable clock the floor.
  let now: Int64?
  let floor: Int64?

  var edition: Edition? { license?.edition }
  var standing: Standing? { situation.standing }

  /// Every license at hand, given or held.
  var licensesAtHand: [Verified<License>] {
    situation.licenses + (standing?.held ?? [])
  }

  /// Whether the term of a license of this line has begun, as far as the time is known.
  func hasBegun(_ license: License) -> Bool {
    guard license.term != nil else { return true }
    guard let now else { return false }
    return license.period(in: zone).phase(at: now) != .notYet
  }

  /// Facts that name the license.
  var facts: Facts {
    var facts = Facts()
    facts.add(.license, license?.jti.text)
    facts.add(.line, license?.line.text)
    facts.add(.revision, license?.revision)
    facts.add(.edition, license?.edition.rawValue)
    return facts
  }

  func finding(_ code: FindingCode, _ facts: Facts) -> Finding {
    Finding(code, facts, in: edition)
  }

  /// Calendar days from today through a date, both counted; 1 on that date.
  func daysLeft(through date: CivilDate, at instant: Int64) -> Int64 {
    zone.date(at: instant).days(until: date) + 1
  }

  /// Calendar days since a date; 1 on the day after it.
  func daysSince(_ date: CivilDate, at instant: Int64) -> Int64 {
    date.days(until: zone.date(at: instant))
  }
}
