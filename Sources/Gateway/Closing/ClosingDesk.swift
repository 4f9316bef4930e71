import Billing
import CivilTime
import Licensing
import Sealing

/// Closes dates of one installation, within one change of the ledger.
///
/// Rules:
/// 1. A date is closed when it is over, no day record has come, a statement would have a line for it, it
///    lies before the end of the installation's chain, and its month has no final statement.
/// 2. It is due 72 h after its end (`realtime`), 7 days (`daily`); in `offline` once a later date has its
///    day record, for then none can come any more, 7 days after the chain's end, or when staff say so.
/// 3. What the newest sample told of it stands, the rest is a gap; nothing is carried into the closing
///    itself: the statement's own rule does that.
/// 4. A date is closed once; a day record that comes later takes the closing's place on every statement.
struct ClosingDesk: Sendable {
  let terms: LineTerms
  let zone: Zone
  let seal: GatewaySeal
  let now: Int64

  /// When nobody needs to look again.
  private static let never = SealedLimits.instants.upperBound
  private static let day: Int64 = 86_400

  /// What is due of an installation.
  struct Look: Sendable {
    var due: [OpenDate] = []
    /// When to look again.
    var next: Int64

    /// Whether nobody looks again: what comes meanwhile must not be missed.
    var isLast: Bool { next == ClosingDesk.never }
  }

  /// Looks for what is due; changes nothing.
  func look(at name: Thumbprint, in ledger: any LedgerReading) throws -> Look {
    guard let state = try ledger.state(of: name) else { return Look(next: Self.never) }
    let open = try openDates(of: state.installation, in: ledger)
    let due = open.filter { isDue($0, state.head.closed) }
    let later = open.filter { !due.contains($0) }
    return Look(due: due, next: nextLook(later, hasEnded: !state.installation.holdsSeat))
  }

  /// Closes what is due, and notes when to look again.
  /// - Returns: the dates closed.
  func closeDue(of name: Thumbprint, in ledger: any LedgerWriting) throws -> [CivilDate] {
    let look = try look(at: name, in: ledger)
    for date in look.due {
      try close(date, by: Decision.gateway, why: Self.reason(date), in: ledger)
    }
    try ledger.setLook(at: look.next, of: name)
    return look.due.map(\.closing.date)
  }

  /// Closes, because staff say so, every open date up to one.
  func close(
    _ installation: Installation, through last: CivilDate, by: String, why: String,
    in ledger: any LedgerWriting
  ) throws -> [CivilDate] {
    let open = try openDates(of: installation, in: ledger).filter { $0.closing.date <= last }
    for date in open { try close(date, by: by, why: why, in: ledger) }
    return open.map(\.closing.date)
  }

  private func close(
    _ open: OpenDate, by: String, why: String, in ledger: any LedgerWriting
  ) throws {
    let decision = Decision(
      iss: seal.iss, iat: now, line: terms.line, installation: open.installation, by: by,
      why: why, matter: .closing(open.closing))
    _ = try ledger.append(
      open.closing, sealed: try seal.seal(decision), of: open.installation, at: now)
  }

  private func isDue(_ open: OpenDate, _ closed: ClosedDate?) -> Bool {
    if let dueAt = open.dueAt { return dueAt <= now }
    return closed.map { open.closing.date < $0.date } ?? false
  }

  private static func reason(_ open: OpenDate) -> String {
    guard let patience = open.mode.patience else {
      return open.endedAt == nil
        ? "the chain went on without a day record of the date"
        : "the chain ended without a day record of the date"
    }
    return "no day record came within \(patience / 3600) h after the date's end"
  }

  /// The present date is the next that can become due beside those that are open already; a chain that
  /// has ended has none.
  private func nextLook(_ open: [OpenDate], hasEnded: Bool) -> Int64 {
    let shortest = ReportingMode.allCases.compactMap(\.patience).min() ?? Self.day
    let present =
      hasEnded ? Self.never : zone.day(of: zone.date(at: now)).upperBound + shortest
    let others = open.map { $0.dueAt ?? now + Self.day }
    return max(now + 1, others.reduce(present, min))
  }

  // MARK: Open dates

  private func openDates(
    of installation: Installation, in ledger: any LedgerReading
  ) throws -> [OpenDate] {
    let name = installation.thumbprint
    let lineage = try lineage(of: installation, in: ledger)
    return try openMonths(of: installation, in: ledger).flatMap { month in
      try StatementBasis(month, terms, zone: zone, of: lineage, asOf: now, in: ledger)
        .openDates().filter { $0.installation == name }
    }
  }

  /// The months with a date that is over and has neither day record nor closing.
  private func openMonths(
    of installation: Installation, in ledger: any LedgerReading
  ) throws -> [Month] {
    let dates = try ledger.dates(of: installation.thumbprint)
    let end = [installation.replacedAt, installation.releasedAt].compactMap(\.self).min()
    let after = zone.date(at: min(now, end ?? now))
    var months = Set(dates.filter { !$0.value && $0.key < after }.keys.map { Month(of: $0) })
    var date = zone.date(at: installation.activatedAt)
    while date < after, let next = date.adding(days: 1) {
      if dates[date] != true { months.insert(Month(of: date)) }
      date = next
    }
    let open = months.subtracting(try ledger.finalMonths(of: terms.line))
    return open.sorted { $0.first < $1.first }
  }

  /// The installation and those whose place it took: what their dates told is carried on.
  private func lineage(
    of installation: Installation, in ledger: any LedgerReading
  ) throws -> [Installation] {
    var lineage = [installation]
    while let old = lineage.last?.replaces, !lineage.contains(where: { $0.thumbprint == old }),
      let next = try ledger.state(of: old)?.installation
    {
      lineage.append(next)
    }
    return lineage
  }
}
