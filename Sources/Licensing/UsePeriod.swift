package import CivilTime

/// When a license may be used, in seconds of its zone.
package struct UsePeriod: Sendable, Equatable {
  /// The first second, nil where use begins at once.
  package let begins: Int64?
  /// The first second after the term, nil where there is no end.
  package let ends: Int64?
  /// The first second after the grace days; equals ``ends`` where there are none.
  package let graceEnds: Int64?

  /// Where an instant lies.
  package enum Phase: Sendable, Equatable {
    case notYet
    case running
    case grace
    case over
  }

  package func phase(at instant: Int64) -> Phase {
    if let begins, instant < begins { return .notYet }
    if let ends, instant >= ends {
      return instant < graceEnds ?? ends ? .grace : .over
    }
    return .running
  }
}

extension License {
  /// The period of use; `zone` must be the license's.
  package func period(in zone: Zone) -> UsePeriod {
    guard let term, let graceThrough else {
      return UsePeriod(begins: nil, ends: nil, graceEnds: nil)
    }
    let seconds = term.seconds(in: zone)
    let graceEnds = max(seconds.upperBound, zone.day(of: graceThrough).upperBound)
    return UsePeriod(
      begins: seconds.lowerBound, ends: seconds.upperBound, graceEnds: graceEnds)
  }

  /// The last date of grace, nil where the license has no term.
  package var graceThrough: CivilDate? {
    term.map { $0.through.adding(days: max(0, graceDays)) ?? .last }
  }

  /// Whether its term has begun on a date of its zone. Perpetual and community begin at once.
  package func hasBegun(on date: CivilDate) -> Bool {
    term.map { $0.from <= date } ?? true
  }
}
