package import CivilTime
package import Licensing
import Sealing

/// Everything that a statement rests on.
package struct StatementBasis: Sendable {
  package var month: Month
  /// The zone of the line's licenses.
  package var zone: Zone
  /// The gateway's time.
  package var asOf: Int64
  package var position: Int64
  /// All revisions of one line.
  package var licenses: [License]
  /// Those of the line whose key was revoked since: they price nothing but what they have priced before.
  package var lapsed: [License] = []
  /// When each revoked license was, in Unix seconds.
  package var revoked: [LicenseID: Int64]
  /// All installations ever activated under the line.
  package var installations: [BilledInstallation]
  /// Their entries of the month, and of earlier dates at least what ``CarryHistory`` looks at.
  package var entries: [UsageEntry]
  /// What staff decided about the installations, in the order of the ledger: in the month, and whenever it was
  /// about bills of the month's dates.
  package var decisions: [QuotedDecision]
  /// What final statements billed for the month's dates, nil while the month has none.
  package var settled: SettledMonth?

  package init(
    month: Month, zone: Zone, asOf: Int64, position: Int64, licenses: [License],
    revoked: [LicenseID: Int64] = [:], installations: [BilledInstallation],
    entries: [UsageEntry], decisions: [QuotedDecision] = []
  ) {
    self.month = month
    self.zone = zone
    self.asOf = asOf
    self.position = position
    self.licenses = licenses
    self.revoked = revoked
    self.installations = installations
    self.entries = entries
    self.decisions = decisions
  }
}

extension Statement {
  /// Computes the statement of a line and month.
  ///
  /// Rules:
  /// 1. A date is billed by its day record; without one by the gateway's closing; else, provisionally,
  ///    by its newest sample, the rest of a date that is over counting as unobserved; a date that is
  ///    over without any record since the installation was activated counts as wholly unobserved if the
  ///    license's term and grace cover it, and has no line otherwise. A peak that a sample told of is
  ///    billed though a later record of the date tells of less.
  /// 2. The revision is ``PricePlan``'s, the quantity ``CarryHistory``'s.
  /// 3. Where an installation was replaced, or staff freed its seat, its chain has ended. From the date of
  ///    the change on, dates that it left open bill what was observed, nothing is carried for them, and
  ///    dates without a record have no line. That date bills the larger of the two, the other line
  ///    yields. The new installation inherits the history of the old one.
  /// 4. It is provisional until the month is over and each date of it is closed.
  /// 5. Where the month has a final statement, only records change a date: one that rests on what it
  ///    rested on keeps its license, and one without a line gets none unless something was entered.
  /// 6. Last, what staff decided about bills: of each line the newest decision, see ``BillChange``. A date
  ///    without a line gets none by it.
  /// - Throws: ``BillingError``.
  package static func draft(from basis: StatementBasis) throws(BillingError) -> Statement {
    let plan = try PricePlan(basis)
    let newest = basis.licenses.max {
      ($0.revision, $0.iat, $0.jti) < ($1.revision, $1.iat, $1.jti)
    }
    guard let newest else { throw BillingError(.noLicense, "no license of this line is known") }
    var draft = StatementDraft(basis, plan)
    var lines = try draft.lines()
    try DecidedBills(basis.decisions.map(\.decision)).apply(to: &lines)
    let isOver = basis.zone.day(of: basis.month.last).upperBound <= basis.asOf
    return try Statement(
      basis, newest: newest, status: isOver && !draft.isOpen ? .closed : .provisional,
      lines: lines)
  }
}

extension PricePlan {
  /// - Throws: ``BillingError`` `NO_LICENSE`.
  init(_ basis: StatementBasis) throws(BillingError) {
    try self.init(
      basis.licenses, lapsed: basis.lapsed, revoked: basis.revoked, zone: basis.zone)
  }
}
