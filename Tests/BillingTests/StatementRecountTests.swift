import Billing
import CivilTime
import Licensing
import Metering
import Sealing
import Testing

/// A statement held against the records of one of its installations.
@Suite struct StatementRecountTests {
  static func own(
    _ entries: [UsageEntry], _ installation: Thumbprint, licenses: [License]? = nil,
    thinned: Set<CivilDate> = [], receipted: Int64 = .max, replaces: Thumbprint? = nil,
    activated: String = "2026-11-01"
  ) throws -> OwnUsage {
    OwnUsage(
      installation: BilledInstallation(
        thumbprint: installation, activatedAt: try Samples.midnight(activated),
        replaces: replaces),
      zone: .utc, licenses: try licenses ?? [Samples.payg()],
      entries: entries.filter { $0.installation == installation && $0.kind != .closing },
      thinned: thinned, receipted: receipted)
  }

  /// A month of two installations with whatever happens in it, as the gateway writes it.
  static func month(_ seed: UInt64) throws -> (statement: Statement, entries: [UsageEntry]) {
    var random = StatementPropertyTests.SeededRandom(state: seed)
    let reported = try StatementPropertyTests.ledger(&random)
    let statement = try StatementCorrectionTests.statement(
      try StatementCorrectionTests.whole(reported))
    return (statement, reported)
  }

  @Test(arguments: 0..<300 as Range<UInt64>)
  func `what was written from the same records is equal, for each installation`(
    seed: UInt64
  ) throws {
    let (statement, entries) = try Self.month(seed)
    for byte in 1...3 as ClosedRange<UInt8> {
      let name = try Samples.installation(byte)
      let recount = try statement.recounted(by: Self.own(entries, name))
      #expect(recount.difference == nil, "seed \(seed), \(byte): \(recount)")
      #expect(recount.entries == statement.lines.filter { $0.installation == name }.count)
    }
  }

  /// Changes of one line that leave the statement consistent in itself.
  static let changes: [(member: String, change: @Sendable (inout StatementLine) -> Void)] = [
    ("peak", { $0.peak = ($0.peak ?? 0) + 1 }),
    ("peak_at", { $0.peakAt = ($0.peakAt ?? 0) + 1 }),
    ("observed", { $0.observed -= 1 }),
    ("seconds", { $0.seconds += 1 }),
    ("basis", { $0.basis = .closing }),
    ("gap_count", { $0.gapCount += 1 }),
    ("gaps", { $0.gaps.append(UsageGap(from: 1, to: 2, reason: "stopped")) }),
    ("rule", { $0.rule?.window = 600 }),
    ("terms", { $0.terms = .grace }),
    ("seq", { $0.seq = ($0.seq ?? 0) - 1 }),
    ("sampled_peak", { $0.sampledPeak = 99 }),
    (
      "quantity",
      {
        $0.quantity += 1; $0.charge?.amount += 120
      }
    ),
    (
      "rate",
      {
        $0.charge?.rate = 60; $0.charge?.amount = $0.quantity * 60
      }
    ),
    ("carried_from", { $0.carriedFrom = $0.date }),
  ]

  @Test(arguments: 0..<14)
  func `every member that is changed is named with both values`(index: Int) throws {
    #expect(Self.changes.count == 14)
    let name = try Samples.installation(1)
    let entries = try Samples.november([4, 5, 6], of: name)
    var statement = try Samples.statement(entries, asOf: "2026-11-04")
    Self.changes[index].change(&statement.lines[1])
    statement = try statement.adding([])
    let recount = try statement.recounted(by: Self.own(entries, name))
    let difference = try #require(recount.difference)
    #expect(difference.date == (try Samples.date("2026-11-02")) && difference.entry == .line)
    #expect(difference.installation == name)
    #expect(difference.member == Self.changes[index].member)
    #expect(difference.statement != difference.records)
  }

  @Test func `the first line that differs is named, and later ones do not hide it`() throws {
    let name = try Samples.installation(1)
    let entries = try Samples.november([4, 5, 6], of: name)
    var statement = try Samples.statement(entries, asOf: "2026-11-04")
    for index in [2, 1] { statement.lines[index].peak = 50 }
    let recount = try statement.recounted(by: Self.own(entries, name))
    #expect(recount.difference?.date == (try Samples.date("2026-11-02")))
    #expect(recount.difference?.statement == 50 && recount.difference?.records == 5)
    #expect(recount.entries == 2)
  }

  @Test func `a date that is left out and one that was added are differences`() throws {
    let name = try Samples.installation(1)
    let entries = try Samples.november([4, 5, 6], of: name)
    let statement = try Samples.statement(entries, asOf: "2026-11-04")
    var less = statement
    less.lines.remove(at: 1)
    let missing = try less.recounted(by: Self.own(entries, name)).difference
    #expect(missing?.member == nil && missing?.statement == nil && missing?.records != nil)
    let license = try Samples.payg(from: "2026-11-02")
    let short = try statement.recounted(
      by: Self.own(Array(entries.dropFirst()), name, licenses: [license], activated: "2026-11-02"))
    #expect(short.difference?.date == (try Samples.date("2026-11-01")))
    #expect(short.difference?.records == nil && short.difference?.statement != nil)
  }

  @Test func `a receipted day record that the vendor closed as if it had not come is found`() throws
  {
    let name = try Samples.installation(1)
    let entries = try Samples.november([4, 5, 6], of: name)
    let whole = try StatementCorrectionTests.whole(
      entries.filter { $0.date != (try? Samples.date("2026-11-03")) })
    let statement = try StatementCorrectionTests.statement(whole)
    let last = try #require(entries.last?.seq)
    let receipted = try statement.recounted(by: Self.own(entries, name, receipted: last))
    #expect(receipted.difference?.date == (try Samples.date("2026-11-03")))
    #expect(receipted.difference?.member == "basis")
    // Without a receipt for it the vendor did not have it.
    let late = try statement.recounted(by: Self.own(entries, name, receipted: last - 1))
    #expect(late.difference == nil)
  }

  @Test func `corrections are computed anew, and what was billed before is named as unseen`() throws
  {
    let statement = try StatementCSVTests.corrected()
    let name = try Samples.installation(1)
    let entries = try Samples.november([4, 2, 8], of: name)
    let recount = try statement.recounted(by: Self.own(entries, name))
    #expect(recount.difference == nil, "\(recount)")
    #expect(recount.unseen.contains(.billedBefore(corrections: statement.corrections.count)))
    let other = try statement.recounted(
      by: Self.own(try Samples.november([4, 3, 8], of: name), name))
    #expect(other.difference?.entry == .correction && other.difference?.member == "now")
    #expect(other.difference?.statement == 2 && other.difference?.records == 3)
    #expect(other.difference?.date == (try Samples.date("2026-11-02")))
  }

  @Test func `lines of other installations are counted, and nothing is said of them`() throws {
    let (one, two) = (try Samples.installation(1), try Samples.installation(2))
    let entries = try Samples.november([4, 5], of: one) + Samples.november([7, 8], of: two)
    var statement = try Samples.statement(entries, asOf: "2026-11-03")
    for index in statement.lines.indices where statement.lines[index].installation == two {
      statement.lines[index].peak = 1
    }
    let recount = try statement.recounted(by: Self.own(entries, one))
    #expect(recount.difference == nil)
    #expect(recount.unseen == [.others(installations: 1, entries: 2)])
    let stranger = try statement.recounted(
      by: Self.own([], Samples.installation(9), activated: "2026-12-01"))
    #expect(stranger.entries == 0 && stranger.difference == nil)
    #expect(stranger.unseen == [.others(installations: 2, entries: 4)])
  }

  @Test func `the date of a change is held against the line that bills it`() throws {
    let (old, new) = (try Samples.installation(1), try Samples.installation(2))
    let entries =
      [
        try Samples.day("2026-11-01", peak: 9, of: old),
        try Samples.day("2026-11-01", peak: 4, of: new),
      ] + [try Samples.day("2026-11-02", peak: 0, unobserved: 80_000, of: new)]
    let noon = try Samples.midnight("2026-11-01") + 43_200
    let statement = try Samples.statement(
      entries, asOf: "2026-11-03",
      installations: [
        BilledInstallation(
          thumbprint: old, activatedAt: try Samples.midnight("2026-11-01"), replacedAt: noon),
        BilledInstallation(thumbprint: new, activatedAt: noon, replaces: old),
      ])
    let recount = try statement.recounted(by: Self.own(entries, new, replaces: old))
    #expect(recount.difference == nil, "\(recount)")
    #expect(recount.unseen.contains(.yielded(try Samples.date("2026-11-01"), old)))
    // Were the other line the smaller one, this one would bill.
    var small = statement
    for index in small.lines.indices where small.lines[index].installation == old {
      small.lines[index].quantity = 3
      small.lines[index].charge?.amount = 360
    }
    #expect(try small.recounted(by: Self.own(entries, new, replaces: old)).difference != nil)
  }

  @Test func `samples that are not kept any more are said, and are not held against the vendor`()
    throws
  {
    let name = try Samples.installation(1)
    let date = try Samples.date("2026-11-01")
    let sample = try Samples.sample("2026-11-01", at: 40_000, peak: 9, of: name, seq: 3)
    let days = try Samples.november([4, 5], of: name)
    let statement = try Samples.statement(days + [sample], asOf: "2026-11-03")
    #expect(statement.lines[0].sampledPeak == 9)
    let kept = try statement.recounted(by: Self.own(days + [sample], name))
    #expect(kept.difference == nil && kept.unseen.isEmpty)
    let thinned = try statement.recounted(by: Self.own(days, name, thinned: [date]))
    #expect(thinned.difference == nil)
    #expect(try statement.recounted(by: Self.own(days, name)).difference?.member == "sampled_peak")
  }

  @Test func `a license that is not installed is named, what was counted is compared`()
    throws
  {
    let name = try Samples.installation(1)
    let entries = try Samples.november([4, 5], of: name).map { entry in
      var entry = entry
      entry.license = try Samples.license("r2")
      entry.revision = 2
      return entry
    }
    let licenses = [try Samples.payg(), try Samples.payg(revision: 2, from: "2026-11-01")]
    var statement = try Samples.statement(entries, licenses: licenses, asOf: "2026-11-03")
    let recount = try statement.recounted(by: Self.own(entries, name))
    #expect(recount.difference == nil && recount.unseen.count == 2)
    statement.lines[0].peak = 50
    #expect(try statement.recounted(by: Self.own(entries, name)).difference?.member == "peak")
    #expect(throws: BillingError.self) {
      _ = try statement.recounted(by: Self.own(entries, name, licenses: []))
    }
  }
}
