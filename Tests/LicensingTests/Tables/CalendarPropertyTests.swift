import Foundation
import Licensing
import Testing

/// Random sites in all zones of this machine, held against the rules told a second time in Python.
///
/// 20,000 cases, or as many as `TALLY_CALENDAR_CASES` says; `TALLY_CALENDAR_SEED` begins elsewhere. A
/// run outside of everyday checks, with seeds 1 to 8, of four minutes on two cores:
///
///     TALLY_CALENDAR_CASES=1000000 TALLY_CALENDAR_SEED=1 \
///       swift test -c release --filter CalendarPropertyTests
struct CalendarPropertyTests {
  /// A part of the cases, with a seed of its own.
  struct Batch: Sendable, CustomTestStringConvertible {
    let seed: Int
    let cases: Int
    var testDescription: String { "seed \(seed), \(cases) cases" }
  }

  static let batches: [Batch] = {
    let environment = ProcessInfo.processInfo.environment
    let cases = environment["TALLY_CALENDAR_CASES"].map { Int($0) ?? 0 } ?? 20_000
    let seed = environment["TALLY_CALENDAR_SEED"].map { Int($0) ?? 0 } ?? 20_261_121
    let count = max(2, cases / 125_000)
    return (0..<count).map { Batch(seed: seed + $0, cases: (cases + count - 1) / count) }
  }()

  /// The first case that is judged otherwise, whole: what it takes to make it again.
  struct Disagreement: Error, CustomStringConvertible {
    let batch: Batch
    let site: [String]
    let line: String
    let judged: String
    var description: String {
      """
      seed \(batch.seed), \(batch.cases) cases:
      \(site.joined(separator: "\n"))
      \(line)
      judged: \(judged)
      """
    }
  }

  @Test(arguments: batches)
  func `every case is judged as the written rules say`(_ batch: Batch) throws {
    #expect(batch.cases > 0, "TALLY_CALENDAR_CASES and TALLY_CALENDAR_SEED must be numbers")
    var oracle = try CalendarOracle()
    var held = 0
    var seen: Set<String> = []
    let script = OracleScript(
      name: "oracle.py", arguments: [String(batch.cases), String(batch.seed)])
    try script.run { line in
      guard let one = try oracle.take(line) else { return }
      let judgement = verdict(of: one.situation)
      let judged = Self.text(judgement)
      guard judged == "\(one.outcome)\t\(one.codes)" else {
        throw Disagreement(batch: batch, site: oracle.site.lines, line: line, judged: judged)
      }
      held += 1
      seen.formUnion(one.codes.split(separator: " ").map(String.init))
      if held % 16 == 0, case .verdict(let verdict) = judgement {
        let own = verdict.findings.filter { !Self.fromStanding.contains($0.code) }
        #expect(own.allSatisfy { !$0.message.contains("?") }, "a fact is missing: \(line)")
      }
    }
    #expect(held == batch.cases)
    #expect(oracle.written == batch.cases)
    if batch.cases >= 10_000 {
      #expect(seen.count == 22, "every code that a license, its dates and its site can give")
      #expect(oracle.zones.count > 300)
    }
    print("calendars: seed \(batch.seed), \(held) cases in \(oracle.zones.count) zones")
  }

  /// These come without facts here.
  static let fromStanding: Set<FindingCode> = [.clockUntrusted, .ledgerDamaged, .overLimit]

  static func text(_ judgement: Judgement) -> String {
    switch judgement {
    case .verdict(let verdict):
      let codes = verdict.findings.map(\.code.rawValue)
      let first = codes.first == verdict.code.rawValue ? "" : "\tfirst \(verdict.code.rawValue)"
      return "\(verdict.outcome.rawValue)\t\(codes.joined(separator: " "))\(first)"
    case .cannotTell(let reason): return "cannot-tell\t\(reason.code)"
    }
  }
}
