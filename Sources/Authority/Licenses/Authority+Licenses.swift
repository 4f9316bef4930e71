package import CivilTime
package import Libcrypto
package import Licensing
internal import Platform
package import Sealing

extension Authority {
  /// Issues the first license of a new line.
  /// - Parameter key: the key to sign with; nil takes the newest that may.
  /// - Throws: ``AuthorityError``; nothing has then been issued.
  package func issueLicense(
    _ order: LicenseOrder, key: Thumbprint? = nil, passphrase: Secret, why: String
  ) throws(AuthorityError) -> Verified<License> {
    let author = try author(why)
    let license = try planned(order, at: author.at)
    try Self.requireTerm(license)
    return try issue(
      license, as: .licenseIssue, with: key, passphrase: passphrase, by: author)
  }

  /// The license that an order comes to.
  func planned(_ order: LicenseOrder, at now: Int64) throws(AuthorityError) -> License {
    let keyset = try trust().keyset
    let customer = try registry.customer(order.customer)
    let ids = IdentifierMaker(random: random)
    let dates = try order.dates(today: try zone(order.zone).date(at: now))
    let isPerpetual = order.edition == .perpetual
    return License(
      iss: keyset.iss, jti: try ids.make(at: now), line: try ids.make(at: now),
      epoch: keyset.epoch, sub: customer.id, customer: customer.name, product: order.product,
      iat: now, edition: order.edition, zone: order.zone, term: isPerpetual ? nil : dates,
      maintenance: isPerpetual ? dates : nil, release: order.release,
      collectors: order.collectors, gaps: order.gaps, support: order.support,
      installations: order.installations, graceDays: order.graceDays, reporting: order.reporting,
      price: order.price, activation: order.activation, enforce: order.enforce)
  }

  /// Renews a line: everything stays but the dates, which are those of the term, or of a perpetual
  /// license's maintenance.
  /// - Parameters:
  ///   - end: how long, or through which date.
  ///   - basis: what the new dates begin after.
  /// - Throws: ``AuthorityError``; nothing has then been issued.
  package func renewLicense(
    _ line: LineID, end: TermEnd, basis: RenewalBasis, key: Thumbprint? = nil,
    passphrase: Secret, why: String
  ) throws(AuthorityError) -> Verified<License> {
    let author = try author(why)
    var license = try registry.newest(of: line).license
    guard let dates = license.term ?? license.maintenance else {
      throw AuthorityError(
        .inputInvalid,
        "line \(line) is a \(license.edition.rawValue) license: it has no dates to "
          + "renew")
    }
    let today = try zone(license.zone).date(at: author.at)
    let next = try Self.renewed(dates, end, basis, today: today)
    if license.term == nil { license.maintenance = next } else { license.term = next }
    let keyset = try trust().keyset
    let customer = try registry.customer(license.sub)
    license.jti = try IdentifierMaker(random: random).make(at: author.at)
    license.revision += 1
    license.leastEpoch = keyset.epoch
    license.iss = keyset.iss
    license.customer = customer.name
    license.iat = author.at
    try Self.requireTerm(license)
    return try issue(
      license, as: .licenseRenew, with: key, passphrase: passphrase, by: author)
  }

  /// Holds the shortest term that the edition sells.
  private static func requireTerm(_ license: License) throws(AuthorityError) {
    guard let shortfall = license.termShortfall else { return }
    throw AuthorityError(.inputInvalid, "\(shortfall); give --years 1 or more")
  }

  private static func renewed(
    _ dates: Term, _ end: TermEnd, _ basis: RenewalBasis, today: CivilDate
  ) throws(AuthorityError) -> Term {
    let next = dates.through.adding(days: 1) ?? .last
    let first =
      switch basis {
      case .fromEnd: next
      case .today: today
      case .later: max(next, today)
      }
    return try Term.from(first, to: end)
  }

  /// The file that the customer gets: every keyset that is needed, then the license.
  package func file(of license: Verified<License>) throws(AuthorityError) -> String {
    DocumentFile.text([license.jws], of: .license, keysets: try trust().chain)
  }

  /// The file of a license issued before.
  package func file(of id: LicenseID) throws(AuthorityError) -> String {
    DocumentFile.text(
      [try registry.license(id).jws], of: .license, keysets: try trust().chain)
  }

  /// A time zone of this machine.
  package func zone(_ name: String) throws(AuthorityError) -> Zone {
    do throws(PlatformError) { return try ZoneFiles.load(name) } catch {
      throw AuthorityError(error)
    }
  }
}
