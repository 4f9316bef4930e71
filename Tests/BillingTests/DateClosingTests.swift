import Billing
import CivilTime
import Licensing
import Metering
import Sealing
import Testing

/// What the gateway closes, and that closing changes no amount.
@Suite struct DateClosingTests {
  static func basis(
    _ entries: [UsageEntry], licenses: [License], installations: [BilledInstallation],
    asOf: String = "2026-12-05"
  ) throws -> StatementBasis {
    StatementBasis(
      month: try Samples.month("2026-11"), zone: .utc, asOf: try Samples.midnight(asOf),
      position: 77, licenses: licenses, installations: installations, entries: entries)
  }

  static func standing(_ byte: UInt8) throws -> BilledInstallation {
    BilledInstallation(
      thumbprint: try Samples.installation(byte), activatedAt: try Samples.midnight("2026-11-01"))
  }

  /// A closing as the ledger gives it back.
  static func entry(_ open: OpenDate) -> UsageEntry {
    let closing = open.closing
    return UsageEntry(
      installation: open.installation, seq: closing.seq, kind: .closing, date: closing.date,
      from: closing.from, to: closing.to, peak: closing.peak, peakAt: closing.peakAt,
      observed: closing.observed, gaps: closing.gaps, rule: closing.rule,
      license: closing.license, revision: closing.revision)
  }

  /// What a line costs and why, but for what it rests on.
  static func terms(_ line: StatementLine) -> StatementLine {
    var line = line
    line.basis = .none
    line.gaps = []
    line.gapCount = 0
    return line
  }

  static func ledger(
    _ random: inout StatementPropertyTests.SeededRandom
  ) throws -> [UsageEntry] {
    try StatementPropertyTests.ledger(&random).map { entry in
      var entry = entry
      if Int.random(in: 0..<3, using: &random) == 0 {
        entry.kind = .sample
        entry.to = entry.from + Int64.random(in: 1...86_400, using: &random)
        entry.gaps = []
        entry.observed = entry.peak == nil ? 0 : entry.to - entry.from
      }
      if Bool.random(using: &random), entry.date.description > "2026-11-10" {
        entry.license = try Samples.license("r2")
        entry.revision = 2
      }
      return entry
    }
  }

  @Test(arguments: 0..<300 as Range<UInt64>)
  func `closing every open date changes no quantity, no price and no amount`(
    seed: UInt64
  ) throws {
    var random = StatementPropertyTests.SeededRandom(state: seed)
    let entries = try Self.ledger(&random)
    let dear = Price(currency: "CNY", minorPerCollectorDay: 777)
    let licenses = [
      try Samples.payg(), try Samples.payg(revision: 2, from: "2026-11-15", price: dear),
    ]
    var basis = try Self.basis(
      entries, licenses: licenses, installations: try (1...3).map(Self.standing))
    let before = try Statement.draft(from: basis)
    let open = try basis.openDates()
    #expect(before.status == (open.isEmpty ? .closed : .provisional), "seed \(seed)")
    for date in open {
      let line = before.lines.first {
        $0.installation == date.installation && $0.date == date.closing.date
      }
      #expect(line?.quantity == date.closing.quantity, "seed \(seed)")
      #expect(line?.carriedFrom == date.closing.carriedFrom, "seed \(seed)")
    }
    basis.entries += open.map(Self.entry)
    let after = try Statement.draft(from: basis)
    #expect(after.status == .closed, "seed \(seed)")
    #expect(after.lines.map(Self.terms) == before.lines.map(Self.terms), "seed \(seed)")
    #expect(after.totals == before.totals, "seed \(seed)")
    #expect(try basis.openDates().isEmpty, "seed \(seed)")
  }

  @Test func `the present date and what follows a chain's end are left open`() throws {
    var ended = try Self.standing(2)
    ended.releasedAt = try Samples.midnight("2026-11-02")
    let names = (try Samples.installation(1), ended.thumbprint)
    let basis = try Self.basis(
      [
        Samples.sample("2026-11-02", at: 60, peak: 4, of: names.1, seq: 1),
        Samples.sample("2026-11-03", at: 60, peak: 4, of: names.0, seq: 1),
      ], licenses: [Samples.payg()], installations: [Self.standing(1), ended],
      asOf: "2026-11-03")
    let open = try basis.openDates()
    #expect(open.map(\.installation) == [names.0, names.0, names.1])
    #expect(open.map(\.closing.date.day) == [1, 2, 1])
    let midnight = try Samples.midnight("2026-11-02")
    let due = [midnight + 72 * 3600, midnight + 96 * 3600, midnight + 72 * 3600]
    #expect(open.map(\.dueAt) == due)
  }

  @Test func `where usage comes by file the last dates of an ended chain wait seven days`() throws {
    var ended = try Self.standing(2)
    ended.replacedAt = try Samples.midnight("2026-11-03") + 5
    var license = try Samples.payg()
    license.reporting = Reporting(mode: .offline, leaseHours: 720)
    let open = try Self.basis(
      [], licenses: [license], installations: [Self.standing(1), ended], asOf: "2026-11-05"
    ).openDates()
    #expect(open.map(\.closing.date.day) == [1, 2, 3, 4, 1, 2])
    let due = try Samples.midnight("2026-11-10") + 5
    #expect(open.map(\.dueAt) == [nil, nil, nil, nil, due, due])
  }

  @Test func `from the date on which a seat is freed only what was observed is billed`() throws {
    var ended = try Self.standing(2)
    ended.releasedAt = try Samples.midnight("2026-11-03") + 3600
    let statement = try Statement.draft(
      from: try Self.basis(
        [
          Samples.day("2026-11-01", peak: 90, of: ended.thumbprint),
          Samples.sample("2026-11-03", at: 60, peak: 4, of: ended.thumbprint, seq: 99),
        ], licenses: [Samples.payg()], installations: [ended]))
    #expect(statement.lines.map(\.date.day) == [1, 2, 3])
    #expect(statement.lines.map(\.quantity) == [90, 90, 4])
    #expect(statement.status == .provisional, "the gateway closes the 2nd yet")
  }

  @Test func `what is sealed reads back as it was written`() throws {
    let name = try Samples.installation(1)
    let other = try Samples.installation(2)
    let basis = try Self.basis(
      [
        Samples.day("2026-11-01", peak: 9, of: name),
        Samples.sample("2026-11-02", at: 60, peak: 4, of: name, seq: 99),
      ], licenses: [Samples.payg()], installations: [Self.standing(1)], asOf: "2026-11-04")
    let closings = try basis.openDates().map(\.closing)
    #expect(closings.map(\.seq) == [99, nil])
    #expect(closings.map(\.quantity) == [9, 9])
    let matters: [Decision.Matter] =
      closings.map { .closing($0) } + [
        .release, .replace(ReplacementPermit(through: 5)),
        .replace(ReplacementPermit(through: 5, successor: other)),
      ]
    #expect(matters.count == 5)
    for matter in matters {
      let decision = Decision(
        iss: "https://license.vendor.example", iat: 7, line: try Samples.payg().line,
        installation: name, by: "alice", why: "the disk is lost", matter: matter)
      #expect(try Decision.parse(decision.json.serialized) == decision)
      let text = decision.json.text.replacing("\"why\"", with: "\"wherefore\"")
      #expect(throws: Refusal.self) { _ = try Decision.parse(Array(text.utf8)) }
    }
  }

  @Test func `a closing whose numbers do not fit each other is refused`() throws {
    let basis = try Self.basis(
      [], licenses: [Samples.payg()], installations: [Self.standing(1)], asOf: "2026-11-02")
    let closing = try Samples.some(try basis.openDates().first?.closing)
    let spoilt: [(inout DateClosing) -> Void] = [
      { $0.to = $0.from }, { $0.observed = $0.to - $0.from + 1 }, { $0.peak = 1 },
    ]
    #expect(spoilt.count == 3)
    for spoil in spoilt {
      var other = closing
      spoil(&other)
      let decision = Decision(
        iss: "https://license.vendor.example", iat: 7, line: try Samples.payg().line,
        installation: try Samples.installation(1), by: "alice", why: "w",
        matter: .closing(other))
      #expect(throws: Refusal.self) { _ = try Decision.parse(decision.json.serialized) }
    }
  }

  @Test func `a permit holds through its last second, for its successor and no other`() throws {
    let (one, other) = (try Samples.installation(1), try Samples.installation(2))
    let permit = ReplacementPermit(through: 100, successor: one)
    #expect(permit.allows(one, at: 100) && !permit.allows(one, at: 101))
    #expect(!permit.allows(other, at: 100))
    #expect(ReplacementPermit(through: 100).allows(other, at: 100))
  }
}
