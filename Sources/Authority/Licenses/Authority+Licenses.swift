package import CivilTime
package import Libcrypto
package import Licensing
internal import Platform
package import Sealing

extension Authority {
  /// The first license of a new line as it would be issued.
  /// - Throws: ``AuthorityError`` `INPUT_INVALID`, `NOT_FOUND`.
  package func draft(_ order: LicenseOrder) throws(AuthorityError) -> LicenseDraft {
    let now = try now()
    let license = try planned(order, at: now)
    try Self.requireTerm(license)
    let zone = try zone(license.zone)
    try Self.requireDays(license, in: zone)
    let today = zone.date(at: now)
    return LicenseDraft(
      license: license, previous: nil,
      questions: try license.questions(today: today).map { IssuingQuestion($0) }
        + registryQuestions(about: license, changing: nil)
        + lineQuestions(about: license, at: now),
      remarks: [],
      action: .licenseIssue)
  }

  /// Issues the first license of a new line.
  /// - Parameters:
  ///   - key: the key to sign with; nil takes the newest that may.
  ///   - confirmed: whether what is unusual about it is meant.
  /// - Throws: ``AuthorityError``, `QUESTIONS_OPEN` among them; nothing has then been issued.
  package func issueLicense(
    _ order: LicenseOrder, key: Thumbprint? = nil, passphrase: Secret, confirmed: Bool = false,
    why: String
  ) throws(AuthorityError) -> Verified<License> {
    try issue(draft(order), with: key, passphrase: passphrase, confirmed: confirmed, why: why)
  }

  /// The license that an order comes to.
  func planned(_ order: LicenseOrder, at now: Int64) throws(AuthorityError) -> License {
    let keyset = try trust().keyset
    try Self.requireZoneName(order.zone)
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

  /// Holds that a zone for new licenses is a place of the IANA database that this machine has.
  /// - Throws: ``AuthorityError`` `INPUT_INVALID` with the name that may be meant.
  private static func requireZoneName(_ name: String) throws(AuthorityError) {
    guard name != "Factory" else {
      throw AuthorityError(
        .inputInvalid,
        "Factory is the database's stand-in for a zone that was never set: give a name such as "
          + "Asia/Shanghai")
    }
    do throws(PlatformError) { _ = try ZoneFiles.load(name) } catch {
      guard ZoneFiles.isInstalled else { throw AuthorityError(error) }
      let meant = ZoneFiles.alike(name).map { "\($0) differs from it in capitals alone" }
      throw AuthorityError(
        .inputInvalid,
        "\(name.prefix(64)) is no name of the IANA database: "
          + (meant ?? "give one such as Asia/Shanghai; \"timedatectl list-timezones\" names them"))
    }
  }

  /// Holds that the first and the last date are dates of the zone: a few zones have skipped one.
  /// - Throws: ``AuthorityError`` `INPUT_INVALID`.
  static func requireDays(_ license: License, in zone: Zone) throws(AuthorityError) {
    guard let span = license.span else { return }
    for date in [span.from, span.through] where zone.day(of: date).isEmpty {
      throw AuthorityError(
        .inputInvalid,
        "\(zone.name) had no \(date), it went over to the other side of the date line: give the date "
          + "before or after")
    }
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
