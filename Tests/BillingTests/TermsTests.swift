import Billing
import CivilTime
import Licensing
import Sealing
import Testing

/// Which revision prices a date, and under which terms.
@Suite struct TermsTests {
  @Test func `grace and what comes after stand in lines of their own at the last price`() throws {
    let installation = try Samples.installation(1)
    let license = try Samples.payg(through: "2026-11-10", grace: 5)
    let statement = try Samples.statement(
      try Samples.november(Array(repeating: 2, count: 20), of: installation),
      licenses: [license], asOf: "2026-11-21")
    let terms = statement.lines.map(\.terms)
    #expect(
      terms == Array(repeating: .term, count: 10) + Array(repeating: .grace, count: 5)
        + Array(repeating: .expired, count: 5))
    #expect(statement.totals.map(\.amount) == [20 * 2 * 120])
  }

  @Test func `before the term of any revision the lowest prices the date`() throws {
    let installation = try Samples.installation(1)
    let statement = try Samples.statement(
      try Samples.november([1, 1, 1], of: installation),
      licenses: [Samples.payg(from: "2026-11-03")], asOf: "2026-11-04")
    #expect(statement.lines.map(\.terms) == [.early, .early, .term])
  }

  @Test func `a revoked license is said so from the date of revocation on`() throws {
    let installation = try Samples.installation(1)
    let statement = try Samples.statement(
      try Samples.november([1, 1, 1], of: installation),
      revoked: [try Samples.license("r1"): try Samples.midnight("2026-11-02") + 50_000],
      asOf: "2026-11-04")
    #expect(statement.lines.map(\.terms) == [.term, .revoked, .revoked])
    #expect(statement.totals.map(\.amount) == [360])
  }

  @Test func `two revisions in a month price each date by the one that its record names`() throws {
    let installation = try Samples.installation(1)
    let dear = Price(currency: "CNY", minorPerCollectorDay: 1000)
    var entries = try Samples.november([1, 1, 1, 1], of: installation)
    for index in 2..<4 {
      entries[index].revision = 2
      entries[index].license = try Samples.license("r2")
    }
    let statement = try Samples.statement(
      entries,
      licenses: [Samples.payg(), Samples.payg(revision: 2, from: "2026-11-02", price: dear)],
      asOf: "2026-11-05")
    #expect(statement.lines.map(\.revision) == [1, 1, 2, 2])
    #expect(statement.totals.map(\.amount) == [2240])
  }

  @Test func `a revision whose term has not begun prices nothing`() throws {
    let installation = try Samples.installation(1)
    var entries = try Samples.november([1, 1], of: installation)
    for index in entries.indices {
      entries[index].revision = 2
      entries[index].license = try Samples.license("r2")
    }
    let statement = try Samples.statement(
      entries, licenses: [Samples.payg(), Samples.payg(revision: 2, from: "2026-11-02")],
      asOf: "2026-11-03")
    #expect(statement.lines.map(\.revision) == [1, 2])
  }

  @Test func `currencies are not mixed`() throws {
    let installation = try Samples.installation(1)
    var entries = try Samples.november([1, 1], of: installation)
    entries[1].revision = 2
    entries[1].license = try Samples.license("r2")
    let euro = Price(currency: "EUR", minorPerCollectorDay: 17)
    let statement = try Samples.statement(
      entries, licenses: [Samples.payg(), Samples.payg(revision: 2, price: euro)],
      asOf: "2026-11-03")
    #expect(statement.totals.map(\.currency) == ["CNY", "EUR"])
    #expect(statement.totals.map(\.amount) == [120, 17])
  }

  @Test func `a license without a price has lines and no total`() throws {
    let installation = try Samples.installation(1)
    var license = try Samples.payg(price: nil)
    license.edition = .subscription
    let statement = try Samples.statement(
      try Samples.november([3], of: installation), licenses: [license], asOf: "2026-11-02")
    #expect(statement.lines.map(\.quantity) == [3])
    #expect(statement.lines.allSatisfy { $0.charge == nil })
    #expect(statement.totals.isEmpty)
  }
}

/// Installations that took another's place.
@Suite struct ReplacementTests {
  /// The second takes the first one's place at noon of 3 November.
  static func pair() throws -> (Thumbprints, [BilledInstallation]) {
    let names = Thumbprints(old: try Samples.installation(9), new: try Samples.installation(2))
    let change = try Samples.midnight("2026-11-03") + 43_200
    return (
      names,
      [
        BilledInstallation(
          thumbprint: names.old, activatedAt: try Samples.midnight("2026-11-01"),
          replacedAt: change),
        BilledInstallation(thumbprint: names.new, activatedAt: change, replaces: names.old),
      ]
    )
  }

  @Test(arguments: [(10, 4, 10), (4, 10, 10), (5, 5, 5)])
  func `the date of the change bills the larger of the two`(
    old: Int64, new: Int64, billed: Int64
  ) throws {
    let (names, installations) = try Self.pair()
    let entries =
      try Samples.november([7, 7], of: names.old) + [
        Samples.sample("2026-11-03", at: 43_000, peak: old, of: names.old, seq: 90_000),
        Samples.day("2026-11-03", peak: new, unobserved: 600, of: names.new),
        Samples.day("2026-11-04", peak: 6, of: names.new),
      ]
    let statement = try Samples.statement(
      entries, asOf: "2026-11-05", installations: installations)
    let change = statement.lines.filter { $0.date.day == 3 }
    #expect(change.count == 2)
    #expect(change.map(\.quantity).reduce(0, +) == billed)
    #expect(change.count { $0.yieldsTo != nil } == 1)
    #expect(statement.totals.map(\.quantity) == [7 + 7 + billed + 6])
  }

  @Test func `the old chain has no lines from its end on, and keeps nothing of it open`() throws {
    let (names, installations) = try Self.pair()
    let new = try (3...30).map { day in
      try Samples.day("2026-11-\(day < 10 ? "0" : "")\(day)", peak: 6, of: names.new)
    }
    let statement = try Samples.statement(
      try Samples.november([7], of: names.old) + new, installations: installations)
    #expect(statement.lines.filter { $0.installation == names.old }.map(\.date.day) == [1, 2])
    #expect(statement.status == .provisional, "the gateway closes the 2nd yet")
    let whole = try Samples.statement(
      try Samples.november([7, 7], of: names.old) + new, installations: installations)
    #expect(whole.status == .closed)
  }

  @Test func `the new installation inherits what the old one had observed`() throws {
    let (names, installations) = try Self.pair()
    let entries =
      try Samples.november([70, 80], of: names.old) + [
        Samples.day("2026-11-04", peak: 1, unobserved: 40_000, of: names.new)
      ]
    let statement = try Samples.statement(
      entries, asOf: "2026-11-05", installations: installations)
    let line = try Samples.some(statement.lines.first { $0.date.day == 4 })
    #expect(line.quantity == 80)
    #expect(line.carriedFrom?.day == 2)
  }

  @Test func `a ring of replacements ends`() throws {
    let first = try Samples.installation(1)
    let second = try Samples.installation(2)
    let at = try Samples.midnight("2026-11-02")
    let statement = try Samples.statement(
      try Samples.november([3, 4], of: first) + Samples.november([5, 6], of: second),
      asOf: "2026-11-03",
      installations: [
        BilledInstallation(
          thumbprint: first, activatedAt: at, replaces: second, replacedAt: at),
        BilledInstallation(
          thumbprint: second, activatedAt: at, replaces: first, replacedAt: at),
      ])
    #expect(statement.lines.count == 4)
  }

  struct Thumbprints {
    let old: Thumbprint
    let new: Thumbprint
  }
}
