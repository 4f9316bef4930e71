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
    try draft(of: month, try ledger.installations(of: line), in: ledger)
  }

  /// The same, where the line's installations have been read.
  func draft(
    of month: Month, _ installations: [Installation], in ledger: any LedgerReading
  ) throws -> Statement {
    let quotes = try StatementQuotes(line, zone, in: ledger)
    let statement = try plain(month, installations, quotes, settled: nil, in: ledger)
    let newest = try ledger.newestFinalStatement(of: line, besides: month)
    guard let first = try firstLate(after: newest, in: ledger) else { return statement }
    let finals = try ledger.finalStatements(of: line).filter { $0.month != month }
      .map { try Self.open($0.jws) }
    let late = finals.filter { first <= $0.month.last }
    guard !late.isEmpty else { return statement }
    let present = try late.map {
      let settled = SettledMonth($0.month, in: finals)
      return try plain($0.month, installations, quotes, settled: settled, in: ledger)
    }
    var whole = try statement.adding(try Statement.corrections(of: finals, by: present))
    let entered = try quotes.entered(in: month, ledger)
    whole.decisions = quotes.quoted(entered, in: month, for: whole).map(\.jws)
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

  /// The first date of which something came after the newest final statement of all, which took in what had
  /// come before; nil where nothing did. Final statements that end before it cannot have been overtaken: for
  /// that, a record of their month, or of one that their month carries from, must come. What else changes, as a
  /// price, changes no bill that was final.
  private func firstLate(
    after newest: StoredStatement?, in ledger: any LedgerReading
  ) throws -> CivilDate? {
    guard let newest else { return nil }
    return try ledger.firstDate(of: line, after: try Self.open(newest.jws).position)
  }

  private func plain(
    _ month: Month, _ installations: [Installation], _ quotes: StatementQuotes,
    settled: SettledMonth?, in ledger: any LedgerReading
  ) throws -> Statement {
    var basis = try StatementBasis(
      month, terms, zone: zone, of: installations, asOf: now, settled: settled, in: ledger)
    let entered = try quotes.entered(in: month, ledger)
    basis.decisions = quotes.quoted(entered, in: month)
    var statement = try Statement.draft(from: basis)
    statement.decisions = quotes.quoted(entered, in: month, for: statement).map(\.jws)
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
