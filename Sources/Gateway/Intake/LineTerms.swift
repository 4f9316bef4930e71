package import CivilTime
package import Licensing
import Reporting
package import Sealing

/// What is known of a line of licenses: each opened through the trust set.
package struct LineTerms: Sendable {
  package let line: LineID
  /// The lowest revision first.
  package let licenses: [Verified<License>]
  /// Those whose key was revoked since they were kept. They are worth nothing any more, but still say
  /// which customer, product and line an installation belongs to.
  package let lapsed: [LicenseID: License]
  /// Those that the vendor published.
  package let published: Set<LicenseID>
  /// When each revoked license was.
  package let revoked: [LicenseID: Int64]
  /// The zone of the licenses, nil where it is not on this machine.
  package let zone: Zone?
  /// The vendor's own word on the line.
  let vouched: [Verified<License>]
  /// Those that say what holds for the line: what the vendor published, and what was only shown as long
  /// as it lies below all of that. Else whoever steals a license key could govern another's line.
  private let governing: [Verified<License>]

  package init(
    line: LineID, licenses: [Verified<License>], lapsed: [LicenseID: License] = [:],
    published: Set<LicenseID>,
    revoked: [LicenseID: Int64], zone: Zone?
  ) {
    self.line = line
    self.licenses = licenses
    self.lapsed = lapsed
    self.published = published
    self.revoked = revoked
    self.zone = zone
    vouched = licenses.filter { published.contains($0.payload.jti) }
    let lowest = vouched.map(\.payload.revision).min()
    governing = licenses.filter { license in
      published.contains(license.payload.jti)
        || lowest.map { license.payload.revision < $0 } ?? true
    }
  }

  /// Those that a further license of the line must agree with: the published, else those shown.
  package var exemplars: [License] {
    (vouched.isEmpty ? licenses : vouched).map(\.payload)
  }

  /// Holds that dates can be told: without the zone no lease could be granted, and nobody would see why.
  /// - Throws: ``Problem`` `NOT_READY`.
  func requireZone() throws(Problem) {
    guard zone == nil, let license = exemplars.first else { return }
    throw Problem(
      .notReady,
      "the gateway's machine lacks the time zone \(license.zone): the vendor must install tzdata")
  }

  func license(_ id: LicenseID) -> License? {
    licenses.first { $0.payload.jti == id }?.payload
  }

  /// The revision of a license that verifies, nil where none of that name does.
  func revision(of id: LicenseID) -> Int64? {
    for index in licenses.indices where licenses[index].payload.jti == id {
      return licenses[index].payload.revision
    }
    return nil
  }

  /// The limit of a license that verifies, nil where it has none.
  func limit(of id: LicenseID) -> Int64? {
    for index in licenses.indices where licenses[index].payload.jti == id {
      return licenses[index].payload.collectors.limit
    }
    return nil
  }

  /// Whom a license was issued to, whether it still verifies or not.
  func holder(_ id: LicenseID) -> License? { license(id) ?? lapsed[id] }

  /// What must be said of usage on a date under a license, nil where nothing must.
  func remark(on date: CivilDate, under id: LicenseID) -> String? {
    guard let license = license(id) else { return LedgerFinding.Code.licenseUnknown.rawValue }
    if revoked[id] != nil { return FindingCode.licenseRevoked.rawValue }
    guard let term = license.term, let grace = license.graceThrough else { return nil }
    if date < term.from { return FindingCode.notYetValid.rawValue }
    if date <= term.through { return nil }
    return (date <= grace ? FindingCode.inGrace : FindingCode.expired).rawValue
  }

  /// The license in force at an instant, nil where none has begun. One that the vendor has not
  /// published counts only below those published.
  package func inForce(at instant: Int64) -> Verified<License>? {
    guard let zone else { return nil }
    return LicenseLine.inForce(governing, of: line, on: zone.date(at: instant))
  }

  /// The instant through which a lease may reach; nil while the license is neither in force nor in
  /// grace, is revoked, or has no lease.
  /// - Parameters:
  ///   - now: the time of the receipt.
  ///   - word: `at` of the newest record or sign of life.
  package func leaseThrough(at now: Int64, word: Int64) -> Int64? {
    guard let zone, let license = inForce(at: now)?.payload, revoked[license.jti] == nil,
      let hours = license.reporting.leaseHours
    else { return nil }
    switch license.period(in: zone).phase(at: now) {
    case .notYet, .over: return nil
    case .running, .grace: break
    }
    return Lease.through(gatewayTime: now, newestWord: word, hours: hours)
  }
}
