package import CivilTime
package import Metering
package import Sealing

/// One record of the chain as it is stored.
package struct LedgerEntry: Sendable, Equatable {
  package let seq: Int64
  package let jws: String
  /// SHA-256 of ``jws``.
  package let hash: Digest
  package let stage: UsageRecord.Stage
  package let date: CivilDate
  package let at: Int64
}

/// The end of a chain.
package struct ChainHead: Sendable, Equatable {
  /// The last record, 0 before the first.
  package let seq: Int64
  /// The hash of that record, nil exactly at 0.
  package let hash: Digest?

  package init(seq: Int64, hash: Digest?) {
    self.seq = seq
    self.hash = hash
  }

  package static let none = ChainHead(seq: 0, hash: nil)
}

/// A record that lacks only its place in the chain.
package struct RecordDraft: Sendable, Equatable {
  package var license: String
  package var revision: Int64
  package var at: Int64
  package var day: DaySummary
  package var limit: Int64?
  package var rule: UsageRecord.Rule
  package var release: String?
  package var root: Thumbprint
  package var closing: UsageRecord.Closing?

  package init(
    license: String, revision: Int64, at: Int64, day: DaySummary, limit: Int64?,
    rule: UsageRecord.Rule, release: String?, root: Thumbprint, closing: UsageRecord.Closing?
  ) {
    self.license = license
    self.revision = revision
    self.at = at
    self.day = day
    self.limit = limit
    self.rule = rule
    self.release = release
    self.root = root
    self.closing = closing
  }

  /// The record that follows the head.
  package func record(of installation: Thumbprint, after head: ChainHead) -> UsageRecord {
    UsageRecord(
      installation: installation, license: license, revision: revision, seq: head.seq + 1,
      prev: head.hash, at: at, day: day, limit: limit, rule: rule, release: release, root: root,
      closing: closing)
  }
}
