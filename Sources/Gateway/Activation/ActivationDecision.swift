package import Billing
package import Reporting
import Sealing

/// What becomes of an enrolment.
///
/// Rules, in this order:
/// 1. A key that is activated under this line gets its stored activation, whatever else it asks for; one
///    that is activated under another line is refused.
/// 2. To take another's place, that one must hold a seat of the same line, and must not itself have taken
///    a place within the last 30 days.
/// 3. Staff can permit what rule 2 refuses, but for another line; where that one holds no seat any more,
///    one must be free.
/// 4. Otherwise a seat must be free.
package enum ActivationDecision: Sendable {
  case stored
  case admit
  /// Admit in place of that one.
  case replace(InstallationState)
  /// Admit as the successor of that one, whose seat is gone already.
  case succeed(InstallationState)
  case refuse(Problem)

  /// How long after a replacement the next one is not automatic, in seconds.
  static let interval: Int64 = 30 * 86_400

  /// - Parameters:
  ///   - known: the enrolling key's own installation, if it has one.
  ///   - old: the installation to be replaced, nil where it is not known.
  ///   - permit: what staff decided about the one to be replaced, nil where nothing stands.
  ///   - seats: how many installations the license allows; `taken` of them are.
  package static func decide(
    _ candidate: Installation, known: Installation?, old: InstallationState?,
    permit: ReplacementPermit? = nil, seats: Int64, taken: Int64, now: Int64
  ) -> ActivationDecision {
    if let known {
      guard known.line != candidate.line else { return .stored }
      return .refuse(
        Problem(
          .conflict,
          "this installation is activated under \(known.line): one installation "
            + "serves one line; start another for \(candidate.line)"))
    }
    let isFree = taken < seats
    if candidate.replaces != nil {
      let isPermitted = permit?.allows(candidate.thumbprint, at: now) ?? false
      if isPermitted, let old, old.installation.line == candidate.line {
        if old.installation.holdsSeat { return .replace(old) }
        return isFree ? .succeed(old) : noSeat(seats)
      }
      return decideReplacement(candidate, old, now)
    }
    return isFree ? .admit : noSeat(seats)
  }

  private static func noSeat(_ seats: Int64) -> ActivationDecision {
    .refuse(
      Problem(
        .noSeat,
        "all \(seats) installations of this license are activated: replace one "
          + "(activate --replace), or ask the vendor for more",
        facts: [JSONMember("installations", .integer(seats))]))
  }

  private static func decideReplacement(
    _ candidate: Installation, _ old: InstallationState?, _ now: Int64
  ) -> ActivationDecision {
    guard let old, old.installation.line == candidate.line, old.installation.holdsSeat else {
      return refuse("the installation to be replaced holds no seat of this license")
    }
    let installation = old.installation
    guard installation.replaces == nil || now - installation.activatedAt >= interval else {
      return refuse("it took another's place less than 30 days ago")
    }
    return .replace(old)
  }

  private static func refuse(_ reason: String) -> ActivationDecision {
    .refuse(Problem(.replaceNotAllowed, "\(reason): ask the vendor, whose staff can decide"))
  }
}
