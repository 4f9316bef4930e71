package import CivilTime
package import Sealing

/// One link of an installation's chain: what was counted on a date, so far or in all.
///
/// Sealed with the installation's own key. The members are described at their properties; a `day`
/// record closes its date and has ``Closing``, a `sample` has not.
package struct UsageRecord: InstallationPayload {
  package static let kind = DocumentKind.usage
  /// No date lasts longer, in seconds: a zone that repeats a whole day.
  package static let maximumSpan: Int64 = 172_800

  /// The member `kind`.
  package enum Stage: String, Sendable, CaseIterable {
    /// The date so far.
    case sample
    /// The whole date.
    case day
  }

  /// The rule by which collectors were counted: `rule {window, dwell, identity}`.
  package struct Rule: Sendable, Hashable {
    /// Seconds for which a beat keeps its collector online.
    package var window: Int64
    /// Seconds from the beginning of an interval until it counts.
    package var dwell: Int64
    /// What made a collector one collector, as the settings say it: `datakit:hostname`.
    package var identity: String

    package init(window: Int64, dwell: Int64, identity: String) {
      self.window = window
      self.dwell = dwell
      self.identity = identity
    }
  }

  /// What a day record adds: `minutes` and `evidence`.
  package struct Closing: Sendable, Hashable {
    /// The largest count of each minute from `from`, in shortest runs.
    package var minutes: [MinuteRun]
    package var evidence: EvidenceRoot

    package init(minutes: [MinuteRun], evidence: EvidenceRoot) {
      self.minutes = minutes
      self.evidence = evidence
    }
  }

  /// The installation whose key seals the record.
  package var installation: Thumbprint
  /// The `jti` of the license in force.
  package var license: String
  /// Its revision.
  package var revision: Int64
  /// The place in the chain, from 1 without holes.
  package var seq: Int64
  /// SHA-256 of the previous record's JWS, absent exactly at `seq` 1.
  package var prev: Digest?
  /// The member `kind`.
  package var stage: Stage
  /// The calendar date in the license's zone.
  package var date: CivilDate
  /// The date's first second; the `to` of the day record before.
  package var from: Int64
  /// The second after the last one told of: the next date's first, or `at` in a sample.
  package var to: Int64
  /// When the record was made, by the names that the counter gives to seconds.
  package var at: Int64
  /// `peak` and `peak_at`, absent exactly where no second was observed.
  package var peak: Peak?
  /// The sum of the weights online at the end, in dwell or not: what a limit is held against.
  package var online: Int64
  /// The most that may be online, absent where the license sets no limit.
  package var limit: Int64?
  /// How many collectors counted in an observed second.
  package var distinct: Int64
  /// How many collectors were refused for the limit.
  package var refused: Int64
  /// How many seconds were observed.
  package var observed: Int64
  /// In order, apart from each other; at most ``Gap/maximum``.
  package var gaps: [Gap]
  /// How many times two gaps were joined, with the observed seconds between them, to keep them at
  /// most ``Gap/maximum``. Written as `gaps_merged` only if it is not 0.
  package var gapsMerged: Int64
  package var rule: Rule
  /// The version of the platform that runs, absent where it is not known.
  package var release: String?
  /// The thumbprint of the root keys compiled into the program.
  package var root: Thumbprint
  /// In a day record only.
  package var closing: Closing?

  package init(
    installation: Thumbprint, license: String, revision: Int64, seq: Int64, prev: Digest?,
    at: Int64, day: DaySummary, limit: Int64?, rule: Rule, release: String?, root: Thumbprint,
    closing: Closing?
  ) {
    self.installation = installation
    self.license = license
    self.revision = revision
    self.seq = seq
    self.prev = prev
    stage = closing == nil ? .sample : .day
    date = day.date
    from = day.from
    to = day.to
    self.at = at
    peak = day.peak
    online = day.online
    self.limit = limit
    // Of seconds that share a name only one is told: the leaves say who counted in it.
    distinct = closing?.evidence.leaves ?? day.distinct
    refused = day.refused
    observed = day.observed
    gaps = day.gaps
    gapsMerged = day.gapsMerged
    self.rule = rule
    self.release = release
    self.root = root
    self.closing = closing
  }
}

/// What a date comes to, so far or in all, apart from who reports it.
package struct DaySummary: Sendable, Hashable {
  package var date: CivilDate
  package var from: Int64
  package var to: Int64
  package var peak: Peak?
  package var online: Int64
  package var distinct: Int64
  package var refused: Int64
  package var observed: Int64
  package var gaps: [Gap]
  package var gapsMerged: Int64

  package init(
    date: CivilDate, from: Int64, to: Int64, peak: Peak?, online: Int64, distinct: Int64,
    refused: Int64, observed: Int64, gaps: [Gap], gapsMerged: Int64
  ) {
    self.date = date
    self.from = from
    self.to = to
    self.peak = peak
    self.online = online
    self.distinct = distinct
    self.refused = refused
    self.observed = observed
    self.gaps = gaps
    self.gapsMerged = gapsMerged
  }
}
