import CivilTime
import Sealing

/// Chooses the license to judge, see ``verdict(of:)``.
struct Choice {
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

  /// How far a line answers the question whether the platform may run.
  private enum Answer: Int {
    case no
    /// Not before the gateway has been asked, which is done for the line judged alone: a line that is
    /// over must not stand before it.
    case awaitsGateway
    /// Only what runs is not known here, which says nothing of the license.
    case releaseUnknown
    case cannotTell
    case yes
  }

  /// What does not move an installation off the line that it is on: a report, a day to come or the
  /// release document cures it, and on another line no report would be sent any more.
  private static let curable: Set<FindingCode> = [.reportOverdue, .notYetValid, .releaseUnknown]
  /// What an activation or a report cures; which release runs says nothing of the license.
  private static let curedByGateway: Set<FindingCode> = [
    .notActivated, .reportOverdue, .releaseUnknown,
  ]

  private let situation: Situation
  private let pool: [Verified<License>]
  private let floor: Int64?
  private let now: Int64?

  /// - Parameter isPast: whether the situation's time is over: it is judged as of then, whatever the
  ///   vendor has signed since.
  init(_ situation: Situation, isPast: Bool = false) {
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
    floor = isPast ? nil : signed.max()
    now = [situation.wall.map(Self.clamped), floor].compactMap { $0 }.max()
  }

  /// Bounded, so that no sum of instants and terms overflows.
  private static func clamped(_ instant: Int64) -> Int64 {
    min(max(instant, SealedLimits.instants.lowerBound), SealedLimits.instants.upperBound)
  }

  func select() -> Selection {
    line().map(selection(of:)) ?? .none(matter(nil, hasBegun: false, .utc))
  }

  private func selection(of line: LineID) -> Selection {
    switch pick(from: line) {
    case .noZone(let name): .cannotTell(.zone(name))
    case .begun(let license): judge(license, hasBegun: true)
    case .future(let license): judge(license, hasBegun: false)
    case nil: .none(matter(nil, hasBegun: false, .utc))
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

  /// The line to judge, nil without a license.
  func line() -> LineID? {
    if pool.count < 2 { return pool.first?.payload.line }
    let lines = Set(pool.map(\.payload.line))
    if lines.count < 2 { return lines.first }
    let named = namedLines(among: lines)
    return named.first(where: stands) ?? bestLine(among: lines, preferring: named)
  }

  /// The lines that the activation and the newest usage record name, in this order.
  private func namedLines(among lines: Set<LineID>) -> [LineID] {
    guard let standing = situation.standing else { return [] }
    var named: [LineID] = []
    if let activation = standing.activation { named.append(activation.payload.line) }
    if let record = standing.newestRecord {
      let license = (situation.licenses + standing.held).first { $0.payload.jti == record.license }
      if let license { named.append(license.payload.line) }
    }
    return named.filter(lines.contains)
  }

  /// Whether the installation stays on a line that it is on: unless use under it is denied by what
  /// neither time nor report cures.
  private func stands(_ line: LineID) -> Bool {
    switch selection(of: line) {
    case .none: false
    case .cannotTell: true
    case .judge(let matter): Rules.denials(in: matter).allSatisfy(Self.curable.contains)
    }
  }

  /// The line that a customer who has several means. One line alone is judged then as if it alone
  /// had been given, so having several allows nothing that one of them does not.
  private func bestLine(among lines: Set<LineID>, preferring named: [LineID]) -> LineID? {
    let ranked = lines.sorted().map { line in
      (
        line: line, answer: answer(of: line).rawValue, pick: pick(from: line),
        place: named.firstIndex(of: line) ?? named.count
      )
    }
    return ranked.max { left, right in
      if left.answer != right.answer { return left.answer < right.answer }
      if left.place != right.place { return left.place > right.place }
      let (hasBegun, otherHasBegun) = (left.pick?.hasBegun, right.pick?.hasBegun)
      if hasBegun != otherHasBegun { return otherHasBegun == true }
      // Of two issued at one instant the line that sorts first.
      return (left.pick?.issued ?? 0, right.line) < (right.pick?.issued ?? 0, left.line)
    }?.line
  }

  private func answer(of line: LineID) -> Answer {
    switch selection(of: line) {
    case .none: return .no
    case .cannotTell: return .cannotTell
    case .judge(let matter):
      let denials = Rules.denials(in: matter)
      if denials.isEmpty { return .yes }
      if denials == [.releaseUnknown] { return .releaseUnknown }
      return denials.isSubset(of: Self.curedByGateway) ? .awaitsGateway : .no
    }
  }

  /// The line that the verifier counts under: the one judged of what it holds alone.
  static func counted(in situation: Situation) -> (line: LineID, isUsable: Bool)? {
    var alone = situation
    alone.licenses = []
    let choice = Choice(alone)
    return choice.line().map { line in
      let answer = choice.answer(of: line)
      return (line, answer == .yes || answer == .releaseUnknown)
    }
  }

  private func pick(from line: LineID) -> Pick? {
    let licenses = LicenseLine.descending(pool, of: line).map(\.payload)
    if let begun = begun(of: licenses) { return begun }
    // A renewal laid in the place of the file in use: what it renews is held, and still in force.
    if !situation.licenses.isEmpty, !licenses.isEmpty, let standing = situation.standing,
      let begun = begun(of: LicenseLine.descending(standing.held, of: line).map(\.payload))
    {
      return begun
    }
    return licenses.min { left, right in
      (left.term?.from ?? .first, right.revision) < (right.term?.from ?? .first, left.revision)
    }.map { .future($0) }
  }

  /// The first that has begun, of the highest revision first; nil where none has.
  private func begun(of licenses: [License]) -> Pick? {
    for license in licenses {
      guard let term = license.term else { return .begun(license) }
      guard let zone = situation.zones[license.zone] else {
        // A day before it begins in any zone it need not be known which one it is.
        if let now, now < (term.from.daysSinceEpoch - 1) * 86_400 { continue }
        return .noZone(license.zone)
      }
      guard let now else { continue }
      if license.period(in: zone).phase(at: now) != .notYet { return .begun(license) }
    }
    return nil
  }
}
