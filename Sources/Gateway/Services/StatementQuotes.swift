import Billing
import CivilTime
import Licensing
import Reporting
import Sealing

/// Which decisions of a line's ledger a statement quotes.
///
/// Rules:
/// 1. Those that staff entered in its month, whatever they are about, and what staff closed of its dates.
/// 2. Those about bills of its dates, and of the dates that it corrects, whenever they were entered: lines and
///    corrections rest on them.
/// 3. That a seat was freed, in each statement with a line or a correction of that installation: from then
///    on no date without a record is expected of it, which whoever recounts must know.
/// 4. Each once, in the order of the ledger.
struct StatementQuotes {
  /// A decision and its place in the ledger.
  struct Stored {
    let position: Int64
    let quote: QuotedDecision
  }

  private let line: LineID
  private let zone: Zone
  /// What staff decided about bills, in order.
  private var bills: [Stored]
  /// When they freed seats.
  private let releases: [Stored]

  init(_ line: LineID, _ zone: Zone, in ledger: any LedgerReading) throws {
    self.line = line
    self.zone = zone
    let all = try ledger.decisions(of: line).map(Self.open)
    bills = all.filter { $0.quote.decision.billChange != nil }
    releases = all.filter { $0.quote.decision.matter == .release }
  }

  private static func open(_ stored: StoredDecision) throws(Problem) -> Stored {
    do throws(Refusal) {
      return Stored(position: stored.position, quote: try QuotedDecision(stored.jws))
    } catch {
      throw Problem(
        .internalFault,
        "the decision at position \(stored.position) cannot be read: restore the ledger from a "
          + "backup")
    }
  }

  /// The same with a decision that is not entered yet.
  func adding(_ decision: QuotedDecision) -> StatementQuotes {
    var quotes = self
    quotes.bills.append(Stored(position: .max, quote: decision))
    return quotes
  }

  /// What staff entered in a month, and what they closed of its dates.
  func entered(in month: Month, _ ledger: any LedgerReading) throws -> [Stored] {
    let instants =
      zone.day(of: month.first).lowerBound..<zone.day(of: month.last).upperBound
    return try ledger.decisions(
      of: line, between: instants, dates: month.first...month.last
    ).map(Self.open).filter { $0.quote.decision.isOfStaff }
  }

  /// What the statement of a month quotes.
  /// - Parameters:
  ///   - entered: what was in the month.
  ///   - statement: its lines and corrections, nil before they are computed, which rests on what is decided
  ///     about bills alone.
  func quoted(
    _ entered: [Stored], in month: Month, for statement: Statement? = nil
  ) -> [QuotedDecision] {
    var quoted = entered
    guard !(quoted.isEmpty && bills.isEmpty && releases.isEmpty) else { return [] }
    let corrections = statement?.corrections ?? []
    var known = Set(quoted.map(\.position))
    let corrected = Dictionary(grouping: corrections, by: \.installation)
    for stored in bills {
      let decision = stored.quote.decision
      guard let change = decision.billChange,
        change.touches(month.first, month.last)
          || corrected[decision.installation]?.contains(where: { change.covers($0.date) }) == true,
        known.insert(stored.position).inserted
      else { continue }
      quoted.append(stored)
    }
    let billed = Set(
      (statement?.lines ?? []).map(\.installation) + corrections.map(\.installation))
    quoted += releases.filter {
      billed.contains($0.quote.decision.installation) && known.insert($0.position).inserted
    }
    return quoted.sorted { $0.position < $1.position }.map(\.quote)
  }
}
