import Billing
import CivilTime
import Licensing
import Metering
import Reporting
import Sealing

/// Looks at attested records in order and says how each is kept.
///
/// Rules:
/// 1. Whatever is attested is kept.
/// 2. A record that is not understood, names another installation or another line's license, gives its
///    license another revision than it has, or whose date does not begin where the last closed one
///    ended, is quarantined: kept, never billed.
/// 3. A closed date is closed for ever: a record of it, of an earlier one, or from before its end, is
///    quarantined.
/// 4. A day record of a date that is not over by this machine's clock, a day allowed, closes that date
///    alone: else one false record would close all dates up to it.
/// 5. A count or a revision that nothing real can have is quarantined: no sum of a bill overflows.
/// 6. After a quarantined record the next date may begin anywhere after the last closed one.
/// 7. A day record below a sample of its date is kept and found; the bill takes the larger.
/// 8. Usage under an expired or revoked license is kept as any other, and said so.
/// 9. What was counted above its limit, with a clock that was set, or with more unobserved time in the date
///    than bills as observed, is kept and found.
struct RecordJudge {
  let installation: Installation
  let terms: LineTerms
  /// Licenses of other lines.
  let foreign: Set<LicenseID>
  /// The roots that this gateway's keysets begin with.
  let root: Thumbprint
  let now: Int64
  /// What was told of each date that a day record of the batch closes, and by the batch itself.
  private var dates: [CivilDate: DateSoFar]
  private(set) var head: ChainHead
  private(set) var entries: [LedgerEntry] = []
  private(set) var results: [RecordResult] = []
  /// Each code once.
  private(set) var findings: [FindingSign] = []

  /// Ten times what one installation can count.
  private static let largestPeak: Int64 = 100_000_000
  /// How far a record may lie ahead of this machine's clock.
  private static let tolerance: Int64 = 86_400

  init(
    _ state: InstallationState, _ terms: LineTerms, foreign: Set<LicenseID>,
    dates: [CivilDate: DateSoFar], root: Thumbprint, now: Int64
  ) {
    installation = state.installation
    head = state.head
    self.terms = terms
    self.foreign = foreign
    self.dates = dates
    self.root = root
    self.now = now
  }

  mutating func take(_ record: IncomingRecord) {
    head.seq = record.seq
    head.hash = record.hash
    switch record.content {
    case .notUnderstood(let refusal): quarantine(record, refusal.code.rawValue)
    case .understood(let usage):
      guard let license = LicenseID(usage.license), usage.installation == installation.thumbprint
      else { return quarantine(record, "MALFORMED") }
      if let closed = head.closed, usage.date <= closed.date || usage.from < closed.to {
        return quarantine(record, "DATE_CLOSED", .dateClosed)
      }
      if let begin = head.dayTo, begin != usage.from {
        return quarantine(record, "DATE_NOT_CONTIGUOUS")
      }
      if usage.stage == .day, dates[usage.date]?.hasDay == true {
        return quarantine(record, "DATE_CLOSED", .dateClosed)
      }
      guard usage.peak?.count ?? 0 <= Self.largestPeak,
        LicenseLimits.revisions.contains(usage.revision)
      else { return quarantine(record, "TOO_LARGE") }
      if foreign.contains(license) { return quarantine(record, "WRONG_LINE") }
      if let revision = terms.revision(of: license), revision != usage.revision {
        return quarantine(record, "REVISION_MISMATCH", .revisionMismatch)
      }
      keep(record, usage, license)
    }
  }

  private mutating func quarantine(
    _ record: IncomingRecord, _ code: String, _ finding: LedgerFinding.Code? = nil
  ) {
    entries.append(
      LedgerEntry(
        seq: record.seq, hash: record.hash, jws: record.jws, content: .quarantined))
    results.append(RecordResult(seq: record.seq, status: .quarantined, code: code))
    find(.quarantined, record)
    if let finding { find(finding, record) }
    head.dayTo = nil
  }

  private mutating func keep(
    _ record: IncomingRecord, _ usage: UsageRecord, _ license: LicenseID
  ) {
    entries.append(
      LedgerEntry(
        seq: record.seq, hash: record.hash, jws: record.jws, content: .usage(usage, license)))
    let remark = terms.remark(on: usage.date, under: license)
    results.append(RecordResult(seq: record.seq, status: .stored, code: remark))
    if terms.revision(of: license) == nil { find(.licenseUnknown, record) }
    if usage.at < head.wordAt { find(.timeWentBack, record) }
    if max(usage.at, usage.to) > now + Self.tolerance { find(.clockAhead, record) }
    if usage.gaps.contains(where: { $0.reason == .clock }) { find(.clockSuspect, record) }
    if usage.root != root { find(.foreignRoot, record) }
    if installation.replacedAt != nil {
      find(.replacedReports, record)
    } else if installation.releasedAt != nil {
      find(.releasedReports, record)
    }
    // What a record says of its limit is its installation's word.
    if let limit = [usage.limit, terms.limit(of: license)].compactMap(\.self).min(),
      let peak = usage.peak?.count, peak > limit
    {
      find(.overLimit, record)
    }
    head.wordAt = usage.at
    switch usage.stage {
    case .sample:
      let known = dates[usage.date, default: DateSoFar()]
      let peak = [known.samplePeak, usage.peak?.count].compactMap(\.self).max()
      dates[usage.date] = DateSoFar(samplePeak: peak, hasDay: known.hasDay)
    case .day: close(record, usage)
    }
  }

  private mutating func close(_ record: IncomingRecord, _ usage: UsageRecord) {
    let unobserved = Self.unobserved(usage, isFirst: head.closed == nil)
    if unobserved > CarryHistory.tolerance { find(.coverage, record, seconds: unobserved) }
    if usage.to > now + Self.tolerance {
      head.dayTo = nil
    } else {
      head.dayTo = usage.to
      head.closed = ClosedDate(date: usage.date, to: usage.to)
    }
    let known = dates[usage.date]
    if let sampled = known?.samplePeak, usage.peak?.count ?? 0 < sampled {
      find(.peakLowered, record)
    }
    dates[usage.date] = DateSoFar(samplePeak: known?.samplePeak, hasDay: true)
    if let zone = terms.zone, zone.day(of: usage.date) != usage.from..<usage.to {
      find(.zoneDisagrees, record)
    }
  }

  /// Of an installation's first date the time before its first start is no gap in what it watched.
  private static func unobserved(_ usage: UsageRecord, isFirst: Bool) -> Int64 {
    usage.gaps.reduce(0) { $1.reason == .before && isFirst ? $0 : $0 + $1.length }
  }

  private mutating func find(
    _ code: LedgerFinding.Code, _ record: IncomingRecord, seconds: Int64? = nil
  ) {
    var date: CivilDate?
    if case .understood(let usage) = record.content { date = usage.date }
    let sign = FindingSign(code, seq: record.seq, date: date, seconds: seconds)
    if let index = findings.firstIndex(where: { $0.code == code }) {
      findings[index].add(sign)
    } else {
      findings.append(sign)
    }
  }
}
