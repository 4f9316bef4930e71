package import CivilTime
package import Licensing
package import Metering
package import Sealing

/// One entry of the ledger as far as a bill rests on it: a usage record, or a date that the gateway
/// closed because no day record came.
package struct UsageEntry: Sendable, Equatable {
  package enum Kind: String, Sendable, CaseIterable {
    /// The date so far.
    case sample
    /// The date, closed by the installation.
    case day
    /// The date, closed by the gateway from the last sample.
    case closing

    /// Whether the date gets no further record in the ordinary course.
    package var isClosed: Bool { self != .sample }
  }

  package var installation: Thumbprint
  /// The record's place in its chain; of a closing that of the sample that it rests on, nil for one
  /// without any.
  package var seq: Int64?
  package var kind: Kind
  /// A date of the license's zone.
  package var date: CivilDate
  /// The first second of the date.
  package var from: Int64
  /// The first second after what the entry covers: the date's end, or a sample's `at`.
  package var to: Int64
  /// The largest count, nil where no second was observed.
  package var peak: Int64?
  /// When the peak was first reached.
  package var peakAt: Int64?
  /// The highest peak that any sample of the date told of, nil where none did.
  package var sampledPeak: Int64?
  /// Seconds between `from` and `to` that were watched.
  package var observed: Int64
  package var gaps: [UsageGap]
  /// By which rule it was counted; nil for a closing without a sample, and for what was stored before this
  /// was kept.
  package var rule: UsageRecord.Rule?
  /// The license that the record names.
  package var license: LicenseID
  package var revision: Int64

  package init(
    installation: Thumbprint, seq: Int64?, kind: Kind, date: CivilDate, from: Int64, to: Int64,
    peak: Int64?, peakAt: Int64?, sampledPeak: Int64? = nil, observed: Int64,
    gaps: [UsageGap] = [], rule: UsageRecord.Rule? = nil, license: LicenseID, revision: Int64
  ) {
    self.installation = installation
    self.seq = seq
    self.kind = kind
    self.date = date
    self.from = from
    self.to = to
    self.peak = peak
    self.peakAt = peakAt
    self.sampledPeak = sampledPeak
    self.observed = observed
    self.gaps = gaps
    self.rule = rule
    self.license = license
    self.revision = revision
  }

  /// What the date is billed by: the larger of its own peak and what its samples had told of.
  var billedPeak: Int64? { [peak, sampledPeak].compactMap(\.self).max() }

  /// What samples had told of, this one with them if it is one.
  var highestSample: Int64? { kind == .sample ? billedPeak : sampledPeak }

  /// The more telling of two entries of one date: a day record before a closing before a sample, then
  /// of two day records the one that was receipted first, of others the later one.
  static func isMoreTelling(_ left: UsageEntry, than right: UsageEntry) -> Bool {
    if left.kind != right.kind { return left.kind.rank > right.kind.rank }
    let (first, second) = (left.seq ?? 0, right.seq ?? 0)
    return left.kind == .day ? first < second : first > second
  }
}

extension UsageEntry.Kind {
  fileprivate var rank: Int {
    switch self {
    case .sample: 0
    case .closing: 1
    case .day: 2
    }
  }
}

/// Seconds that nobody watched.
package struct UsageGap: Sendable, Hashable {
  package var from: Int64
  package var to: Int64
  /// Why, as the record says it.
  package var reason: String

  package init(from: Int64, to: Int64, reason: String) {
    self.from = from
    self.to = to
    self.reason = reason
  }
}
