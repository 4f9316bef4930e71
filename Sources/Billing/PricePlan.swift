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
  /// The highest revision first.
  private let licenses: [License]
  /// Those that are worth nothing any more as well: a date was once under them.
  private let known: [License]
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
    known = Self.ordered(licenses + lapsed)
    self.zone = zone
    self.revoked = revoked.mapValues { zone.date(at: $0) }
  }

  private static func ordered(_ licenses: [License]) -> [License] {
    licenses.sorted { ($0.revision, $0.iat, $0.jti) > ($1.revision, $1.iat, $1.jti) }
  }

  /// Whether a date is billed though nothing was reported of it: the line's license in force, installed
  /// or not, has its term or grace on it, by what is known now and by what had been issued by the
  /// date's end. A term that was sold later charges nothing for a silence before.
  func isRunning(on date: CivilDate) -> Bool {
    Self.covers(date, licenses.first { $0.hasBegun(on: date) })
      && Self.covers(
        date, known.first { $0.hasBegun(on: date) && zone.date(at: $0.iat) <= date })
  }

  private static func covers(_ date: CivilDate, _ license: License?) -> Bool {
    guard let license else { return false }
    guard let graceThrough = license.graceThrough else { return true }
    return date <= graceThrough
  }

  /// A license that has priced a date before, and what the date is under it now.
  func settled(_ id: LicenseID, on date: CivilDate) -> (license: License, terms: BillingTerms)? {
    known.first { $0.jti == id }.map { ($0, terms(of: $0, on: date)) }
  }

  /// - Parameter installed: the revision that the installation's record names, nil where none is known.
  func license(
    on date: CivilDate, installed: Int64?
  ) -> (license: License, terms: BillingTerms)? {
    let known = licenses.filter { $0.revision <= installed ?? Int64.max }
    let begun = known.first { $0.hasBegun(on: date) }
    guard let license = begun ?? known.last ?? licenses.last else { return nil }
    return (license, terms(of: license, on: date))
  }

  private func terms(of license: License, on date: CivilDate) -> BillingTerms {
    if let since = revoked[license.jti], since <= date { return .revoked }
    guard license.hasBegun(on: date) else { return .early }
    guard let term = license.term, let graceThrough = license.graceThrough, date > term.through
    else { return .term }
    return date <= graceThrough ? .grace : .expired
  }
}
