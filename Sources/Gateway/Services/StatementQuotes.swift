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
/// 3. Each once, in the order of the ledger.
struct StatementQuotes {
  private struct Stored {
    let position: Int64
    let quote: QuotedDecision
  }

  private let line: LineID
  private let zone: Zone
  /// What staff decided about bills, in order.
  private var bills: [Stored]

  init(_ line: LineID, _ zone: Zone, in ledger: any LedgerReading) throws {
    self.line = line
    self.zone = zone
    bills = try ledger.decisions(of: line).map(Self.open).filter {
      $0.quote.decision.billChange != nil
    }
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

  /// What the statement of a month quotes.
  func quoted(
    in month: Month, by corrections: [StatementCorrection] = [], _ ledger: any LedgerReading
  ) throws -> [QuotedDecision] {
    let instants =
      zone.day(of: month.first).lowerBound..<zone.day(of: month.last).upperBound
    var quoted = try ledger.decisions(
      of: line, between: instants, dates: month.first...month.last
    ).map(Self.open).filter { $0.quote.decision.isOfStaff }
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
    return quoted.sorted { $0.position < $1.position }.map(\.quote)
  }
}
