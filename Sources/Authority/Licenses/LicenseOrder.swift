package import CivilTime
package import Licensing

/// Where a term ends.
package enum TermEnd: Sendable, Hashable {
  case length(TermLength)
  /// The last date, included.
  case through(CivilDate)
}

/// A license that is to be issued; what the registry knows itself is not in it.
package struct LicenseOrder: Sendable {
  package var edition: Edition
  package var customer: CustomerID
  package var product: String
  /// The IANA zone of all its dates.
  package var zone: String
  /// The first date of the term, or of a perpetual license's maintenance; nil for today in the
  /// zone.
  package var from: CivilDate?
  /// Required, but for community licenses, which have no dates.
  package var end: TermEnd?
  /// The version that a perpetual license covers for ever.
  package var release: String?
  package var collectors: Collectors
  package var gaps: GapRule?
  package var support: String
  package var installations: Int64
  package var graceDays: Int64
  package var reporting: Reporting
  package var price: Price?
  package var activation: ActivationRule?
  package var enforce: Enforcement

  package init(
    edition: Edition, customer: CustomerID, product: String, zone: String,
    from: CivilDate? = nil, end: TermEnd? = nil, release: String? = nil,
    collectors: Collectors = Collectors(), gaps: GapRule? = nil, support: String = "5x8",
    installations: Int64 = 1, graceDays: Int64 = 0, reporting: Reporting = Reporting(),
    price: Price? = nil, activation: ActivationRule? = nil, enforce: Enforcement = .start
  ) {
    self.edition = edition
    self.customer = customer
    self.product = product
    self.zone = zone
    self.from = from
    self.end = end
    self.release = release
    self.collectors = collectors
    self.gaps = gaps
    self.support = support
    self.installations = installations
    self.graceDays = graceDays
    self.reporting = reporting
    self.price = price
    self.activation = activation
    self.enforce = enforce
  }

  /// The dates, counted from today where no first one is given.
  /// - Throws: ``AuthorityError`` `INPUT_INVALID`.
  func dates(today: CivilDate) throws(AuthorityError) -> Term? {
    guard let end else {
      guard edition == .community, from == nil else {
        throw AuthorityError(
          .inputInvalid,
          "a \(edition.rawValue) license needs the end of its dates, a community "
            + "license has no dates")
      }
      return nil
    }
    guard edition != .community else {
      throw AuthorityError(.inputInvalid, "a community license has no dates")
    }
    return try Term.from(from ?? today, to: end)
  }
}

extension Term {
  /// - Throws: ``AuthorityError`` `INPUT_INVALID`.
  static func from(_ first: CivilDate, to end: TermEnd) throws(AuthorityError) -> Term {
    let term =
      switch end {
      case .length(let length): Term(from: first, length: length)
      case .through(let last): Term(from: first, through: last)
      }
    guard let term else {
      throw AuthorityError(
        .inputInvalid, "a term from \(first) must end on that date or later, and before 10000")
    }
    return term
  }
}
