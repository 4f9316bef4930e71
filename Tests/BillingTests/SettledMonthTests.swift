import Billing
import CivilTime
import Licensing
import Sealing
import Testing

/// What no license that comes later moves once a statement is final.
@Suite struct SettledMonthTests {
  /// November over entries, as it is computed after the statements that are final.
  static func november(
    _ entries: [UsageEntry], _ licenses: [License], lapsed: [License] = [],
    after finals: [Statement] = []
  ) throws -> Statement {
    var basis = StatementBasis(
      month: try Samples.month("2026-11"), zone: .utc, asOf: try Samples.midnight("2026-12-05"),
      position: 1, licenses: licenses,
      installations: [
        BilledInstallation(
          thumbprint: try Samples.installation(1),
          activatedAt: try Samples.midnight("2026-11-01"))
      ], entries: entries)
    basis.lapsed = lapsed
    basis.settled = SettledMonth(basis.month, in: finals)
    return try Statement.draft(from: basis)
  }

  static func record(
    _ day: Int, peak: Int64, revision: Int64 = 1, kind: UsageEntry.Kind = .day
  ) throws -> UsageEntry {
    try Samples.day(
      "2026-11-\(day < 10 ? "0" : "")\(day)", peak: peak, of: Samples.installation(1),
      revision: revision, kind: kind, seq: Int64(day))
  }

  static let dear = Price(currency: "CNY", minorPerCollectorDay: 999)

  @Test func `a dearer license, issued anew, moves only the dates whose own records came late`()
    throws
  {
    let first = try Samples.payg(through: "2026-11-04", grace: 0)
    let before: [UsageEntry] = try [
      Self.record(1, peak: 5), Self.record(2, peak: 50, kind: .closing), Self.record(3, peak: 4),
      Self.record(4, peak: 4),
    ]
    let final = try #require(try Self.november(before, [first]).finalised())
    #expect(final.totals.map(\.amount) == [63 * 120])
    // The key of the first was revoked: the line goes on with the second, which costs more.
    var second = try Samples.payg(revision: 2, through: "2026-11-04", price: Self.dear, grace: 0)
    second.iat = try Samples.midnight("2026-12-01")
    var after = before
    after[1] = try Self.record(2, peak: 8)
    let present = try Self.november(after, [second], lapsed: [first], after: [final])
    #expect(present.lines.map(\.revision) == [1, 2, 1, 1])
    let corrections = try Statement.corrections(of: [final], by: [present])
    #expect(corrections.map(\.date.day) == [2])
    #expect(corrections.map(\.was) == [50] && corrections.map(\.now) == [8])
    let made8: Int64 = 8 * 999 - 50 * 120
    #expect(corrections.map(\.charge?.amount) == [made8])
    // Once that is made good the date keeps the price by which it was.
    var december = try Samples.statement([], month: "2026-12")
    december.lines = []
    let made = try #require(
      try december.adding(corrections).finalisedForTest())
    var third = second
    third.jti = try Samples.license("r3")
    third.revision = 3
    third.price = Price(currency: "CNY", minorPerCollectorDay: 5)
    let again = try Self.november(
      after, [third], lapsed: [first, second], after: [final, made])
    #expect(again.lines.map(\.revision) == [1, 2, 1, 1])
    #expect(try Statement.corrections(of: [final, made], by: [again]).isEmpty)
  }

  @Test func `a date whose currency changed keeps the last one`() throws {
    let first = try Samples.payg(through: "2026-11-01", grace: 0)
    let final = try #require(
      try Self.november([Self.record(1, peak: 5, kind: .closing)], [first]).finalised())
    let euro = Price(currency: "EUR", minorPerCollectorDay: 20)
    let second = try Samples.payg(revision: 2, through: "2026-11-01", price: euro, grace: 0)
    let late = try Self.record(1, peak: 6, revision: 2)
    let present = try Self.november([late], [first, second], after: [final])
    let corrections = try Statement.corrections(of: [final], by: [present])
      .filter { $0.date.day == 1 }
    #expect(corrections.map(\.charge?.currency) == ["CNY", "EUR"])
    var december = try Samples.statement([], month: "2026-12")
    december.lines = []
    let made = try #require(try december.adding(corrections).finalisedForTest())
    let third = try Samples.payg(
      revision: 3, through: "2026-11-01", price: Price(currency: "EUR", minorPerCollectorDay: 1),
      grace: 0)
    let again = try Self.november([late], [first, second, third], after: [final, made])
    #expect(again.lines.first?.charge?.rate == 20)
  }

  @Test func `what is given back in one currency and charged in another is recounted as both`()
    throws
  {
    let first = try Samples.payg(through: "2026-11-01", grace: 0)
    let final = try #require(
      try Self.november([Self.record(1, peak: 5, kind: .closing)], [first]).finalised())
    let name = try Samples.installation(1)
    for price in [Price(currency: "EUR", minorPerCollectorDay: 20), nil] {
      let second = try Samples.payg(revision: 2, through: "2026-11-01", price: price, grace: 0)
      let late = try Self.record(1, peak: 6, revision: 2)
      let present = try Self.november([late], [first, second], after: [final])
      var december = try Samples.statement([], month: "2026-12")
      december.lines = []
      december = try december.adding(
        try Statement.corrections(of: [final], by: [present]).filter { $0.date.day == 1 })
      #expect(december.corrections.contains { $0.charge?.currency == "CNY" })
      let own = try StatementRecountTests.own([late], name, licenses: [first, second])
      let recount = try december.recounted(by: own)
      #expect(recount.difference == nil, "\(recount)")
      guard price != nil else { continue }
      #expect(december.corrections.count == 2)
      var dearer = december
      dearer.corrections[1].now += 1
      #expect(try dearer.recounted(by: own).difference?.member == "now")
      // Nothing is given back of what the date still costs.
      var twice = december
      twice.corrections[0].charge?.currency = "EUR"
      #expect(try twice.recounted(by: own).difference != nil)
    }
  }

  @Test func `a date without a line gets none by a license that becomes known later`() throws {
    let short = try Samples.payg(through: "2026-11-02", grace: 0)
    let records = try [Self.record(1, peak: 5), Self.record(2, peak: 5)]
    let final = try #require(try Self.november(records, [short]).finalised())
    let long = try Samples.payg(revision: 2, from: "2026-11-03")
    #expect(try Self.november(records, [short, long]).lines.count == 30)
    let settled = try Self.november(records, [short, long], after: [final])
    #expect(settled.lines == final.lines)
    let late = try records + [Self.record(9, peak: 2)]
    let more = try Self.november(late, [short, long], after: [final])
    #expect(more.lines.map(\.date.day) == [1, 2, 9])
  }
}

extension Statement {
  /// As a gateway keeps it, of a month that is not looked at here.
  fileprivate func finalisedForTest() -> Statement? {
    var statement = self
    statement.status = .closed
    return statement.finalised()
  }
}
