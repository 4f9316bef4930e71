package import Billing
internal import CivilTime
package import Licensing
package import Platform
internal import Reporting
internal import Sealing

/// Writes statements: reads what they rest on, computes, seals.
package struct StatementService: Sendable {
  let store: any LedgerStore
  private let shelf: LicenseShelf
  private let clock: any WallClock
  /// Closes what is due first, nil where nothing can be sealed.
  private let closer: DateCloser?

  package init(
    store: any LedgerStore, shelf: LicenseShelf, clock: any WallClock, closer: DateCloser? = nil
  ) {
    self.store = store
    self.shelf = shelf
    self.clock = clock
    self.closer = closer
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
    if let closer { try await Self.closeDue(of: line, closer) }
    let now = try clock.now()
    let basis = try await store.read { ledger in
      var basis = try StatementBasis(
        month, terms, zone: zone, of: try ledger.installations(of: line), asOf: now, in: ledger)
      try basis.quoteDecisions(of: line, in: ledger)
      return basis
    }
    do throws(BillingError) {
      return try Statement.draft(from: basis)
    } catch { throw Problem(.conflict, error.message) }
  }

  /// A gateway that may not seal at present still shows its statements: what it cannot close stays
  /// provisional.
  private static func closeDue(of line: LineID, _ closer: DateCloser) async throws {
    do { _ = try await closer.closeDue(of: line) } catch let problem as Problem {
      guard problem.code == .notReady else { throw problem }
    }
  }
}
