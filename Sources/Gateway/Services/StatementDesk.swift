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
    let quotes = try StatementQuotes(line, zone, in: ledger)
    let statement = try plain(month, installations, quotes, settled: nil, in: ledger)
    let finals = try ledger.finalStatements(of: line).filter { $0.month != month }
      .map { try Self.open($0.jws) }
    let late = try late(finals, in: ledger)
    guard !late.isEmpty else { return statement }
    let present = try late.map {
      let settled = SettledMonth($0.month, in: finals)
      return try plain($0.month, installations, quotes, settled: settled, in: ledger)
    }
    var whole = try statement.adding(try Statement.corrections(of: finals, by: present))
    whole.decisions = try quotes.quoted(in: month, for: whole, ledger).map(\.jws)
    return whole
  }

  /// The lines of some months as if staff had decided something more; those of final statements as they come
  /// to now.
  /// - Throws: `BillingError`, ``Problem``.
  func lines(
    of months: [Month], with decision: QuotedDecision, in ledger: any LedgerReading
  ) throws -> [StatementLine] {
    let installations = try ledger.installations(of: line)
    let quotes = try StatementQuotes(line, zone, in: ledger).adding(decision)
    let finals = try ledger.finalStatements(of: line).map { try Self.open($0.jws) }
    return try months.flatMap { month in
      try plain(
        month, installations, quotes, settled: SettledMonth(month, in: finals), in: ledger
      ).lines
    }
  }

  /// The final statements that can have been overtaken: a record of their month, or of one that their
  /// month carries from, came after the newest of all, which took in what had come before. What else
  /// changes, as a price, changes no bill that was final.
  private func late(_ finals: [Statement], in ledger: any LedgerReading) throws -> [Statement] {
    guard let newest = finals.last,
      let first = try ledger.firstDate(of: line, after: newest.position)
    else { return [] }
    return finals.filter { first <= $0.month.last }
  }

  private func plain(
    _ month: Month, _ installations: [Installation], _ quotes: StatementQuotes,
    settled: SettledMonth?, in ledger: any LedgerReading
  ) throws -> Statement {
    var basis = try StatementBasis(
      month, terms, zone: zone, of: installations, asOf: now, settled: settled, in: ledger)
    basis.decisions = try quotes.quoted(in: month, ledger)
    var statement = try Statement.draft(from: basis)
    statement.decisions = try quotes.quoted(in: month, for: statement, ledger).map(\.jws)
    return statement
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
