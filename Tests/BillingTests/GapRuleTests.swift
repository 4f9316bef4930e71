import Billing
import CivilTime
import Licensing
import Testing

/// Dates with more than an hour unobserved.
@Suite struct GapRuleTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let testDescription: String
    /// Peak and unobserved seconds by date; the last one is judged.
    let dates: [(peak: Int64?, unobserved: Int64)]
    let quantity: Int64
    /// The day of November that it is carried from.
    var carriedFrom: Int?
  }

  static let hour: Int64 = 3600

  static let carry: [Case] = [
    Case(
      testDescription: "a well observed date bills its peak", dates: [(9, 0), (3, 0)], quantity: 3),
    Case(
      testDescription: "an hour to the second is well observed", dates: [(9, 0), (3, hour)],
      quantity: 3),
    Case(
      testDescription: "a second more is not", dates: [(9, 0), (3, hour + 1)], quantity: 9,
      carriedFrom: 1),
    Case(
      testDescription: "the observed peak stands where it is higher",
      dates: [(9, 0), (12, 2 * hour)], quantity: 12),
    Case(
      testDescription: "equal is not carried", dates: [(9, 0), (9, 2 * hour)], quantity: 9),
    Case(
      testDescription: "nothing observed bills what came before",
      dates: [(9, 0), (nil, 24 * hour)], quantity: 9, carriedFrom: 1),
    Case(
      testDescription: "nothing observed and nothing before bills nothing",
      dates: [(nil, 24 * hour)], quantity: 0),
    Case(
      testDescription: "badly observed dates are passed over",
      dates: [(9, 0), (50, 2 * hour), (1, 2 * hour)], quantity: 9, carriedFrom: 1),
    Case(
      testDescription: "without any well observed date the highest so far counts",
      dates: [(5, 2 * hour), (50, 2 * hour), (7, 2 * hour), (1, 2 * hour)], quantity: 50,
      carriedFrom: 2),
    Case(
      testDescription: "the eighth latest no longer counts",
      dates: [(99, 0), (1, 0), (2, 0), (3, 0), (4, 0), (3, 0), (2, 0), (1, 0), (0, 2 * hour)],
      quantity: 4, carriedFrom: 5),
    Case(
      testDescription: "the seventh latest does",
      dates: [(99, 0), (2, 0), (3, 0), (4, 0), (3, 0), (2, 0), (1, 0), (0, 2 * hour)],
      quantity: 99, carriedFrom: 1),
    Case(
      testDescription: "what was carried is not carried on",
      dates: [
        (99, 0), (1, 2 * hour), (1, 0), (1, 0), (1, 0), (1, 0), (1, 0), (1, 0), (1, 0),
        (0, 2 * hour),
      ],
      quantity: 1, carriedFrom: 3),
    Case(
      testDescription: "a count of zero is a peak", dates: [(0, 0), (nil, 24 * hour)],
      quantity: 0),
  ]

  @Test func `the table has all its cases`() { #expect(Self.carry.count == 13) }

  @Test(arguments: carry)
  func `under carry`(_ example: Case) throws {
    let line = try Self.lastLine(of: example, .carry)
    #expect(line.quantity == example.quantity)
    #expect(line.carriedFrom?.day == example.carriedFrom)
    #expect(line.charge?.amount == example.quantity * 120)
  }

  @Test(arguments: carry)
  func `under observed the observed peak is billed, whatever is missing`(_ example: Case) throws {
    let line = try Self.lastLine(of: example, .observed)
    #expect(line.quantity == example.dates.last?.peak ?? 0)
    #expect(line.carriedFrom == nil)
  }

  static func lastLine(of example: Case, _ rule: GapRule) throws -> StatementLine {
    let installation = try Samples.installation(1)
    let entries = try Samples.november(
      example.dates.map(\.peak), of: installation, unobserved: example.dates.map(\.unobserved))
    let statement = try Samples.statement(
      entries, licenses: [Samples.payg(gaps: rule)],
      asOf: try Samples.some(entries.last?.date.adding(days: 1)).description)
    return try Samples.some(statement.lines.last)
  }

  @Test func `dates before the month are carried from`() throws {
    let installation = try Samples.installation(1)
    let statement = try Samples.statement(
      [
        Samples.day("2026-10-31", peak: 40, of: installation),
        Samples.day("2026-11-01", peak: nil, unobserved: 86_400, of: installation),
      ], asOf: "2026-11-02", activated: "2026-10-31")
    #expect(statement.lines.map(\.quantity) == [40])
    #expect(statement.lines.first?.carriedFrom == (try Samples.date("2026-10-31")))
  }
}
