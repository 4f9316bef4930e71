import CivilTime
import Sealing

/// Judges whether the platform may run: evaluates every rule and returns all that they find.
///
/// Rules of the choice before the rules of the verdict:
/// 1. Licenses given by hand are judged; where none are, those held.
/// 2. One line is judged: the one that the activation names, else that of the newest usage record's
///    license, else one with a license that has begun, and of several the one issued last.
/// 3. Of the line, the highest revision that has begun is in force; if none has, the one that
///    begins first is judged, as not yet valid.
/// 4. Time is the later of wall clock and floor; the floor is the standing's or the newest instant
///    that the vendor signed.
/// 5. Without a clock, or without the zone's data, there is no verdict on an edition that needs
///    them.
package func verdict(of situation: Situation) -> Judgement {
  switch Choice(situation).select() {
  case .cannotTell(let reason): .cannotTell(reason)
  case .none(let matter), .judge(let matter): .verdict(Verdict(Rules.findings(in: matter)))
  }
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

/// Chooses the license to judge.
private struct Choice {
  enum Selection {
    case none(Matter)
    case judge(Matter)
    case cannotTell(CannotTell)
  }

  private enum Pick {
    case begun(License)
    case future(License)
    case noZone(String)

    var hasBegun: Bool {
      if case .begun = self { true } else { false }
    }

    var issued: Int64 {
      switch self {
      case .begun(let license), .future(let license): license.iat
      case .noZone: 0
      }
    }
  }

  private let situation: Situation
  private let pool: [Verified<License>]
  private let floor: Int64?
  private let now: Int64?

  init(_ situation: Situation) {
    self.situation = situation
    let held = situation.standing?.held ?? []
    pool = situation.licenses.isEmpty ? held : situation.licenses
    var signed = (situation.licenses + held).map(\.payload.iat)
    if let release = situation.release { signed.append(release.payload.iat) }
    if let standing = situation.standing {
      if let activation = standing.activation { signed.append(activation.payload.iat) }
      signed += standing.receipts.map(\.payload.iat)
      if let floor = standing.floor { signed.append(Self.clamped(floor)) }
    }
    floor = signed.max()
    now = [situation.wall.map(Self.clamped), floor].compactMap { $0 }.max()
  }

  /// Bounded, so that no sum of instants and terms overflows.
  private static func clamped(_ instant: Int64) -> Int64 {
    min(max(instant, SealedLimits.instants.lowerBound), SealedLimits.instants.upperBound)
  }

  func select() -> Selection {
    guard let line = chosenLine() else { return .none(matter(nil, hasBegun: false, .utc)) }
    switch pick(from: line) {
    case .noZone(let name): return .cannotTell(.zone(name))
    case .begun(let license): return judge(license, hasBegun: true)
    case .future(let license): return judge(license, hasBegun: false)
    case nil: return .none(matter(nil, hasBegun: false, .utc))
    }
  }

  private func judge(_ license: License, hasBegun: Bool) -> Selection {
    if license.edition.needsClock && situation.wall == nil {
      return .cannotTell(.clock(license.edition))
    }
    let zone = situation.zones[license.zone]
    if license.edition.needsClock && zone == nil { return .cannotTell(.zone(license.zone)) }
    return .judge(matter(license, hasBegun: hasBegun, zone ?? .utc))
  }

  private func matter(_ license: License?, hasBegun: Bool, _ zone: Zone) -> Matter {
    Matter(
      situation: situation, license: license, hasBegun: hasBegun, zone: zone, now: now,
      floor: floor)
  }

  private func chosenLine() -> LineID? {
    let lines = Set(pool.map(\.payload.line))
    if lines.count < 2 { return lines.first }
    if let line = situation.standing?.activation?.payload.line, lines.contains(line) {
      return line
    }
    if let record = situation.standing?.newestRecord {
      let known = situation.licenses + (situation.standing?.held ?? [])
      let line = known.first { $0.payload.jti == record.license }?.payload.line
      if let line, lines.contains(line) { return line }
    }
    let picks = lines.sorted().map { ($0, pick(from: $0)) }
    return picks.max { left, right in
      let (first, second) = (left.1, right.1)
      if first?.hasBegun != second?.hasBegun { return second?.hasBegun == true }
      return (first?.issued ?? 0, right.0) < (second?.issued ?? 0, left.0)
    }?.0
  }

  private func pick(from line: LineID) -> Pick? {
    let licenses = LicenseLine.descending(pool, of: line).map(\.payload)
    for license in licenses {
      guard license.term != nil else { return .begun(license) }
      guard let zone = situation.zones[license.zone] else { return .noZone(license.zone) }
      guard let now else { continue }
      if license.period(in: zone).phase(at: now) != .notYet { return .begun(license) }
    }
    return licenses.min { left, right in
      (left.term?.from ?? .first, right.revision) < (right.term?.from ?? .first, left.revision)
    }.map { .future($0) }
  }
}
