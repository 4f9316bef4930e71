package import CivilTime
package import Licensing
package import Sealing
internal import StartupCheck

/// The license in force now, or the first to begin, of those that verify.
package struct CurrentLicense: Sendable {
  package let license: Verified<License>
  package let zone: Zone
  /// Whether an activation is needed and not there.
  package let needsActivation: Bool
}

extension ShelfContent {
  /// The newest receipt of this installation.
  package var newestReceipt: Receipt? {
    let own = dossier.standing?.ownInstallation
    let receipts = (dossier.standing?.receipts ?? []).map(\.payload)
    return receipts.filter { $0.installation == own }.max { left, right in
      left.iat == right.iat ? left.seq < right.seq : left.iat < right.iat
    }
  }
}

extension Surroundings {
  /// The line that the installation counts and reports under at an instant: the one that the verdict is
  /// about. Nil without a license.
  /// - Parameter isPast: whether the instant is that of a record, which belongs to the line of its own
  ///   time, though the known time be later.
  package func line(
    of content: ShelfContent, at instant: Int64?, isPast: Bool = false
  ) -> LineID? {
    guard let first = content.licenses.first?.payload.line else { return nil }
    if content.licenses.allSatisfy({ $0.payload.line == first }) { return first }
    return judgedLine(
      in: content.dossier.situation(running: running, wall: instant, zones: zones),
      isPast: isPast)
  }

  /// The license that the verdict of an instant is about; nil where none verifies.
  /// - Throws: ``VerifierError`` `ZONE_UNKNOWN`.
  package func current(
    of content: ShelfContent, at instant: Int64?
  ) throws(VerifierError) -> CurrentLicense? {
    guard let line = line(of: content, at: instant),
      let any = content.licenses.first(where: { $0.payload.line == line })
    else { return nil }
    let zone = try zone(of: any.payload)
    let date = instant.map { zone.date(at: $0) } ?? .first
    guard let license = content.license(on: date, of: line) else { return nil }
    return CurrentLicense(
      license: license, zone: zone,
      needsActivation: license.payload.activation == .required
        && !content.isActivated(for: line))
  }
}
