import Foundation
import FuzzHarness
import Sealing
import Testing

/// Runs what the fuzzers kept through the decoders again, with the very code that the fuzzers run.
struct FuzzReplayTests {
  /// What became of some inputs.
  private struct Tally {
    var same = 0
    var otherSpelling = 0
    var refused: Set<String> = []
    var contradictions: [String] = []
  }

  private func replay(
    _ target: FuzzTarget, _ inputs: [[UInt8]], by harness: FuzzHarness
  ) -> Tally {
    var tally = Tally()
    for input in inputs {
      do throws(Contradiction) {
        switch try harness.run(target, input) {
        case .accepted(true): tally.same += 1
        case .accepted(false): tally.otherSpelling += 1
        case .refused(let code): tally.refused.insert(code.rawValue)
        }
      } catch {
        tally.contradictions.append("\(error): \(Data(input).base64EncodedString())")
      }
    }
    return tally
  }

  /// At least so many inputs, accepted ones among them, and codes of refusal.
  private static let least: [(target: FuzzTarget, inputs: Int, accepted: Int, codes: Int)] = [
    (.document, 100, 5, 1), (.armour, 100, 10, 2), (.license, 100, 10, 2),
    (.release, 100, 10, 2), (.keyset, 100, 5, 2), (.jwk, 100, 5, 2),
  ]

  @Test func `every input of the corpus gets an answer that nothing contradicts`() throws {
    let harness = try FuzzHarness()
    #expect(Self.least.map(\.target) == FuzzTarget.allCases)
    for (target, inputs, accepted, codes) in Self.least {
      let corpus = try Corpus.inputs(target)
      let tally = replay(target, corpus, by: harness)
      #expect(tally.contradictions == [], "\(target)")
      #expect(corpus.count >= inputs, "\(target)")
      #expect(tally.same + tally.otherSpelling >= accepted, "\(target)")
      #expect(tally.same > 0, "\(target)")
      #expect(tally.refused.count >= codes, "\(target)")
    }
  }

  @Test func `what once contradicted a decoder does no longer`() throws {
    let harness = try FuzzHarness()
    for target in FuzzTarget.allCases {
      #expect(
        replay(target, try Corpus.findings(target), by: harness).contradictions == [], "\(target)")
    }
  }

  @Test func `every file belongs to a target that is replayed`() throws {
    let targets = Set(FuzzTarget.allCases.map(\.rawValue))
    #expect(Set(try Corpus.names(in: "Corpus")) == Set(targets.map { "\($0).base64" }))
    let findings = try Corpus.names(in: "Findings").filter { $0 != "README.md" }
    #expect(targets.isSuperset(of: findings))
  }

  @Test(arguments: FuzzTarget.allCases)
  func `a writer that loses a byte is seen`(_ target: FuzzTarget) throws {
    let broken = try FuzzHarness(tamper: { Array($0.dropLast()) })
    let tally = replay(target, try Corpus.inputs(target), by: broken)
    #expect(tally.contradictions.count >= 5)
    #expect(tally.same + tally.otherSpelling == 0)
  }

  @Test func `a writer that changes a value is seen`() throws {
    // Every 7 becomes an 8: the text is still a document, of another kind of truth.
    let changing = try FuzzHarness(tamper: { $0.map { $0 == 0x37 ? 0x38 : $0 } })
    for target in [FuzzTarget.license, .release, .keyset] {
      let tally = replay(target, try Corpus.inputs(target), by: changing)
      #expect(tally.contradictions.count >= 3, "\(target)")
    }
  }
}
