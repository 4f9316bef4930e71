package import CivilTime
package import Licensing
internal import Platform
internal import Sealing
internal import StartupCheck

/// The license that counting and reporting go on under: the one in force or, where none that is held
/// verifies any more, the one that was counted under last.
///
/// It verified when it was stored, and still says which line the installation is of, how and to whom it
/// reports, and in which zone dates are told. It allows nothing: the verdict rests on what verifies.
package struct WorkingLicense: Sendable {
  package let payload: License
  /// As it came.
  package let jws: String
  package let zone: Zone
  /// Whether an activation is needed and not there.
  package let needsActivation: Bool
  /// Whether it verifies; else its key was revoked, or fell out of trust.
  package let isTrusted: Bool
}

extension Surroundings {
  /// The license that counting and reporting go on under at an instant; nil where none is held that can
  /// be read.
  /// - Throws: ``VerifierError`` `ZONE_UNKNOWN`.
  package func working(
    of content: ShelfContent, at instant: Int64?
  ) throws(VerifierError) -> WorkingLicense? {
    if let current = try current(of: content, at: instant) {
      return WorkingLicense(
        payload: current.license.payload, jws: current.license.jws, zone: current.zone,
        needsActivation: current.needsActivation, isTrusted: true)
    }
    guard let last = content.lastCounted else { return nil }
    return WorkingLicense(
      payload: last.payload, jws: last.jws, zone: try zone(of: last.payload),
      needsActivation: last.payload.activation == .required
        && !content.isActivated(for: last.payload.line), isTrusted: false)
  }

  /// - Throws: ``VerifierError`` `ZONE_UNKNOWN`.
  func zone(of license: License) throws(VerifierError) -> Zone {
    do throws(PlatformError) { return try zones(license.zone) } catch {
      throw VerifierError(error)
    }
  }
}

extension ShelfContent {
  /// Whether the activation at hand is this installation's, for a line.
  func isActivated(for line: LineID) -> Bool {
    activation?.payload.line == line
      && activation?.payload.installation == dossier.standing?.ownInstallation
  }
}
