import Billing
import CivilTime
import Licensing
import Metering
import Sealing

/// The records of one installation in the making.
struct SimulatedChain {
  let name: Thumbprint
  let zone: Zone
  private(set) var entries: [UsageEntry] = []

  init(name: Thumbprint, zone: Zone) {
    self.name = name
    self.zone = zone
  }

  /// What becomes of a date: no record, samples alone, or a day record, with or without gaps in it.
  mutating func add(
    _ date: CivilDate, revision: Int64, _ random: inout StatementPropertyTests.SeededRandom
  ) throws {
    let span = zone.day(of: date)
    let begin = span.lowerBound
    let fate = Int.random(in: 0..<10, using: &random)
    guard fate > 0 else { return }
    for _ in 0..<Int.random(in: 0...2, using: &random) {
      let to = span.lowerBound + Int64.random(in: 10_000...80_000, using: &random)
      try add(
        .sample, date, begin..<to, unobserved: 0, peak: Int64.random(in: 0...40, using: &random),
        revision)
    }
    guard fate > 2 else { return }
    let missing = try Samples.some([0, 0, 0, 3600, 3601, 50_000].randomElement(using: &random))
    let isBlind = Int.random(in: 0..<12, using: &random) == 0
    try add(
      .day, date, span, unobserved: isBlind ? Int64(span.count) : Int64(missing),
      peak: isBlind ? nil : Int64.random(in: 0...30, using: &random), revision)
  }

  private mutating func add(
    _ kind: UsageEntry.Kind, _ date: CivilDate, _ span: Range<Int64>, unobserved: Int64,
    peak: Int64?, _ revision: Int64
  ) throws {
    let (begin, to) = (span.lowerBound, span.upperBound)
    entries.append(
      UsageEntry(
        installation: name, seq: Int64(entries.count + 1), kind: kind, date: date, from: begin,
        to: to, peak: peak, peakAt: peak.map { _ in begin + unobserved },
        observed: to - begin - unobserved,
        gaps: unobserved > 0
          ? [UsageGap(from: begin, to: begin + unobserved, reason: "stopped")] : [],
        rule: UsageRecord.Rule(window: 300, dwell: 0, identity: "datakit:hostname"),
        license: try Samples.license("r\(revision)"), revision: revision))
  }
}
