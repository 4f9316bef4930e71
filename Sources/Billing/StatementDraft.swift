import CivilTime
import Licensing
import Sealing

/// The lines of a statement in the making; the rules are at ``Statement/draft(from:)``.
struct StatementDraft {
  private let basis: StatementBasis
  private let plan: PricePlan
  private let today: CivilDate
  /// The one entry of each date that counts.
  private var entries: [Thumbprint: [CivilDate: UsageEntry]] = [:]
  /// The revision of each known license.
  private let revisions: [LicenseID: Int64]
  private let installations: [Thumbprint: BilledInstallation]
  /// Whether a line can still change.
  private(set) var isOpen = false

  init(_ basis: StatementBasis, _ plan: PricePlan) {
    self.basis = basis
    self.plan = plan
    today = basis.zone.date(at: basis.asOf)
    installations = Dictionary(
      basis.installations.map { ($0.thumbprint, $0) }, uniquingKeysWith: { first, _ in first })
    revisions = Dictionary(
      basis.licenses.map { ($0.jti, $0.revision) }, uniquingKeysWith: { first, _ in first })
    // Mostly those of one installation follow each other: its table is looked up once.
    var name: Thumbprint?
    var own: [CivilDate: UsageEntry] = [:]
    for entry in basis.entries {
      if entry.installation != name {
        if let name { entries[name] = own }
        own = entries.removeValue(forKey: entry.installation) ?? [:]
        name = entry.installation
      }
      let known = own[entry.date]
      var best = entry
      if let known, !UsageEntry.isMoreTelling(entry, than: known) { best = known }
      best.sampledPeak = [entry.highestSample, known?.highestSample].compactMap(\.self).max()
      own[entry.date] = best
    }
    if let name { entries[name] = own }
  }

  mutating func lines() throws(BillingError) -> [StatementLine] {
    var lines: [StatementLine] = []
    let ordered = installations.values.sorted {
      $0.thumbprint.digest.bytes.lexicographicallyPrecedes($1.thumbprint.digest.bytes)
    }
    for installation in ordered { lines += try self.lines(of: installation) }
    settleReplacements(&lines)
    return lines
  }

  private mutating func lines(
    of installation: BilledInstallation
  ) throws(BillingError) -> [StatementLine] {
    let own = entries[installation.thumbprint] ?? [:]
    var history = inheritedHistory(of: installation)
    var installed: Int64?
    for date in own.keys.filter({ $0 < basis.month.first }).sorted() {
      guard let entry = own[date] else { continue }
      history.add(date, peak: entry.billedPeak, unobserved: unobserved(entry))
      if entry.seq != nil { installed = revision(entry) }
    }
    var lines: [StatementLine] = []
    lines.reserveCapacity(basis.month.dates.count)
    for date in basis.month.dates {
      let entry = own[date]
      // What was closed without any record prices its own date, and says nothing of what is installed.
      let named = entry.map(revision) ?? installed
      if let entry, entry.seq != nil { installed = revision(entry) }
      guard entry != nil || isMissing(date, of: installation) else { continue }
      guard
        let line = try line(
          of: installation, on: date, entry, history: history, installed: named)
      else { continue }
      lines.append(line)
      if let entry {
        history.add(date, peak: entry.billedPeak, unobserved: unobserved(entry))
      }
    }
    return lines
  }

  /// Whether a line can still change: nothing has closed its date, and its installation's chain goes on.
  func isOpen(_ line: StatementLine) -> Bool {
    switch line.basis {
    case .day, .closing: false
    case .sample, .none:
      installations[line.installation].map { !hasEnded($0, on: line.date) } ?? false
    }
  }

  /// The entry that a line rests on, nil where there is none.
  func entry(of line: StatementLine) -> UsageEntry? { entries[line.installation]?[line.date] }

  /// The revision of the license that an entry names; what the entry says only where that is not known.
  private func revision(_ entry: UsageEntry) -> Int64 {
    revisions[entry.license] ?? entry.revision
  }

  /// Whether a date without any entry has a line: over, since activation, before the chain's end, and not
  /// settled without one.
  private func isMissing(_ date: CivilDate, of installation: BilledInstallation) -> Bool {
    basis.zone.date(at: installation.activatedAt) <= date && date < today
      && !hasEnded(installation, on: date) && basis.settled == nil && plan.isRunning(on: date)
  }

  /// Whether a date is that of the chain's end, or later.
  private func hasEnded(_ installation: BilledInstallation, on date: CivilDate) -> Bool {
    installation.endedAt.map { basis.zone.date(at: $0) <= date } ?? false
  }

  /// The license that prices a date: the one that has settled it, else the plan's.
  private func license(
    of installation: Thumbprint, on date: CivilDate, _ entry: UsageEntry?, installed: Int64?
  ) -> (license: License, terms: BillingTerms)? {
    basis.settled?.license(of: installation, on: date, entry)
      .flatMap { plan.settled($0, on: date) }
      ?? plan.license(on: date, installed: installed)
  }

  private mutating func line(
    of installation: BilledInstallation, on date: CivilDate, _ entry: UsageEntry?,
    history: CarryHistory, installed: Int64?
  ) throws(BillingError) -> StatementLine? {
    let priced = license(
      of: installation.thumbprint, on: date, entry, installed: installed)
    guard let (license, terms) = priced else { return nil }
    let isClosed = entry?.kind.isClosed ?? false
    let hasEnded = hasEnded(installation, on: date)
    if !isClosed && !hasEnded { isOpen = true }
    let rule = hasEnded && !isClosed ? GapRule.observed : license.gaps
    let seconds = self.seconds(of: date, entry)
    let observed = entry?.observed ?? 0
    let (quantity, carriedFrom) = history.quantity(
      peak: entry?.billedPeak, unobserved: max(0, seconds - observed), rule: rule)
    let gaps = entry?.gaps ?? []
    return StatementLine(
      installation: installation.thumbprint, date: date, license: license.jti,
      revision: license.revision, terms: terms, basis: StatementLine.Basis(entry), seq: entry?.seq,
      peak: entry?.peak, peakAt: entry?.peakAt, sampledPeak: sampledPeak(entry),
      seconds: seconds, observed: observed, gaps: gaps.shownOnStatement,
      gapCount: Int64(gaps.count), rule: entry?.rule, quantity: quantity,
      carriedFrom: carriedFrom, charge: try charge(license, quantity))
  }

  private func sampledPeak(_ entry: UsageEntry?) -> Int64? {
    entry.flatMap { $0.billedPeak == $0.peak ? nil : $0.billedPeak }
  }

  private func charge(
    _ license: License, _ quantity: Int64
  ) throws(BillingError) -> StatementLine.Charge? {
    guard let price = license.price else { return nil }
    let amount = try Amount.product(quantity, price.minorPerCollectorDay)
    return StatementLine.Charge(
      currency: price.currency, rate: price.minorPerCollectorDay, amount: amount)
  }

  /// Seconds of a date: as a closed entry says, all of them once the date is over, else so far.
  private func seconds(of date: CivilDate, _ entry: UsageEntry?) -> Int64 {
    let covered = entry.map { max(0, $0.to - $0.from) }
    if let entry, let covered, entry.kind.isClosed || date >= today { return covered }
    return max(covered ?? 0, Int64(basis.zone.day(of: date).count))
  }

  private func unobserved(_ entry: UsageEntry) -> Int64 {
    max(0, seconds(of: entry.date, entry) - entry.observed)
  }
}

// Replaced installations.
extension StatementDraft {
  /// What those whose place it took had observed up to the change.
  private func inheritedHistory(of installation: BilledInstallation) -> CarryHistory {
    var lineage: [(Thumbprint, until: CivilDate)] = []
    var current = installation
    var seen: Set<Thumbprint> = [installation.thumbprint]
    while let old = current.replaces, seen.insert(old).inserted, let next = installations[old] {
      lineage.append((old, basis.zone.date(at: current.activatedAt)))
      current = next
    }
    var history = CarryHistory()
    var from = CivilDate.first
    for (thumbprint, until) in lineage.reversed() {
      let own = entries[thumbprint] ?? [:]
      for date in own.keys.sorted() where date >= from && date < until {
        guard let entry = own[date] else { continue }
        history.add(date, peak: entry.billedPeak, unobserved: unobserved(entry))
      }
      from = max(from, until)
    }
    return history
  }

  /// On the date of a change only the largest of those concerned is billed; of equal ones the newer.
  private func settleReplacements(_ lines: inout [StatementLine]) {
    let changes = installations.values.filter { $0.replaces != nil }
      .sorted { ($0.activatedAt, $0.thumbprint.text) < ($1.activatedAt, $1.thumbprint.text) }
    for new in changes {
      let date = basis.zone.date(at: new.activatedAt)
      guard let new = lines.firstIndex(where: { $0.matches(new.thumbprint, date) }),
        let old = billing(installations[lines[new].installation]?.replaces, on: date, lines)
      else { continue }
      if lines[old].quantity > lines[new].quantity {
        lines[new].yield(to: lines[old].installation)
      } else {
        lines[old].yield(to: lines[new].installation)
      }
    }
  }

  /// The line that bills an installation's date: its own, or the one that it yielded to.
  private func billing(
    _ installation: Thumbprint?, on date: CivilDate, _ lines: [StatementLine]
  ) -> Int? {
    guard let installation,
      let index = lines.firstIndex(where: { $0.matches(installation, date) })
    else { return nil }
    guard let other = lines[index].yieldsTo else { return index }
    return lines.firstIndex { $0.matches(other, date) } ?? index
  }
}

extension StatementLine {
  fileprivate func matches(_ installation: Thumbprint, _ date: CivilDate) -> Bool {
    self.installation == installation && self.date == date
  }
}
