package import Billing
internal import CivilTime
package import Licensing
package import Platform
internal import Reporting
internal import Sealing

/// Writes statements: reads what they rest on, computes, seals.
package struct StatementService: Sendable {
  let store: any LedgerStore
  let shelf: LicenseShelf
  private let clock: any WallClock
  /// Closes what is due first, nil where nothing can be sealed.
  private let closer: DateCloser?
  let seal: GatewaySeal?

  package init(store: any LedgerStore, shelf: LicenseShelf, clock: any WallClock) {
    self.init(store: store, shelf: shelf, clock: clock, closer: nil, seal: nil)
  }

  /// One that can seal, too.
  init(
    store: any LedgerStore, shelf: LicenseShelf, clock: any WallClock, closer: DateCloser?,
    seal: GatewaySeal?
  ) {
    self.store = store
    self.shelf = shelf
    self.clock = clock
    self.closer = closer
    self.seal = seal
  }

  /// The statement of the line to which a license belongs.
  /// - Throws: ``Problem`` `NOT_FOUND`.
  package func statement(of license: LicenseID, in month: Month) async throws -> Statement {
    try await statement(of: try await line(of: license), in: month)
  }

  /// The line to which a license belongs.
  /// - Throws: ``Problem`` `NOT_FOUND`.
  package func line(of license: LicenseID) async throws -> LineID {
    guard let stored = try await store.read({ try $0.license(license) }) else {
      throw Problem(.notFound, "license \(license) is not known here: publish it first")
    }
    return stored.line
  }

  /// The statement of a line as of now.
  /// - Throws: ``Problem`` `NOT_FOUND` for a line without licenses, `CONFLICT` where it cannot be
  ///   computed.
  package func statement(of line: LineID, in month: Month) async throws -> Statement {
    try await drafted(month, try await desk(for: line))
  }

  /// - Throws: ``Problem`` `CONFLICT` where it cannot be computed.
  func drafted(_ month: Month, _ desk: StatementDesk) async throws -> Statement {
    do {
      return try await store.read { try desk.draft(of: month, in: $0) }
    } catch let error as BillingError { throw Problem(.conflict, error.message) }
  }

  /// What computes a line's statements as of now, once what is due has been closed.
  func desk(for line: LineID) async throws -> StatementDesk {
    let terms = try await shelf.terms(of: line)
    _ = try Self.zone(of: line, terms)
    if let closer { try await Self.closeDue(of: line, closer) }
    return try desk(for: line, terms, asOf: try now())
  }

  /// The present.
  func now() throws -> Int64 { try clock.now() }

  /// What computes a line's statements, by what is known of it.
  /// - Throws: ``Problem``.
  func desk(for line: LineID, _ terms: LineTerms, asOf now: Int64) throws -> StatementDesk {
    StatementDesk(line: line, terms: terms, zone: try Self.zone(of: line, terms), now: now)
  }

  private static func zone(of line: LineID, _ terms: LineTerms) throws(Problem) -> Zone {
    guard !terms.licenses.isEmpty else {
      throw Problem(.notFound, "no license of line \(line) is known here: publish it first")
    }
    guard let zone = terms.zone else {
      throw Problem(
        .internalFault, "the time zone of line \(line) is not on this machine: install tzdata")
    }
    return zone
  }

  /// A gateway that may not seal at present still shows its statements: what it cannot close stays
  /// provisional.
  private static func closeDue(of line: LineID, _ closer: DateCloser) async throws {
    do { _ = try await closer.closeDue(of: line) } catch let problem as Problem {
      guard problem.code == .notReady else { throw problem }
    }
  }
}
