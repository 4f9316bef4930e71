import Billing
import CivilTime
import Licensing
import Sealing

/// Quantity and price of every date, from raw records and the written definition (Docs/Metering.md, "Gaps on
/// the bill"; Docs/Formats.md, "Statement"), slowly and by nothing that computes statements.
struct BillOracle {
  struct Key: Hashable {
    let installation: Thumbprint
    let date: CivilDate
  }

  /// What a date bills.
  struct Billed: Equatable {
    /// The record that it rests on, nil for none.
    let seq: Int64?
    let isDay: Bool
    /// The revision that prices it.
    let revision: Int64
    /// The quantity before staff decided anything.
    var computed: Int64
    var quantity: Int64

    var amount: Int64 { quantity * (revision == 2 ? 150 : 120) }
  }

  /// What is known of a date.
  private struct Fact {
    let date: CivilDate
    let seq: Int64?
    let isDay: Bool
    let revision: Int64?
    let peak: Int64?
    let unobserved: Int64
  }

  private let played: SimulatedMonth
  private let month: Month
  private let decisions: [Decision]
  /// What a final statement billed: it stays where a date rests on what it rested on.
  private let settled: [Key: Billed]
  /// What was billed of dates that the gateway closed where no day record had come.
  private let closed: [Key: Billed]
  private var facts: [Thumbprint: [Fact]] = [:]

  /// - Parameters:
  ///   - records: what the vendor has.
  ///   - settled: what the month's final statement billed, nil while it has none.
  ///   - closed: what the final statement of the month before billed.
  init(
    _ played: SimulatedMonth, _ month: Month, _ records: [UsageEntry], _ decisions: [Decision],
    settled: [Key: Billed] = [:], closed: [Key: Billed] = [:]
  ) {
    self.played = played
    self.month = month
    self.decisions = decisions
    self.settled = settled
    self.closed = settled.isEmpty ? closed : settled
    let grouped = Dictionary(grouping: records) {
      Key(installation: $0.installation, date: $0.date)
    }
    for key in Set(grouped.keys).union(self.closed.keys) {
      facts[key.installation, default: []].append(fact(key, grouped[key] ?? []))
    }
    for name in facts.keys { facts[name]?.sort { $0.date < $1.date } }
  }

  /// A date rests on its first day record; where it was closed, on the sample that the closing took; else on
  /// its newest sample. A sample's peak counts though the record tells of less.
  private func fact(_ key: Key, _ records: [UsageEntry]) -> Fact {
    let samples = records.filter { $0.kind == .sample }.sorted { $0.seq ?? 0 < $1.seq ?? 0 }
    let days = records.filter { $0.kind == .day }.sorted { $0.seq ?? 0 < $1.seq ?? 0 }
    var told = days.first ?? samples.last
    if days.isEmpty, let closed = closed[key], !hasEnded(key.installation, key.date) {
      told = samples.first { $0.seq == closed.seq }
    }
    let whole = Int64(played.zone.day(of: key.date).count)
    return Fact(
      date: key.date, seq: told?.seq, isDay: !days.isEmpty, revision: told?.revision,
      peak: (samples.compactMap(\.peak) + [told?.peak].compactMap(\.self)).max(),
      unobserved: whole - (told?.observed ?? 0))
  }

  private func installation(_ name: Thumbprint) -> BilledInstallation? {
    played.installations.first { $0.thumbprint == name }
  }

  private func hasEnded(_ name: Thumbprint, _ date: CivilDate) -> Bool {
    installation(name)?.replacedAt.map { played.zone.date(at: $0) <= date } ?? false
  }

  /// The dates before one, those of whoever had the place before it took it among them.
  private func earlier(_ installation: BilledInstallation, _ date: CivilDate) -> [Fact] {
    let own = (facts[installation.thumbprint] ?? []).filter { $0.date < date }
    guard let old = installation.replaces else { return own }
    let since = played.zone.date(at: installation.activatedAt)
    return (facts[old] ?? []).filter { $0.date < since } + own
  }

  /// At most an hour unobserved: the peak. Else the highest of the 7 latest dates with at most an hour
  /// unobserved, or of all, where that is more.
  private func quantity(_ fact: Fact?, _ earlier: [Fact], carries: Bool) -> Int64 {
    let own = fact?.peak ?? 0
    if fact?.peak != nil, fact?.unobserved ?? 0 <= 3600 { return own }
    guard carries else { return own }
    let known = earlier.filter { $0.peak != nil }
    let well = known.filter { $0.unobserved <= 3600 }.suffix(7)
    return max(own, (well.isEmpty ? known[...] : well).compactMap(\.peak).max() ?? 0)
  }

  private func billed(_ installation: BilledInstallation, _ date: CivilDate) -> Billed? {
    let name = installation.thumbprint
    let fact = (facts[name] ?? []).first { $0.date == date }
    let isEnded = hasEnded(name, date)
    let isDue = played.zone.date(at: installation.activatedAt) <= date && !isEnded
    guard fact != nil || (isDue && settled.isEmpty) else { return nil }
    let earlier = earlier(installation, date)
    let isDay = fact?.isDay ?? false
    let quantity = quantity(fact, earlier, carries: isDay || !isEnded)
    let last = (facts[name] ?? []).last { $0.date < date && $0.seq != nil }
    let named = fact?.revision ?? last?.revision ?? 2
    var revision: Int64 = date >= played.renewal && named >= 2 ? 2 : 1
    if let known = settled[Key(installation: name, date: date)], known.seq == fact?.seq,
      known.isDay == isDay
    {
      revision = known.revision
    }
    return Billed(
      seq: fact?.seq, isDay: isDay, revision: revision, computed: quantity, quantity: quantity)
  }

  /// Every date that has a line.
  func all() -> [Key: Billed] {
    var all: [Key: Billed] = [:]
    for installation in played.installations {
      for date in month.dates {
        all[Key(installation: installation.thumbprint, date: date)] = billed(installation, date)
      }
    }
    for new in played.installations {
      guard let old = new.replaces else { continue }
      let date = played.zone.date(at: new.activatedAt)
      let keys = (
        old: Key(installation: old, date: date),
        new: Key(installation: new.thumbprint, date: date)
      )
      guard let first = all[keys.old], let second = all[keys.new] else { continue }
      let yields = first.computed > second.computed ? keys.new : keys.old
      all[yields]?.computed = 0
      all[yields]?.quantity = 0
    }
    for key in all.keys {
      let last = decisions.last {
        $0.installation == key.installation && $0.billChange?.covers(key.date) == true
      }
      switch last?.billChange?.effect {
      case .waive: all[key]?.quantity = 0
      case .correct(let quantity): all[key]?.quantity = quantity
      case .restore, nil: break
      }
    }
    return all
  }
}
