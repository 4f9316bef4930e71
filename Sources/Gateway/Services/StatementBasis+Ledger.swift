internal import Billing
internal import CivilTime
internal import Licensing
internal import Sealing

extension StatementBasis {
  /// Reads what a statement rests on.
  /// - Parameters:
  ///   - installations: those of the line that matter; all of them for a statement.
  ///   - settled: what final statements billed for the month.
  init(
    _ month: Month, _ terms: LineTerms, zone: Zone, of installations: [Installation],
    asOf now: Int64, settled: SettledMonth? = nil, in ledger: any LedgerReading
  ) throws {
    self.init(
      month: month, zone: zone, asOf: now, position: try ledger.position(),
      licenses: terms.licenses.map(\.payload), revoked: terms.revoked,
      installations: installations.map(BilledInstallation.init),
      entries: try installations.flatMap { installation in
        try ledger.usageHistory(of: installation.thumbprint, before: month.first)
          + ledger.usage(of: installation.thumbprint, from: month.first, through: month.last)
      })
    self.settled = settled
    // What was only shown never counts again, unless a bill that both sides settled rests on it.
    let billed = settled?.licenses ?? []
    lapsed = terms.lapsed.values.filter {
      terms.published.contains($0.jti) || billed.contains($0.jti)
    }
  }
}

extension BilledInstallation {
  init(_ installation: Installation) {
    self.init(
      thumbprint: installation.thumbprint, activatedAt: installation.activatedAt,
      replaces: installation.replaces, replacedAt: installation.replacedAt,
      releasedAt: installation.releasedAt)
  }
}
