import Billing
import CivilTime
import Licensing
import Sealing
import Testing

/// What either side computes of the same month.
@Suite struct SimulatedMonthTests {
  @Test(arguments: 0..<600 as Range<UInt64>)
  func `a customer's recomputed lines are the vendor's, to the byte, whatever the month was`(
    seed: UInt64
  ) throws {
    let month = try SimulatedMonth(seed: seed)
    let statement = try month.statement()
    var checked = 0
    for installation in month.installations where installation.replacedAt == nil {
      let name = installation.thumbprint
      let recount = try statement.recounted(by: try month.own(name))
      #expect(recount.difference == nil, "seed \(seed): \(recount)")
      #expect(recount.entries == statement.lines.filter { $0.installation == name }.count)
      checked += 1
    }
    #expect(checked >= 2)
  }

  @Test(arguments: 0..<200 as Range<UInt64>)
  func `one collector more on one date is found, and the date named`(seed: UInt64) throws {
    let month = try SimulatedMonth(seed: seed)
    var statement = try month.statement()
    var random = StatementPropertyTests.SeededRandom(state: seed)
    let name = try Samples.installation(3)
    let indices = statement.lines.indices.filter { statement.lines[$0].installation == name }
    let index = try #require(indices.randomElement(using: &random))
    let rate = try #require(statement.lines[index].charge?.rate)
    statement.lines[index].quantity += 1
    statement.lines[index].charge?.amount += rate
    let recount = try statement.adding([]).recounted(by: try month.own(name))
    #expect(recount.difference?.date == statement.lines[index].date, "seed \(seed)")
    #expect(recount.difference?.member == "quantity")
  }

  @Test func `the months have everything that is to happen in them`() throws {
    var lines: [StatementLine] = []
    var replaced = 0
    for seed in 0..<100 as Range<UInt64> {
      let month = try SimulatedMonth(seed: seed)
      lines += try month.statement().lines
      replaced += month.installations.filter { $0.replaces != nil }.count
    }
    #expect(Set(lines.map(\.basis)).isSuperset(of: [.day, .closing]))
    #expect(Set(lines.map(\.terms)).isSuperset(of: [.term, .revoked]))
    #expect(Set(lines.map(\.revision)) == [1, 2] && replaced > 20)
    #expect(lines.contains { $0.carriedFrom != nil } && lines.contains { $0.yieldsTo != nil })
    #expect(lines.contains { $0.sampledPeak != nil })
    #expect(lines.contains { $0.basis == .closing && $0.seq != nil && $0.peak != nil })
    #expect(Set(lines.map(\.seconds)).isSuperset(of: [82_800, 86_400, 90_000, 88_200]))
  }
}
