import CivilTime
import Licensing
import Testing

/// Random renewals, held against days counted one by one in Python.
struct RenewalPropertyTests {
  @Test func `a term is renewed as days counted one by one say`() throws {
    let (cases, seed) = (20_000, 20_261_121)
    var held = 0
    var short = 0
    let script = OracleScript(name: "renewals.py", arguments: [String(cases), String(seed)])
    try script.run { line in
      let words = line.split(separator: " ").map(String.init)
      try #require(words.count == 9, "\(line)")
      let present = try Shared.term(words[0], words[1])
      let number = try #require(Int(words[2]))
      let length = words[3] == "years" ? TermLength.years(number) : .days(Int64(number))
      let basis = try #require(RenewalBasis(rawValue: words[4]))
      let next = present.renewed(for: length, basis: basis, today: try Shared.date(words[5]))
      let license = try Sample.license(.subscription) { $0.term = present }
      let isShort = license.termShortfall != nil
      guard try next == Shared.term(words[6], words[7]), isShort == (words[8] == "short") else {
        throw Disagreement(seed: seed, line: line, renewed: next, isShort: isShort)
      }
      held += 1
      short += isShort ? 1 : 0
    }
    #expect(held == cases)
    #expect(short > 2000)
  }

  /// The first case that comes out otherwise.
  struct Disagreement: Error {
    let seed: Int
    let line: String
    let renewed: Term?
    let isShort: Bool
  }
}
