import Billing
import CivilTime
import Licensing
import Reporting
import Sealing

/// Computes a line's statements from one state of the ledger.
struct StatementDesk: Sendable {
  let line: LineID
  let terms: LineTerms
  let zone: Zone
  let now: Int64

  /// The statement of a month as of now, with what final statements of other months must be corrected by.
  /// - Throws: `BillingError`, ``Problem``.
  func draft(of month: Month, in ledger: any LedgerReading) throws -> Statement {
    let installations = try ledger.installations(of: line)
    let finals = try ledger.finalStatements(of: line).filter { $0.month != month }
      .map { try Self.open($0.jws) }
    let late = try finals.filter { try isLate($0, in: ledger) }
    let statement = try plain(month, installations, in: ledger)
    guard !late.isEmpty else { return statement }
    let present = try late.map { try plain($0.month, installations, in: ledger) }
    return try statement.adding(try Statement.corrections(of: finals, by: present))
  }

  /// Whether a final statement can have been overtaken: a record of its month, or of one that its month
  /// carries from, came after it. What else changes, as a price, changes no bill that was final.
  private func isLate(_ final: Statement, in ledger: any LedgerReading) throws -> Bool {
    guard let first = try ledger.firstDate(of: line, after: final.position) else { return false }
    return first <= final.month.last
  }

  private func plain(
    _ month: Month, _ installations: [Installation], in ledger: any LedgerReading
  ) throws -> Statement {
    var basis = try StatementBasis(
      month, terms, zone: zone, of: installations, asOf: now, in: ledger)
    try basis.quoteDecisions(of: line, in: ledger)
    return try Statement.draft(from: basis)
  }

  /// Reads a statement that was sealed here before it was kept.
  static func open(_ jws: String) throws(Problem) -> Statement {
    do throws(Refusal) {
      return try Statement.parse(
        try UnverifiedDocument(Array(jws.utf8), as: Statement.kind).payload)
    } catch {
      throw Problem(
        .internalFault, "a final statement cannot be read: restore the ledger from a backup")
    }
  }
}
