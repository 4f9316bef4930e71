import CivilTime
import Metering
import Sealing
import Testing

/// Records of a date of 86,400 s with a gap, as an installation would write them.
enum UsageRecordFixture {
  static let from: Int64 = 1_795_190_400

  static func digest(_ byte: UInt8) throws -> Digest {
    try #require(Digest([UInt8](repeating: byte, count: 32)))
  }

  static func summary(to: Int64) throws -> DaySummary {
    DaySummary(
      date: try #require(CivilDate("2026-11-21")), from: from, to: to,
      peak: Peak(count: 7, at: from + 130), online: 5, distinct: 3, refused: 1,
      observed: to - from - 120, gaps: [Gap(from: from, to: from + 120, reason: .before)],
      gapsMerged: 0)
  }

  static func record(seq: Int64 = 2, closing: Bool) throws -> UsageRecord {
    let to = closing ? from + 86_400 : from + 3600
    return UsageRecord(
      installation: Thumbprint(try digest(1)), license: "lic_0192a", revision: 3, seq: seq,
      prev: seq == 1 ? nil : try digest(2), at: closing ? to + 2 : to,
      day: try summary(to: to), limit: closing ? nil : 10,
      rule: UsageRecord.Rule(window: 300, dwell: 0, identity: "datakit:hostname"),
      release: "1.99.0", root: Thumbprint(try digest(3)),
      closing: closing
        ? UsageRecord.Closing(
          minutes: [
            MinuteRun(minutes: 2, count: -1), MinuteRun(minutes: 1, count: 7),
            MinuteRun(minutes: 1437, count: 2),
          ], evidence: EvidenceRoot(leaves: 3, root: try digest(4)))
        : nil)
  }
}
