package import CivilTime
package import Licensing
package import Sealing

/// What a final statement billed otherwise than the date comes to now: a later statement makes it good.
package struct StatementCorrection: Sendable, Equatable {
  package var installation: Thumbprint
  /// A date of a month whose statement is final.
  package var date: CivilDate
  /// What the date rests on now.
  package var basis: StatementLine.Basis
  package var seq: Int64?
  /// The license that prices the date now; where it has no line any more, the one that did last.
  package var license: LicenseID
  package var revision: Int64
  /// Collectors billed so far, by the final statement and the corrections since.
  package var was: Int64
  /// Collectors that the date comes to now.
  package var now: Int64
  /// The installation that bills the date in place of this one now.
  package var yieldsTo: Thumbprint?
  /// How staff changed what the date bills now, nil where nothing stands; the decision is quoted.
  package var decided: StatementLine.Decided?
  /// What is charged more or given back, nil where neither was priced.
  package var charge: Charge?

  package struct Charge: Sendable, Equatable {
    package var currency: String
    /// Minor units; below zero what is given back.
    package var amount: Int64
  }

  /// Collector-days billed more, or fewer.
  package var quantity: Int64 { now - was }
}

extension Statement {
  /// What the final statements of a line must be corrected by.
  ///
  /// Each date is compared with what was billed for it so far: its final line, and the corrections of all
  /// final statements since. What differs in quantity or amount is a correction, one for each currency.
  /// - Parameters:
  ///   - finals: every final statement of the line but the one of the month that is being made.
  ///   - present: months of theirs computed anew; the others are left as they were billed.
  /// - Throws: ``BillingError`` `AMOUNT_TOO_LARGE`.
  package static func corrections(
    of finals: [Statement], by present: [Statement]
  ) throws(BillingError) -> [StatementCorrection] {
    let months = Set(present.map(\.month)).intersection(finals.map(\.month))
    var billed: [BilledDate: BilledSum] = [:]
    for final in finals {
      for line in final.lines where months.contains(final.month) {
        try billed[line.billedDate, default: BilledSum()].add(line)
      }
      for correction in final.corrections where months.contains(Month(of: correction.date)) {
        try billed[correction.billedDate, default: BilledSum()].add(correction)
      }
    }
    var now: [BilledDate: BilledSum] = [:]
    for statement in present where months.contains(statement.month) {
      for line in statement.lines { try now[line.billedDate, default: BilledSum()].add(line) }
    }
    var corrections: [StatementCorrection] = []
    for key in Set(billed.keys).union(now.keys).sorted() {
      let (before, after) = (billed[key] ?? BilledSum(), now[key] ?? BilledSum())
      let amount = try Amount.signedSum(after.amount, -before.amount)
      guard before.quantity != after.quantity || amount != 0,
        let priced = after.priced ?? before.priced
      else { continue }
      corrections.append(
        StatementCorrection(
          installation: key.installation, date: key.date,
          basis: after.line?.basis ?? .none, seq: after.line?.seq, license: priced.license,
          revision: priced.revision, was: before.quantity, now: after.quantity,
          yieldsTo: after.line?.yieldsTo, decided: after.line?.decided,
          charge: key.currency.map { StatementCorrection.Charge(currency: $0, amount: amount) }))
    }
    return corrections
  }
}

/// A date of an installation in one currency.
private struct BilledDate: Hashable, Comparable {
  let installation: Thumbprint
  let date: CivilDate
  let currency: String?

  static func < (left: BilledDate, right: BilledDate) -> Bool {
    if left.installation != right.installation {
      return left.installation.digest.bytes.lexicographicallyPrecedes(
        right.installation.digest.bytes)
    }
    if left.date != right.date { return left.date < right.date }
    return (left.currency ?? "").utf8.lexicographicallyPrecedes((right.currency ?? "").utf8)
  }
}

/// What was billed for it.
private struct BilledSum {
  var quantity: Int64 = 0
  var amount: Int64 = 0
  var line: StatementLine?
  /// The license that priced it last, whether by a line or by a correction.
  var priced: (license: LicenseID, revision: Int64)?

  mutating func add(_ line: StatementLine) throws(BillingError) {
    quantity = try Amount.sum(quantity, line.quantity)
    amount = try Amount.signedSum(amount, line.charge?.amount ?? 0)
    self.line = line
    priced = (line.license, line.revision)
  }

  mutating func add(_ correction: StatementCorrection) throws(BillingError) {
    quantity = try Amount.signedSum(quantity, correction.quantity)
    amount = try Amount.signedSum(amount, correction.charge?.amount ?? 0)
    priced = (correction.license, correction.revision)
  }
}

extension StatementLine {
  fileprivate var billedDate: BilledDate {
    BilledDate(installation: installation, date: date, currency: charge?.currency)
  }
}

extension StatementCorrection {
  fileprivate var billedDate: BilledDate {
    BilledDate(installation: installation, date: date, currency: charge?.currency)
  }
}
