package import Billing
internal import CivilTime
package import Licensing
package import Platform
internal import Reporting
internal import Sealing

/// Writes statements: reads what they rest on, computes, seals.
package struct StatementService: Sendable {
  private let store: any LedgerStore
  private let shelf: LicenseShelf
  private let clock: any WallClock

  package init(store: any LedgerStore, shelf: LicenseShelf, clock: any WallClock) {
    self.store = store
    self.shelf = shelf
    self.clock = clock
  }

  /// The statement of the line to which a license belongs.
  /// - Throws: ``Problem`` `NOT_FOUND`.
  package func statement(of license: LicenseID, in month: Month) async throws -> Statement {
    guard let stored = try await store.read({ try $0.license(license) }) else {
      throw Problem(.notFound, "license \(license) is not known here: publish it first")
    }
    return try await statement(of: stored.line, in: month)
  }

  /// The statement of a line as of now.
  /// - Throws: ``Problem`` `NOT_FOUND` for a line without licenses, `CONFLICT` where it cannot be
  ///   computed.
  package func statement(of line: LineID, in month: Month) async throws -> Statement {
    let terms = try await shelf.terms(of: line)
    guard !terms.licenses.isEmpty else {
      throw Problem(.notFound, "no license of line \(line) is known here: publish it first")
    }
    guard let zone = terms.zone else {
      throw Problem(
        .internalFault, "the time zone of line \(line) is not on this machine: install tzdata")
    }
    let now = try clock.now()
    let basis = try await store.read { ledger in
      let installations = try ledger.installations(of: line)
      return StatementBasis(
        month: month, zone: zone, asOf: now, position: try ledger.position(),
        licenses: terms.licenses.map(\.payload), revoked: terms.revoked,
        installations: installations.map(BilledInstallation.init),
        entries: try installations.flatMap { installation in
          try ledger.usageHistory(of: installation.thumbprint, before: month.first)
            + ledger.usage(
              of: installation.thumbprint, from: month.first, through: month.last)
        })
    }
    do throws(BillingError) {
      return try Statement.draft(from: basis)
    } catch { throw Problem(.conflict, error.message) }
  }
}

extension BilledInstallation {
  init(_ installation: Installation) {
    self.init(
      thumbprint: installation.thumbprint, activatedAt: installation.activatedAt,
      replaces: installation.replaces, replacedAt: installation.replacedAt)
  }
}
