internal import CivilTime
internal import Libcrypto
internal import Licensing
package import Metering
package import Sealing

/// Makes records out of what was counted, under the license in force on their date, of the line that was
/// judged then; where none that is held verifies any more, under the one that was counted under last.
package struct RecordMaker: Sendable {
  private let content: ShelfContent
  private let installation: Thumbprint
  private let surroundings: Surroundings
  private let identity: IdentityBook

  /// - Parameter identity: by which rules the dates were counted.
  package init(
    _ content: ShelfContent, installation: Thumbprint, surroundings: Surroundings,
    identity: IdentityBook
  ) {
    self.identity = identity
    self.content = content
    self.installation = installation
    self.surroundings = surroundings
  }

  /// The date so far.
  /// - Throws: ``VerifierError`` `NO_LICENSE`.
  package func sample(
    _ day: DaySummary, rules: CountingRules
  ) throws(VerifierError) -> RecordDraft {
    try draft(day, rules, at: day.to, closing: nil)
  }

  /// A date that is over; at the first place of a chain, which it is moved from when it is sealed.
  /// - Throws: ``VerifierError`` `NO_LICENSE`.
  package func closing(
    _ day: ClosedDay, _ evidence: EvidenceRoot
  ) throws(VerifierError) -> UsageRecord {
    let closing = UsageRecord.Closing(minutes: day.minutes, evidence: evidence)
    let draft = try draft(day.summary, day.rules, at: day.summary.to, closing: closing)
    return draft.record(of: installation, after: .none)
  }

  private func draft(
    _ day: DaySummary, _ rules: CountingRules, at: Int64, closing: UsageRecord.Closing?
  ) throws(VerifierError) -> RecordDraft {
    // A record belongs to the line of its own time, whatever is judged or signed since.
    let line = surroundings.line(of: content, at: max(day.from, day.to - 1), isPast: true)
    let inForce = line.flatMap { content.license(on: day.date, of: $0)?.payload }
    guard let license = inForce ?? content.lastCounted?.payload else {
      throw VerifierError(
        .noLicense, "\(day.date) cannot be recorded: no license is held that can be read")
    }
    let root = content.trust?.root ?? content.base.roots.thumbprint(using: LibcryptoProvider())
    return RecordDraft(
      license: license.jti.text, revision: license.revision, at: at, day: day,
      limit: license.collectors.limit,
      rule: UsageRecord.Rule(
        window: rules.window, dwell: rules.dwell, identity: identity.rule(on: day.date)),
      release: surroundings.running?.version, root: root, closing: closing)
  }
}

extension RecordDraft {
  /// The record without its place in the chain.
  /// - Parameter at: when it is sealed; never before the time it tells of is over.
  package init(_ record: UsageRecord, at: Int64) {
    self.init(
      license: record.license, revision: record.revision, at: max(at, record.to),
      day: DaySummary(
        date: record.date, from: record.from, to: record.to, peak: record.peak,
        online: record.online, distinct: record.distinct, refused: record.refused,
        observed: record.observed, gaps: record.gaps, gapsMerged: record.gapsMerged),
      limit: record.limit, rule: record.rule, release: record.release, root: record.root,
      closing: record.closing)
  }
}
