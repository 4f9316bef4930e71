package import CivilTime
package import Licensing
package import Metering
package import Sealing

/// A date as the gateway closes it where no day record came: what the newest sample told of it, the rest
/// a gap.
package struct DateClosing: Sendable, Equatable {
  /// Why the seconds after the newest sample count as unobserved.
  package static let unreported = "unreported"

  package var date: CivilDate
  /// The first second of the date, and the first after it.
  package var from: Int64
  package var to: Int64
  /// The license that the newest sample names; without one, the license that prices the date.
  package var license: LicenseID
  package var revision: Int64
  /// The place of the newest sample in its chain, nil where the date has none.
  package var seq: Int64?
  /// The largest count that it told of.
  package var peak: Int64?
  package var peakAt: Int64?
  /// What an earlier sample had told of, where that is more.
  package var sampledPeak: Int64?
  package var observed: Int64
  package var gaps: [UsageGap]
  package var rule: UsageRecord.Rule?
  /// What the date bills as of the closing. Statements compute it anew: it changes if a day record of
  /// this date or of an earlier one comes after all.
  package var quantity: Int64
  package var carriedFrom: CivilDate?
  package var yieldsTo: Thumbprint?

  /// Closes the open date of a line.
  /// - Parameter sample: the entry that the line rests on, nil where the date has none.
  init(_ line: StatementLine, sample: UsageEntry?, zone: Zone) {
    date = line.date
    from = sample?.from ?? zone.day(of: line.date).lowerBound
    to = from + line.seconds
    license = sample?.license ?? line.license
    revision = sample?.revision ?? line.revision
    seq = sample?.seq
    peak = line.peak
    peakAt = line.peakAt
    sampledPeak = line.sampledPeak
    observed = line.observed
    let known = min(sample?.to ?? from, to)
    gaps = sample?.gaps ?? []
    if known < to { gaps.append(UsageGap(from: known, to: to, reason: Self.unreported)) }
    rule = line.rule
    quantity = line.quantity
    carriedFrom = line.carriedFrom
    yieldsTo = line.yieldsTo
  }
}

/// A date that is over and that no day record has closed, before the end of its installation's chain.
package struct OpenDate: Sendable, Equatable {
  package var installation: Thumbprint
  /// How the gateway would close it.
  package var closing: DateClosing
  /// How the license that prices the date has usage reported.
  package var mode: ReportingMode
  /// When the installation's chain ended, nil while it goes on.
  package var endedAt: Int64?

  /// From when on the gateway closes it by itself, nil where it waits for a bundle or for staff. The last
  /// bundle of a chain that has ended is waited for as long as a daily report.
  package var dueAt: Int64? {
    if let patience = mode.patience { return closing.to + patience }
    return endedAt.flatMap { ended in ReportingMode.daily.patience.map { ended + $0 } }
  }
}

extension ReportingMode {
  /// How long after a date's end its day record is waited for, in seconds; nil where nothing dials.
  package var patience: Int64? {
    switch self {
    case .realtime: 72 * 3600
    case .daily: 7 * 86_400
    case .offline: nil
    }
  }
}

extension StatementBasis {
  /// The month's dates that are over and open, by installation, then date. They are exactly those for
  /// which ``Statement/draft(from:)`` is provisional, but for the present date.
  /// - Throws: ``BillingError``.
  package func openDates() throws(BillingError) -> [OpenDate] {
    let plan = try PricePlan(self)
    var draft = StatementDraft(self, plan)
    let modes = Dictionary(
      licenses.map { ($0.jti, $0.reporting.mode) }, uniquingKeysWith: { first, _ in first })
    let today = zone.date(at: asOf)
    let ended = Dictionary(
      installations.map { ($0.thumbprint, $0.endedAt) }, uniquingKeysWith: { first, _ in first })
    return try draft.lines().compactMap { line in
      guard line.date < today, draft.isOpen(line), let mode = modes[line.license] else {
        return nil
      }
      let closing = DateClosing(line, sample: draft.entry(of: line), zone: zone)
      return OpenDate(
        installation: line.installation, closing: closing, mode: mode,
        endedAt: ended[line.installation] ?? nil)
    }
  }
}
