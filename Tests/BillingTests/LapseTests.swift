import Billing
import CivilTime
import Licensing
import Sealing
import Testing

/// What is billed without a record, and what no later record takes back.
@Suite struct LapseTests {
  @Test func `after term and grace only dates with a record have a line`() throws {
    let installation = try Samples.installation(1)
    let license = try Samples.payg(through: "2026-11-10", grace: 5)
    let entries = [
      try Samples.day("2026-11-01", peak: 7, of: installation),
      try Samples.day("2026-11-20", peak: 3, of: installation),
    ]
    let statement = try Samples.statement(entries, licenses: [license])
    let expected = Array(1...15) + [20]
    #expect(statement.lines.map(\.date.day) == expected)
    #expect(statement.lines.last?.terms == .expired)
    #expect(statement.totals.map(\.quantity) == [108])
  }

  @Test func `before the term begins a date without a record has no line`() throws {
    let installation = try Samples.installation(1)
    let statement = try Samples.statement(
      [try Samples.day("2026-11-02", peak: 7, of: installation)],
      licenses: [try Samples.payg(from: "2026-11-05")], asOf: "2026-11-08")
    #expect(statement.lines.map(\.date.day) == [2, 5, 6, 7])
  }

  @Test func `a silent installation is billed on while the line was renewed`() throws {
    let installation = try Samples.installation(1)
    let statement = try Samples.statement(
      [try Samples.day("2026-11-01", peak: 7, of: installation)],
      licenses: [
        try Samples.payg(through: "2026-11-02", grace: 0),
        try Samples.payg(revision: 2, from: "2026-11-03"),
      ], asOf: "2026-11-08")
    #expect(statement.lines.map(\.date.day) == Array(1...7))
  }

  @Test func `a term that was sold later charges nothing for a silence before`() throws {
    let installation = try Samples.installation(1)
    let entry = try Samples.day("2026-11-01", peak: 7, of: installation)
    var renewal = try Samples.payg(revision: 2, from: "2026-11-04")
    renewal.iat = try Samples.midnight("2026-11-10") + 86_399
    let ended = try Samples.payg(through: "2026-11-03", grace: 0)
    let statement = try Samples.statement(
      [entry], licenses: [ended, renewal], asOf: "2026-11-13")
    #expect(statement.lines.map(\.date.day) == [1, 2, 3, 10, 11, 12])
    // What is reported of those dates is billed all the same.
    let reported = try Samples.day("2026-11-05", peak: 3, of: installation, seq: 2)
    let whole = try Samples.statement(
      [entry, reported], licenses: [ended, renewal], asOf: "2026-11-13")
    #expect(whole.lines.map(\.date.day) == [1, 2, 3, 5, 10, 11, 12])
  }

  @Test func `a term that was cut short later charges nothing for a silence after it`() throws {
    var shorter = try Samples.payg(revision: 2, through: "2026-11-03", grace: 0)
    shorter.iat = try Samples.midnight("2026-11-10")
    let statement = try Samples.statement(
      [try Samples.day("2026-11-01", peak: 7, of: try Samples.installation(1))],
      licenses: [try Samples.payg(), shorter], asOf: "2026-11-13")
    #expect(statement.lines.map(\.date.day) == [1, 2, 3])
  }

  @Test func `a license of a key that was revoked since still says that a date was covered`()
    throws
  {
    let installation = try Samples.installation(1)
    var anew = try Samples.payg(revision: 2)
    anew.iat = try Samples.midnight("2026-11-05")
    var basis = StatementBasis(
      month: try Samples.month("2026-11"), zone: .utc, asOf: try Samples.midnight("2026-11-08"),
      position: 1, licenses: [anew],
      installations: [
        BilledInstallation(
          thumbprint: installation, activatedAt: try Samples.midnight("2026-11-01"))
      ], entries: [])
    #expect(try Statement.draft(from: basis).lines.map(\.date.day) == [5, 6, 7])
    basis.lapsed = [try Samples.payg()]
    #expect(try Statement.draft(from: basis).lines.map(\.date.day) == Array(1...7))
  }

  @Test func `before its activation only what an installation reported is billed`() throws {
    let installation = try Samples.installation(1)
    let statement = try Samples.statement(
      [try Samples.day("2026-11-02", peak: 7, of: installation)], asOf: "2026-11-08",
      activated: "2026-11-05")
    #expect(statement.lines.map(\.date.day) == [2, 5, 6, 7])
  }

  @Test(arguments: [false, true])
  func `of two day records of a date the first counts`(reversed: Bool) throws {
    let installation = try Samples.installation(1)
    let entries = [
      try Samples.day("2026-11-01", peak: 500, of: installation, seq: 1),
      try Samples.day("2026-11-01", peak: 1, of: installation, seq: 3),
    ]
    let statement = try Samples.statement(
      reversed ? entries.reversed() : entries, asOf: "2026-11-02")
    #expect(statement.lines.map(\.quantity) == [500])
  }

  @Test func `a sample's higher peak is billed, shown and carried on`() throws {
    let installation = try Samples.installation(1)
    let entries = [
      try Samples.sample("2026-11-01", at: 60, peak: 500, of: installation, seq: 1),
      try Samples.day("2026-11-01", peak: 1, of: installation, seq: 2),
      try Samples.day("2026-11-02", peak: 2, unobserved: 7200, of: installation, seq: 3),
    ]
    let statement = try Samples.statement(entries, asOf: "2026-11-03")
    #expect(statement.lines.map(\.quantity) == [500, 500])
    #expect(statement.lines.map(\.sampledPeak) == [500, nil])
    #expect(statement.lines.map(\.basis) == [.day, .day])
  }

  @Test func `the named license's own revision prices a date, not what the record says`() throws {
    let installation = try Samples.installation(1)
    let dear = Price(currency: "CNY", minorPerCollectorDay: 1000)
    var entry = try Samples.day("2026-11-01", peak: 1, of: installation, revision: 1)
    entry.license = try Samples.license("r2")
    let statement = try Samples.statement(
      [entry], licenses: [Samples.payg(), Samples.payg(revision: 2, price: dear)],
      asOf: "2026-11-02")
    #expect(statement.lines.map(\.revision) == [2])
    #expect(statement.totals.map(\.amount) == [1000])
  }
}
