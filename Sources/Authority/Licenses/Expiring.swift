package import CivilTime
package import Licensing
package import Sealing

/// Something of a line that ends soon, and that nothing of the line takes up.
package struct Expiring: Sendable, Equatable {
  package enum What: String, Sendable, CaseIterable {
    case term
    /// The term is over, its grace days are not.
    case grace
    case maintenance

    package var words: BilingualText {
      let chinese =
        switch self {
        case .term: "期限"
        case .grace: "宽限期"
        case .maintenance: "维保"
        }
      return BilingualText(rawValue, chinese)
    }
  }

  package let issued: IssuedLicense
  package let what: What
  /// The last date.
  package let through: CivilDate
  /// Days from today through that date; 0 on the last one.
  package let days: Int64

  package var json: JSONValue {
    [
      "what": .string(what.rawValue), "through": .string(through.description),
      "days": .integer(days), "kid": issued.kid.json, "license": issued.license.json,
    ]
  }
}

extension LineHistory {
  /// What ends within so many days, nil if nothing does.
  ///
  /// Looked at is what is in force, and what follows it without a gap: a line renewed early does not
  /// end with its present term. What is over already does not end soon.
  package func expiring(within window: Int64) -> Expiring? {
    guard let last = lastOfRun(), let span = last.license.span else { return nil }
    let isTerm = last.license.term != nil
    let grace = last.license.graceThrough
    let found: (Expiring.What, CivilDate)? =
      if span.through >= today {
        (isTerm ? .term : .maintenance, span.through)
      } else if isTerm, let grace, grace >= today {
        (.grace, grace)
      } else {
        nil
      }
    guard let (what, through) = found, today.days(until: through) <= window else { return nil }
    return Expiring(issued: last, what: what, through: through, days: today.days(until: through))
  }

  /// The last of the revisions that follow one another without a gap, from the one in force on.
  private func lastOfRun() -> IssuedLicense? {
    guard var last = live.first, standing(of: last) == .inForce else { return nil }
    for next in live.dropFirst() {
      guard let end = last.license.span?.through, let from = next.license.term?.from,
        from <= end.adding(days: 1) ?? .last
      else { break }
      last = next
    }
    return last
  }
}
