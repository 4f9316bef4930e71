internal import CivilTime
internal import Libcrypto
internal import Licensing
package import Platform
package import Reporting
internal import Sealing

/// Activates installations.
package struct ActivationService: Sendable {
  private let store: any LedgerStore
  private let trust: GatewayTrust
  private let seal: GatewaySeal
  private let shelf: LicenseShelf
  private let clock: any WallClock

  package init(
    store: any LedgerStore, trust: GatewayTrust, seal: GatewaySeal, shelf: LicenseShelf,
    clock: any WallClock
  ) {
    self.store = store
    self.trust = trust
    self.seal = seal
    self.shelf = shelf
    self.clock = clock
  }

  /// - Throws: ``Problem``.
  package func activate(_ request: ActivationRequest) async throws -> ActivationAnswer {
    let view = trust.view
    let now = try clock.now()
    let (license, enrolment, key) = try open(request, view)
    guard view.revoked[license.payload.jti] == nil else {
      throw Problem(
        .licenseRevoked,
        "license \(license.payload.jti) was revoked: ask the vendor for another")
    }
    let line = license.payload.line
    let terms = try await shelf.terms(of: line).adding(license, shelf)
    try LineTerms.requireSameLine(license.payload, as: terms.exemplars)
    try terms.requireZone()
    let inForce = terms.inForce(at: now)?.payload ?? license.payload
    guard view.revoked[inForce.jti] == nil else {
      throw Problem(
        .licenseRevoked,
        "license \(inForce.jti), which is in force for this line, was revoked: ask the vendor for "
          + "another")
    }
    let candidate = Installation(
      thumbprint: enrolment.kid, key: key, line: line, license: license.payload.jti,
      activatedAt: now, replaces: enrolment.payload.replaces)
    let desk = ActivationDesk(
      candidate: candidate, license: license, enrolment: enrolment.jws,
      inForce: inForce, seal: seal, now: now)
    let activation = try await store.change { try desk.serve(in: $0) }
    shelf.forget([line])
    let have = Holdings(revision: license.payload.revision)
    return ActivationAnswer(
      activation: activation,
      delivery: BackChannel.delivery(terms, holder: license.payload, view, have: have))
  }

  private func open(
    _ request: ActivationRequest, _ view: GatewayTrust.View
  ) throws(Problem) -> (Verified<License>, Verified<Enrolment>, PublicKey) {
    do throws(Refusal) {
      let (enrolment, key) = try InstallationSeal.openSelfSealed(
        Array(request.enrolment.utf8), as: Enrolment.self, using: LibcryptoProvider())
      let license = try view.set.open(Array(request.license.utf8), as: License.self)
      guard enrolment.payload.license == license.payload.jti else {
        throw Refusal.malformed("the enrolment is for another license than the one beside it")
      }
      return (license, enrolment, key)
    } catch { throw Problem(error) }
  }
}

extension LineTerms {
  /// These terms with one license more, if they do not hold it yet.
  func adding(_ license: Verified<License>, _ shelf: LicenseShelf) -> LineTerms {
    guard self.license(license.payload.jti) == nil else { return self }
    return LineTerms(
      line: line, licenses: licenses + [license], lapsed: lapsed, published: published,
      revoked: revoked,
      zone: zone ?? shelf.zone(named: license.payload.zone))
  }

  /// Holds what never changes within a line.
  /// - Throws: ``Problem`` `CONFLICT`.
  static func requireSameLine(_ license: License, as known: [License]) throws(Problem) {
    for other in known {
      guard other.sub == license.sub, other.product.isSameBytes(as: license.product),
        other.zone.isSameBytes(as: license.zone)
      else {
        throw Problem(
          .conflict,
          "license \(license.jti) differs from \(other.jti) of the same line in customer, product "
            + "or zone, which never change within a line")
      }
    }
  }
}
