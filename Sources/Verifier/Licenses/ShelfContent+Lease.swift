internal import Licensing
internal import Sealing
internal import StartupCheck

extension ShelfContent {
  /// The first second after the lease by what the installation holds; nil where its license has none.
  package func leaseEnds(under current: CurrentLicense?) -> Int64? {
    guard let license = current?.license.payload, let zone = current?.zone else { return nil }
    let own = dossier.standing?.ownInstallation
    let activation = self.activation?.payload
    let activated = activation.flatMap { activation in
      licenses.map(\.payload).first {
        $0.line == license.line && $0.revision == activation.revision
      }
    }
    let receipts = (dossier.standing?.receipts ?? []).map(\.payload)
    return Lease(
      of: license,
      begins: Lease.Begins(
        license: license.period(in: zone).begins,
        activated: activated?.period(in: zone).begins),
      activation: activation?.installation == own ? activation : nil,
      receipts: receipts.filter { $0.installation == own }
    )?.ends
  }
}
