package import CivilTime

/// From where a renewed term is counted.
package enum RenewalBasis: String, Sendable, CaseIterable {
  /// The day after the present term: nothing is lost by renewing early, or gained by renewing late.
  case fromEnd = "from-end"
  /// The day on which it is issued.
  case today
  /// The later of the two.
  case later
}

/// How long a term is to be.
package enum TermLength: Sendable, Hashable {
  case years(Int)
  case days(Int64)
}

extension Term {
  /// A term of that length; years end the day before the same month and day.
  /// - Returns: nil for a length below 1, and where it would leave the year 9999.
  package init?(from: CivilDate, length: TermLength) {
    let through: CivilDate? =
      switch length {
      case .years(let years): from.endOfTerm(years: years)
      case .days(let days) where days >= 1: from.adding(days: days - 1)
      case .days: nil
      }
    guard let through else { return nil }
    self.init(from: from, through: through)
  }

  /// The term that renews this one.
  /// - Returns: nil as ``init(from:length:)``.
  package func renewed(for length: TermLength, basis: RenewalBasis, today: CivilDate) -> Term? {
    guard let next = through.adding(days: 1) else { return nil }
    switch basis {
    case .fromEnd: return Term(from: next, length: length)
    case .today: return Term(from: today, length: length)
    case .later: return Term(from: max(next, today), length: length)
    }
  }
}
