package import Billing
package import CivilTime
package import Licensing
package import Metering
package import Sealing

/// What stands beside an entry's sealed bytes, so that statements need not open them: all of it follows
/// from them, see ``LedgerAudit``.
package struct EntryColumns: Sendable, Equatable {
  package var license: LicenseID
  package var revision: Int64
  package var date: CivilDate
  package var from: Int64
  package var to: Int64
  package var at: Int64
  package var peak: Peak?
  package var online: Int64?
  package var limit: Int64?
  package var collectors: Int64?
  package var refused: Int64?
  package var observed: Int64
  /// As JSON.
  package var gaps: String
  package var rule: UsageRecord.Rule?
  /// Of a closing the `seq` of the sample that it rests on.
  package var sample: Int64?

  package init(
    license: LicenseID, revision: Int64, date: CivilDate, from: Int64, to: Int64, at: Int64,
    peak: Peak?, online: Int64?, limit: Int64?, collectors: Int64?, refused: Int64?,
    observed: Int64, gaps: String, rule: UsageRecord.Rule?, sample: Int64?
  ) {
    self.license = license
    self.revision = revision
    self.date = date
    self.from = from
    self.to = to
    self.at = at
    self.peak = peak
    self.online = online
    self.limit = limit
    self.collectors = collectors
    self.refused = refused
    self.observed = observed
    self.gaps = gaps
    self.rule = rule
    self.sample = sample
  }

  package init(_ record: UsageRecord, license: LicenseID) {
    self.init(
      license: license, revision: record.revision, date: record.date, from: record.from,
      to: record.to, at: record.at, peak: record.peak, online: record.online,
      limit: record.limit, collectors: record.distinct, refused: record.refused,
      observed: record.observed,
      gaps: record.gaps.isEmpty ? "[]" : JSONValue.array(record.gaps.map(\.json)).text,
      rule: record.rule, sample: nil)
  }

  /// - Parameter now: when the gateway closed the date.
  package init(_ closing: DateClosing, at now: Int64) {
    let peak = closing.peak.flatMap { count in
      closing.peakAt.map { Peak(count: count, at: $0) }
    }
    self.init(
      license: closing.license, revision: closing.revision, date: closing.date,
      from: closing.from, to: closing.to, at: now, peak: peak, online: nil, limit: nil,
      collectors: nil, refused: nil, observed: closing.observed,
      gaps: JSONValue.array(closing.gaps.map(\.json)).text, rule: closing.rule,
      sample: closing.seq)
  }
}

/// An entry as it is kept.
package struct KeptEntry: Sendable, Equatable {
  package enum Kind: String, Sendable, CaseIterable {
    case sample
    case day
    case closing
    case decision
    case quarantined
  }

  package let position: Int64
  package let installation: Thumbprint
  package let kind: Kind
  package let seq: Int64?
  package let hash: Digest?
  package let jws: String
  /// Nil for a decision and for what is quarantined.
  package let columns: EntryColumns?
  /// Whether something stands in a column that has no meaning by itself: nothing here writes that.
  package let isStray: Bool

  package init(
    position: Int64, installation: Thumbprint, kind: Kind, seq: Int64?, hash: Digest?, jws: String,
    columns: EntryColumns?, isStray: Bool
  ) {
    self.isStray = isStray
    self.position = position
    self.installation = installation
    self.kind = kind
    self.seq = seq
    self.hash = hash
    self.jws = jws
    self.columns = columns
  }
}
