import Billing
import CivilTime
import LibcryptoIssuing
import Licensing
import Sealing
import TestSupport
import Testing

/// What staff decide about the bill of dates.
@Suite struct BillChangeTests {
  /// The vendor of every decision of these tests.
  static let vendor = Result { try TestVendor() }

  static func decision(
    _ effect: BillChange.Effect, of installation: Thumbprint, _ from: String,
    _ through: String? = nil, line: String = "lin_1", finding: String? = nil,
    iss: String = "https://license.vendor.example"
  ) throws -> Decision {
    Decision(
      iss: iss, iat: 1_796_119_200, line: try Samples.some(LineID(line)),
      installation: installation, by: "alice", why: "agreed by phone",
      matter: .bill(
        try BillChange(
          effect, from: try Samples.date(from), through: try Samples.date(through ?? from),
          finding: finding)))
  }

  static func quoted(
    _ effect: BillChange.Effect, of installation: Thumbprint, _ from: String,
    _ through: String? = nil
  ) throws -> QuotedDecision {
    try QuotedDecision(
      try vendor.get().jws(decision(effect, of: installation, from, through)))
  }

  /// A statement of November over entries of installations that were activated on the 1st.
  static func statement(
    _ entries: [UsageEntry], _ decisions: [QuotedDecision], licenses: [License]? = nil,
    asOf: String = "2026-12-05"
  ) throws -> Statement {
    let since = try Samples.midnight("2026-11-01")
    return try Statement.draft(
      from: StatementBasis(
        month: try Samples.month("2026-11"), zone: .utc, asOf: try Samples.midnight(asOf),
        position: 77, licenses: try licenses ?? [Samples.payg()],
        installations: Set(entries.map(\.installation)).map {
          BilledInstallation(thumbprint: $0, activatedAt: since)
        }, entries: entries, decisions: decisions))
  }

  @Test func `a waived date bills nothing, and its line shows what it would have billed`() throws {
    let name = try Samples.installation(1)
    let entries = try Samples.november([4, 70, 6], of: name)
    let plain = try Self.statement(entries, [], asOf: "2026-11-04")
    let statement = try Self.statement(
      entries, [Self.quoted(.waive, of: name, "2026-11-02")], asOf: "2026-11-04")
    #expect(statement.lines.map(\.quantity) == [4, 0, 6])
    let waived = statement.lines[1]
    #expect(waived.decided == .waive && waived.computed == 70 && waived.charge?.amount == 0)
    var same = waived
    (same.decided, same.computed, same.quantity) = (nil, nil, 70)
    same.charge = plain.lines[1].charge
    #expect(same == plain.lines[1], "all else is as it was")
    #expect(statement.totals.map(\.amount) == [1200] && statement.decisions.count == 1)
    #expect(statement.lines[0] == plain.lines[0] && statement.lines[2] == plain.lines[2])
    #expect(try Statement.parse(statement.json.serialized) == statement)
    #expect(statement.serialized == statement.json.serialized)
  }

  @Test func `a corrected date bills the stated quantity, above what was counted as well`() throws {
    let name = try Samples.installation(1)
    let entries = try Samples.november([4, 70, 6], of: name)
    let statement = try Self.statement(
      entries, [Self.quoted(.correct(9), of: name, "2026-11-01", "2026-11-02")],
      asOf: "2026-11-04")
    #expect(statement.lines.map(\.quantity) == [9, 9, 6])
    #expect(statement.lines.map(\.computed) == [4, 70, nil])
    #expect(statement.totals.map(\.amount) == [24 * 120])
  }

  @Test func `a later date carries what was counted, not what was billed`() throws {
    let name = try Samples.installation(1)
    let entries = try Samples.november([4, 70, nil], of: name)
    for effect in [BillChange.Effect.waive, .correct(5)] {
      let statement = try Self.statement(
        entries, [Self.quoted(effect, of: name, "2026-11-02")], asOf: "2026-11-04")
      let carried = try #require(statement.lines.last)
      #expect(carried.quantity == 70 && carried.carriedFrom == statement.lines[1].date)
      #expect(carried.decided == nil)
    }
  }

  @Test func `the newest decision of a date stands, and one that takes back leaves the others`()
    throws
  {
    let name = try Samples.installation(1)
    let other = try Samples.installation(2)
    let entries = try Samples.november([4, 5, 6, 7], of: name) + Samples.november([8], of: other)
    let decisions = [
      try Self.quoted(.waive, of: name, "2026-11-01", "2026-11-04"),
      try Self.quoted(.correct(50), of: name, "2026-11-02"),
      try Self.quoted(.restore, of: name, "2026-11-03", "2026-11-09"),
      try Self.quoted(.correct(1), of: name, "2026-11-04"),
    ]
    let statement = try Self.statement(entries, decisions, asOf: "2026-11-05")
    let own = statement.lines.filter { $0.installation == name }
    #expect(own.map(\.quantity) == [0, 50, 6, 1])
    #expect(own.map(\.decided) == [.waive, .correct, nil, .correct])
    #expect(
      statement.lines.first { $0.installation == other }?.quantity == 8, "another's stays")
    #expect(statement.decisions == decisions.map(\.jws))
  }

  @Test func `a decision closes no date, and gives none a line`() throws {
    let name = try Samples.installation(1)
    let sample = try Samples.sample("2026-11-01", at: 600, peak: 4, of: name, seq: 1)
    let decision = try Self.quoted(.correct(9), of: name, "2026-10-20", "2026-11-05")
    let statement = try Self.statement([sample], [decision], asOf: "2026-11-02")
    #expect(statement.status == .provisional)
    #expect(statement.lines.map(\.basis) == [.sample] && statement.lines.map(\.quantity) == [9])
  }

  @Test func `a date under a license without a price is decided as well`() throws {
    let name = try Samples.installation(1)
    let statement = try Self.statement(
      try Samples.november([4], of: name), [Self.quoted(.waive, of: name, "2026-11-01")],
      licenses: [try Samples.payg(price: nil)], asOf: "2026-11-02")
    #expect(statement.lines.map(\.quantity) == [0] && statement.lines[0].charge == nil)
    #expect(statement.totals.isEmpty)
  }

  @Test func `an amount that no number holds is refused, never rounded`() throws {
    let name = try Samples.installation(1)
    let huge = try Self.quoted(
      .correct(SealedLimits.counts.upperBound), of: name, "2026-11-01")
    let entries = try Samples.november([4], of: name)
    #expect(throws: BillingError.self) {
      _ = try Self.statement(entries, [huge], asOf: "2026-11-02")
    }
  }

  @Test func `on the date of a change the larger count decides, whatever staff decided`() throws {
    let (old, new) = (try Samples.installation(1), try Samples.installation(2))
    let noon = try Samples.midnight("2026-11-01") + 43_200
    let statement = try Statement.draft(
      from: StatementBasis(
        month: try Samples.month("2026-11"), zone: .utc,
        asOf: try Samples.midnight("2026-11-02"), position: 1, licenses: [try Samples.payg()],
        installations: [
          BilledInstallation(thumbprint: old, activatedAt: noon - 1, replacedAt: noon),
          BilledInstallation(thumbprint: new, activatedAt: noon, replaces: old),
        ],
        entries: [
          try Samples.day("2026-11-01", peak: 9, of: old),
          try Samples.day("2026-11-01", peak: 4, of: new),
        ], decisions: [try Self.quoted(.waive, of: old, "2026-11-01")]))
    #expect(
      statement.lines.map(\.quantity) == [0, 0], "what was waived comes back by no other line")
    #expect(statement.lines.map(\.yieldsTo) == [nil, old])
    #expect(statement.lines[0].computed == 9)
  }

  @Test func `dates, quantity and finding have bounds, in a sealed document as well`() throws {
    let name = try Samples.installation(1)
    #expect(throws: Never.self) {
      _ = try Self.decision(.waive, of: name, "2026-01-01", "2027-01-01", finding: "FORKED")
    }
    let long = String(repeating: "f", count: 65)
    let bad: [() throws -> Decision] = [
      { try Self.decision(.waive, of: name, "2026-11-02", "2026-11-01") },
      { try Self.decision(.waive, of: name, "2026-01-01", "2027-01-02") },
      { try Self.decision(.correct(-1), of: name, "2026-11-01") },
      { try Self.decision(.correct(1 << 53), of: name, "2026-11-01") },
      { try Self.decision(.waive, of: name, "2026-11-01", finding: long) },
      { try Self.decision(.waive, of: name, "2026-11-01", finding: "") },
      { try Self.decision(.waive, of: name, "2026-11-01", finding: "a\u{7}") },
    ]
    for make in bad { #expect(throws: Refusal.self) { _ = try make() } }
    let good = try Self.decision(
      .correct(7), of: name, "2026-11-01", "2026-11-03", finding: "发现 12")
    #expect(try Decision.parse(good.json.serialized) == good)
    let text = good.json.text
    let changes = [
      ("\"quantity\":7", "\"quantity\":-7"), ("\"quantity\":7,", ""),
      ("2026-11-03", "2026-10-31"), ("\"kind\":\"correct\"", "\"kind\":\"waive\""),
      ("\"kind\":\"correct\"", "\"kind\":\"forgive\""), ("发现 12", long),
    ]
    for (old, new) in changes {
      #expect(text.contains(old))
      #expect(throws: Refusal.self, "\(new)") {
        _ = try Decision.parse(Array(text.replacing(old, with: new).utf8))
      }
    }
  }

  @Test func `a line that says what was decided without saying what was computed is refused`()
    throws
  {
    let name = try Samples.installation(1)
    let statement = try Self.statement(
      try Samples.november([4], of: name), [Self.quoted(.waive, of: name, "2026-11-01")],
      asOf: "2026-11-02")
    var without = statement
    without.lines[0].computed = nil
    var billed = statement
    billed.lines[0].quantity = 4
    billed.lines[0].charge?.amount = 480
    for wrong in [without, try billed.adding([])] {
      #expect(throws: Refusal.self) { _ = try Statement.parse(wrong.json.serialized) }
    }
  }
}
