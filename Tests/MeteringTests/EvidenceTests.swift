import CivilTime
import Libcrypto
import Metering
import Sealing
import Testing

@Suite struct EvidenceTests {
  let cryptography = LibcryptoProvider()
  let key = [UInt8](repeating: 7, count: 32)
  let date: CivilDate

  init() throws {
    date = try #require(CivilDate("2026-11-21"))
  }

  private func evidence(_ names: [String], on date: CivilDate? = nil) throws -> Evidence {
    let collectors = try names.enumerated().map { index, name in
      (
        identity: try #require(CollectorIdentity(kind: "datakit", text: name)),
        segments: [Segment(from: Int64(index), to: 100, weight: 1)]
      )
    }
    return Evidence(date: date ?? self.date, collectors: collectors, key: key, using: cryptography)
  }

  @Test func `the root does not depend on the order of collectors`() throws {
    let names = (0..<20).map { "host-\($0)" }
    let collectors = try names.map {
      (
        identity: try #require(CollectorIdentity(kind: "datakit", text: $0)),
        segments: [Segment(from: 1, to: 2, weight: 3)]
      )
    }
    let one = Evidence(date: date, collectors: collectors, key: key, using: cryptography)
    let two = Evidence(
      date: date, collectors: Array(collectors.reversed()), key: key, using: cryptography)
    #expect(one.root == two.root)
    #expect(one.leaves == two.leaves)
    #expect(one.root.leaves == 20)
    let sorted = zip(one.leaves, one.leaves.dropFirst()).allSatisfy {
      $0.name.bytes.lexicographicallyPrecedes($1.name.bytes)
    }
    #expect(sorted)
  }

  @Test func `an opening proves its collector, date, segments and place, and nothing else`() throws
  {
    let evidence = try evidence(["a", "b", "c", "d", "e"])
    let other = try self.evidence(["a", "b", "c", "d"])
    for leaf in ["a", "b", "c", "d", "e"] {
      let identity = try #require(CollectorIdentity(kind: "datakit", text: leaf))
      let opening = try #require(evidence.opening(of: identity, key: key, using: cryptography))
      func verifies(_ change: (inout EvidenceOpening) -> Void) -> Bool {
        var changed = opening
        change(&changed)
        return changed.verifies(against: evidence.root, using: cryptography)
      }
      #expect(verifies { _ in })
      #expect(!opening.verifies(against: other.root, using: cryptography))
      #expect(!verifies { $0.index += 1 })
      #expect(!verifies { $0.index = -1 })
      #expect(!verifies { $0.segments[0].weight += 1 })
      #expect(!verifies { $0.segments[0].to += 1 })
      #expect(!verifies { $0.segments = [] })
      #expect(!verifies { $0.salt = evidence.root.root })
      #expect(!verifies { $0.proof.removeLast() })
      #expect(!verifies { $0.proof.append(evidence.root.root) })
    }
  }

  @Test func `who did not count cannot be opened`() throws {
    let evidence = try evidence(["a"])
    let other = try #require(CollectorIdentity(kind: "datakit", text: "b"))
    let kind = try #require(CollectorIdentity(kind: "collector", text: "a"))
    let wrong = [UInt8](repeating: 8, count: 32)
    let right = try #require(CollectorIdentity(kind: "datakit", text: "a"))
    #expect(evidence.opening(of: other, key: key, using: cryptography) == nil)
    #expect(evidence.opening(of: kind, key: key, using: cryptography) == nil)
    #expect(evidence.opening(of: right, key: wrong, using: cryptography) == nil)
  }

  @Test func `a collector has another name on each date`() throws {
    let tomorrow = try #require(date.adding(days: 1))
    let one = try evidence(["a"]).leaves[0].name
    let two = try evidence(["a"], on: tomorrow).leaves[0].name
    #expect(one != two)
  }

  @Test func `a leaf's bytes are as specified`() throws {
    let name = try #require(Digest([UInt8](repeating: 0xAB, count: 32)))
    let leaf = EvidenceLeaf(
      name: name, segments: [Segment(from: 0x0102_0304_0506, to: 0x0A0B, weight: 0x1234)])
    let expected =
      name.bytes + [0, 0, 1, 2, 3, 4, 5, 6, 0, 0, 0, 0, 0, 0, 0x0A, 0x0B, 0, 0, 0x12, 0x34]
    #expect(leaf.encoded == expected)
  }

  @Test func `segments take their canonical form`() {
    let segments = [
      Segment(from: 50, to: 60, weight: 2), Segment(from: 0, to: 10, weight: 1),
      Segment(from: 10, to: 20, weight: 1), Segment(from: 20, to: 30, weight: 3),
      Segment(from: 40, to: 40, weight: 9),
    ]
    #expect(
      EvidenceLeaf.canonical(segments) == [
        Segment(from: 0, to: 20, weight: 1), Segment(from: 20, to: 30, weight: 3),
        Segment(from: 50, to: 60, weight: 2),
      ])
  }

  @Test func `a recount passes over gaps`() throws {
    let name = try #require(Digest([UInt8](repeating: 1, count: 32)))
    let leaves = [
      EvidenceLeaf(name: name, segments: [Segment(from: 0, to: 50, weight: 2)]),
      EvidenceLeaf(name: name, segments: [Segment(from: 10, to: 30, weight: 5)]),
    ]
    func peak(_ gaps: [Gap]) -> Peak? { Recount.peak(of: leaves, from: 0, to: 100, gaps: gaps) }
    #expect(peak([]) == Peak(count: 7, at: 10))
    #expect(peak([Gap(from: 5, to: 20, reason: .stopped)]) == Peak(count: 7, at: 20))
    #expect(peak([Gap(from: 5, to: 30, reason: .stopped)]) == Peak(count: 2, at: 0))
    #expect(peak([Gap(from: 0, to: 90, reason: .stopped)]) == Peak(count: 0, at: 90))
    #expect(peak([Gap(from: 0, to: 100, reason: .stopped)]) == nil)
    #expect(Recount.peak(of: [], from: 0, to: 10, gaps: []) == Peak(count: 0, at: 0))
  }
}
