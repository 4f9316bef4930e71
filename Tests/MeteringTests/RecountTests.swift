import CivilTime
import Libcrypto
import Metering
import Sealing
import Testing

@Suite struct RecountTests {
  static let cryptography = LibcryptoProvider()

  /// A closed date with its leaves in order.
  struct Date {
    var record: UsageRecord
    var leaves: [EvidenceLeaf]

    func finding() -> EvidenceFinding? {
      guard var recount = Recount(of: record, using: RecountTests.cryptography) else {
        return .rootDiffers
      }
      do throws(EvidenceFinding) {
        for leaf in leaves { try recount.take(leaf) }
        try recount.end()
        return nil
      } catch { return error }
    }

    /// Gives the record the root of the leaves, so that it is the record that contradicts itself.
    mutating func commit() {
      var tree = MerkleTree.Accumulator(using: RecountTests.cryptography)
      for leaf in leaves {
        tree.add(MerkleTree.leafHash(leaf.encoded, using: RecountTests.cryptography))
      }
      record.closing?.evidence = EvidenceRoot(leaves: tree.count, root: tree.root)
    }
  }

  static func date(
    _ summary: DaySummary, minutes: [MinuteRun], segments: [[Segment]]
  ) throws -> Date {
    let leaves = segments.enumerated().map { index, segments in
      EvidenceLeaf(
        name: cryptography.sha256([UInt8(index)]), segments: EvidenceLeaf.canonical(segments))
    }.sorted { $0.name.bytes.lexicographicallyPrecedes($1.name.bytes) }
    let root = Thumbprint(try UsageRecordFixture.digest(3))
    let closing = UsageRecord.Closing(
      minutes: minutes,
      evidence: EvidenceRoot(
        leaves: Int64(leaves.count), root: try UsageRecordFixture.digest(4)))
    var date = Date(
      record: UsageRecord(
        installation: Thumbprint(try UsageRecordFixture.digest(1)), license: "lic_1", revision: 1,
        seq: 1, prev: nil, at: summary.to, day: summary, limit: nil,
        rule: UsageRecord.Rule(window: 300, dwell: 0, identity: "datakit:hostname"), release: nil,
        root: root, closing: closing),
      leaves: leaves)
    date.commit()
    return date
  }

  /// 600 s: `a` with 2 from 0 to 300, `b` with 5 from 100 to 200, a gap from 400 on.
  static func simple() throws -> Date {
    let summary = DaySummary(
      date: try #require(CivilDate("2026-11-21")), from: 0, to: 600,
      peak: Peak(count: 7, at: 100), online: 0, distinct: 2, refused: 0, observed: 400,
      gaps: [Gap(from: 400, to: 600, reason: .stopped)], gapsMerged: 0)
    let minutes = [
      MinuteRun(minutes: 1, count: 2), MinuteRun(minutes: 3, count: 7),
      MinuteRun(minutes: 1, count: 2), MinuteRun(minutes: 2, count: 0),
      MinuteRun(minutes: 3, count: -1),
    ]
    return try date(
      summary, minutes: minutes,
      segments: [
        [Segment(from: 0, to: 300, weight: 2)], [Segment(from: 100, to: 200, weight: 5)],
      ])
  }

  @Test func `leaves that come to what the record says are whole`() throws {
    let date = try Self.simple()
    try date.record.requireConsistency()
    #expect(date.finding() == nil)
  }

  @Test func `the first thing that differs is named`() throws {
    let cases: [(String, EvidenceFinding, (inout Date) -> Void)] = [
      ("a leaf less", .leavesDiffer(record: 2, found: 1), { $0.leaves.removeLast() }),
      (
        "another weight", .rootDiffers,
        {
          let leaf = $0.leaves[0]
          $0.leaves[0] = EvidenceLeaf(
            name: leaf.name,
            segments: leaf.segments.map { Segment(from: $0.from, to: $0.to, weight: $0.weight + 1) }
          )
        }
      ),
      ("not in order", .leafMalformed(index: 1, .order), { $0.leaves.swapAt(0, 1) }),
      ("twice", .leafMalformed(index: 1, .order), { $0.leaves[1] = $0.leaves[0] }),
      (
        "no segment", .leafMalformed(index: 0, .empty),
        { $0.leaves[0] = EvidenceLeaf(name: $0.leaves[0].name, segments: []) }
      ),
      (
        "not joined", .leafMalformed(index: 0, .notCanonical),
        {
          $0.leaves[0] = EvidenceLeaf(
            name: $0.leaves[0].name,
            segments: [
              Segment(from: 0, to: 5, weight: 1), Segment(from: 5, to: 9, weight: 1),
            ])
        }
      ),
      (
        "outside", .leafMalformed(index: 0, .outsideDate),
        {
          $0.leaves[0] = EvidenceLeaf(
            name: $0.leaves[0].name, segments: [Segment(from: 0, to: 601, weight: 1)])
        }
      ),
      (
        "no such weight", .leafMalformed(index: 0, .weight),
        {
          $0.leaves[0] = EvidenceLeaf(
            name: $0.leaves[0].name, segments: [Segment(from: 0, to: 6, weight: 0)])
        }
      ),
      (
        "a collector of the gap", .distinctDiffers(record: 3, found: 2),
        {
          let name = RecountTests.cryptography.sha256(Array("z".utf8))
          let leaf = EvidenceLeaf(name: name, segments: [Segment(from: 450, to: 500, weight: 1)])
          $0.leaves.append(leaf)
          $0.leaves.sort { $0.name.bytes.lexicographicallyPrecedes($1.name.bytes) }
          $0.record.distinct = 3
          $0.commit()
        }
      ),
      (
        "a minute", .minuteDiffers(from: 300, record: 1, found: 0),
        { $0.record.closing?.minutes[3] = MinuteRun(minutes: 2, count: 1) }
      ),
      (
        "a peak of another second",
        .peakDiffers(record: Peak(count: 7, at: 101), found: Peak(count: 7, at: 100)),
        { $0.record.peak = Peak(count: 7, at: 101) }
      ),
    ]
    #expect(cases.count == 11)
    for (name, expected, change) in cases {
      var date = try Self.simple()
      change(&date)
      #expect(date.finding() == expected, "\(name)")
      #expect(!expected.message.isEmpty && !expected.chinese.isEmpty)
      #expect(expected.json["code"]?.string == expected.code.rawValue)
    }
  }

  @Test func `where gaps were joined a peak among them is its own second's sum`() throws {
    func joined(_ peak: Peak, minute: Int64 = 7) throws -> EvidenceFinding? {
      var date = try Self.simple()
      // The watched seconds from 50 to 150 are not told from the gaps around them any more.
      date.record.gaps = [
        Gap(from: 50, to: 150, reason: .stopped), Gap(from: 400, to: 600, reason: .stopped),
      ]
      date.record.gapsMerged = 1
      date.record.peak = peak
      date.record.closing?.minutes[1] = MinuteRun(minutes: 3, count: minute)
      return date.finding()
    }
    #expect(try joined(Peak(count: 7, at: 100)) == nil)
    #expect(try joined(Peak(count: 7, at: 120)) == nil)
    #expect(try joined(Peak(count: 7, at: 99))?.code == .peakDiffers)
    #expect(try joined(Peak(count: 6, at: 120))?.code == .peakDiffers)
    #expect(try joined(Peak(count: 7, at: 170))?.code == .peakDiffers)
    #expect(try joined(Peak(count: 7, at: 100), minute: 8)?.code == .minuteDiffers)
  }

  @Test(arguments: 0..<4)
  func `dates of random histories come out of their leaves as they were counted`(
    _ shard: UInt64
  ) throws {
    var dates = 0
    for number in 0..<50 {
      let history = History.random(seed: 77_000_000 + shard * 10_000 + UInt64(number))
      var driver = MeterDriver(history)
      try driver.play()
      for closed in driver.closed {
        let segments = (0..<history.collectors).map { who in
          driver.segments.filter {
            $0.id == MeterDriver.id(who) && $0.date == closed.summary.date
          }.map(\.segment)
        }.filter { !$0.isEmpty }
        var date = try Self.date(closed.summary, minutes: closed.minutes, segments: segments)
        date.record.distinct = Int64(date.leaves.count)
        try #require(date.finding() == nil, "seed \(history.seed)")
        dates += 1
        guard let first = date.leaves.indices.first else { continue }
        date.leaves[first] = EvidenceLeaf(
          name: date.leaves[first].name,
          segments: date.leaves[first].segments.map {
            Segment(from: $0.from, to: $0.to, weight: $0.weight == 9 ? 8 : 9)
          })
        // Segments that touch may now have one weight: then the leaf is not canonical any more.
        let code = date.finding()?.code
        try #require(
          code == .rootDiffers || code == .leafMalformed, "seed \(history.seed)")
      }
    }
    #expect(dates > 50)
  }
}
