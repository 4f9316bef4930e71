package import CivilTime
package import Licensing

/// The revisions of one line, seen on one date of its zone.
///
/// Rules:
/// 1. In force is the highest revision that has begun, a revoked one as well (``LicenseLine``).
/// 2. Upcoming is a higher one that will be in force on a later date: no revision above it begins
///    as early.
/// 3. A reissue of several revisions that was broken off leaves some of them hidden behind the
///    copies of earlier ones; they are ``interrupted`` until they have their own copies.
package struct LineHistory: Sendable {
  package enum Standing: String, Sendable, CaseIterable {
    case inForce = "in force"
    case upcoming
    /// In force, and over with its grace days.
    case ended
    case superseded
    /// Hidden by a reissue that was broken off, see rule 3.
    case interrupted
    case revoked

    package var words: BilingualText {
      let chinese =
        switch self {
        case .inForce: "生效中"
        case .upcoming: "尚未开始"
        case .ended: "已结束"
        case .superseded: "已被取代"
        case .interrupted: "重签中断"
        case .revoked: "已吊销"
        }
      return BilingualText(rawValue, chinese)
    }
  }

  /// The lowest first.
  package let revisions: [IssuedLicense]
  package let today: CivilDate

  /// - Parameter revisions: of one line, in any order.
  package init(_ revisions: [IssuedLicense], today: CivilDate) {
    self.revisions = revisions.sorted { $0.license.revision < $1.license.revision }
    self.today = today
  }

  /// The highest revision, whenever it begins.
  package var newest: IssuedLicense? { revisions.last }

  /// The highest revision that has begun.
  package var inForce: IssuedLicense? {
    revisions.last { $0.license.hasBegun(on: today) }
  }

  /// Those that will be in force on a later date, the lowest first, revoked ones among them.
  package var upcoming: [IssuedLicense] { Self.upcoming(among: revisions, today: today) }

  private static func upcoming(
    among revisions: [IssuedLicense], today: CivilDate
  ) -> [IssuedLicense] {
    var found: [IssuedLicense] = []
    for issued in revisions.reversed() {
      guard !issued.license.hasBegun(on: today), let first = issued.license.term?.from else {
        break
      }
      if let earliest = found.last?.license.term?.from, earliest <= first { continue }
      found.append(issued)
    }
    return found.reversed()
  }

  package func standing(of issued: IssuedLicense) -> Standing {
    if issued.state == .revoked { return .revoked }
    if issued == inForce { return issued.license.isOver(on: today) ? .ended : .inForce }
    if upcoming.contains(issued) { return .upcoming }
    return interrupted.contains(issued) ? .interrupted : .superseded
  }

  /// Those that somebody uses or will use: in force or upcoming, neither over nor revoked.
  package var live: [IssuedLicense] {
    revisions.filter {
      switch standing(of: $0) {
      case .inForce, .upcoming: true
      case .ended, .superseded, .interrupted, .revoked: false
      }
    }
  }

  /// Those that a reissue has hidden and not brought back yet, the lowest first.
  package var interrupted: [IssuedLicense] {
    // Each copy takes the place of what it was copied from.
    var places: [(origin: IssuedLicense, newest: IssuedLicense)] = []
    for issued in revisions {
      if issued.action == .licenseReissue,
        let place = places.lastIndex(where: { $0.newest.license.sells(as: issued.license) })
      {
        places[place].newest = issued
      } else {
        places.append((issued, issued))
      }
    }
    let meant = Self.upcoming(among: places.map(\.newest), today: today)
    let real = upcoming
    return meant.filter { $0.state == .issued && !real.contains($0) }
      .sorted { $0.license.revision < $1.license.revision }
  }
}

extension License {
  /// Whether the term and its grace days have passed. Perpetual and community never are over.
  package func isOver(on date: CivilDate) -> Bool {
    graceThrough.map { $0 < date } ?? false
  }

  /// Whether two revisions say the same but for what every issuing sets anew.
  package func sells(as other: License) -> Bool {
    var copy = other
    copy.jti = jti
    copy.revision = revision
    copy.iat = iat
    copy.leastEpoch = leastEpoch
    copy.iss = iss
    copy.customer = customer
    return copy == self
  }
}
