import CivilTime
import Licensing
import Sealing

/// Under which terms a date is billed. All but the first stand in lines of their own.
package enum BillingTerms: String, Sendable, CaseIterable {
  /// Within the license's term.
  case term
  /// After the term, within its days of grace.
  case grace
  /// After term and grace.
  case expired
  /// Under a revoked license.
  case revoked
  /// Before the term of any revision.
  case early
}

/// Which revision of a line prices a date.
///
/// Rules:
/// 1. It is the highest revision whose term has begun on the date, and none above the one that the
///    installation's record names: a revision holds where it was installed before the date closed.
/// 2. A revoked revision stays the one in force until a higher one begins.
/// 3. Where none has begun, the lowest revision prices the date.
struct PricePlan {
  /// What of a license prices a date: a copy of a whole one for each date takes longer than all the rest.
  struct Pricing {
    let id: LicenseID
    let revision: Int64
    let gaps: GapRule
    let price: Price?
    fileprivate let iat: Int64
    fileprivate let term: Term?
    fileprivate let graceThrough: CivilDate?

    fileprivate init(_ license: License) {
      id = license.jti
      revision = license.revision
      gaps = license.gaps
      price = license.price
      iat = license.iat
      term = license.term
      graceThrough = license.graceThrough
    }

    fileprivate func hasBegun(on date: CivilDate) -> Bool { term.map { $0.from <= date } ?? true }
  }

  /// The highest revision first.
  private let licenses: [Pricing]
  /// Those that are worth nothing any more as well: a date was once under them.
  private let known: [Pricing]
  private let zone: Zone
  /// The date of revocation by license.
  private let revoked: [LicenseID: CivilDate]

  /// - Parameters:
  ///   - licenses: of one line, in any order.
  ///   - lapsed: further ones, whose key was revoked since.
  ///   - revoked: when each revoked license was, in Unix seconds.
  /// - Throws: ``BillingError`` `NO_LICENSE`.
  init(
    _ licenses: [License], lapsed: [License] = [], revoked: [LicenseID: Int64], zone: Zone
  ) throws(BillingError) {
    guard !licenses.isEmpty else {
      throw BillingError(
        .noLicense, "no license of this line is known here: publish it to the gateway first")
    }
    self.licenses = Self.ordered(licenses)
    known = lapsed.isEmpty ? self.licenses : Self.ordered(licenses + lapsed)
    self.zone = zone
    self.revoked = revoked.mapValues { zone.date(at: $0) }
  }

  private static func ordered(_ licenses: [License]) -> [Pricing] {
    licenses.map(Pricing.init).sorted {
      ($0.revision, $0.iat, $0.id) > ($1.revision, $1.iat, $1.id)
    }
  }

  /// Whether a date is billed though nothing was reported of it: the line's license in force, installed
  /// or not, has its term or grace on it, by what is known now and by what had been issued by the
  /// date's end. A term that was sold later charges nothing for a silence before.
  func isRunning(on date: CivilDate) -> Bool {
    Self.covers(date, licenses.first { $0.hasBegun(on: date) })
      && Self.covers(
        date, known.first { $0.hasBegun(on: date) && zone.date(at: $0.iat) <= date })
  }

  private static func covers(_ date: CivilDate, _ license: Pricing?) -> Bool {
    guard let license else { return false }
    guard let graceThrough = license.graceThrough else { return true }
    return date <= graceThrough
  }

  /// A license that has priced a date before, and what the date is under it now.
  func settled(_ id: LicenseID, on date: CivilDate) -> (license: Pricing, terms: BillingTerms)? {
    known.first { $0.id == id }.map { ($0, terms(of: $0, on: date)) }
  }

  /// - Parameter installed: the revision that the installation's record names, nil where none is known.
  func license(
    on date: CivilDate, installed: Int64?
  ) -> (license: Pricing, terms: BillingTerms)? {
    func isKnown(_ license: Pricing) -> Bool { license.revision <= installed ?? Int64.max }
    let begun = licenses.first { isKnown($0) && $0.hasBegun(on: date) }
    guard let license = begun ?? licenses.last(where: isKnown) ?? licenses.last else { return nil }
    return (license, terms(of: license, on: date))
  }

  private func terms(of license: Pricing, on date: CivilDate) -> BillingTerms {
    if let since = revoked[license.id], since <= date { return .revoked }
    guard license.hasBegun(on: date) else { return .early }
    guard let term = license.term, let graceThrough = license.graceThrough, date > term.through
    else { return .term }
    return date <= graceThrough ? .grace : .expired
  }
}
