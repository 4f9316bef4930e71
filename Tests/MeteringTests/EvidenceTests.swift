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

  private func identity(_ name: String, kind: String = "datakit") throws -> CollectorIdentity {
    try #require(CollectorIdentity(kind: kind, text: name))
  }

  private func segments(_ index: Int) -> [Segment] {
    [Segment(from: Int64(index), to: 100, weight: 1)]
  }

  private func evidence(_ names: [String], on date: CivilDate? = nil) throws -> Evidence {
    var builder = Evidence.Builder(date: date ?? self.date, key: key, using: cryptography)
    for (index, name) in names.enumerated() {
      let id = CollectorID(high: 0, low: UInt64(index))
      #expect(builder.add(try identity(name), id, segments(index)) == segments(index))
    }
    return builder.evidence()
  }

  @Test func `the root does not depend on the order of collectors`() throws {
    let names = (0..<20).map { "host-\($0)" }
    func root(_ names: [String]) throws -> Evidence {
      var builder = Evidence.Builder(date: date, key: key, using: cryptography)
      for name in names {
        builder.add(
          try identity(name), CollectorID(high: 1, low: UInt64(name.utf8.last ?? 0)),
          [Segment(from: 1, to: 2, weight: 3)])
      }
      return builder.evidence()
    }
    let one = try root(names)
    let two = try root(names.reversed())
    #expect(one.root == two.root)
    #expect(one.entries == two.entries)
    #expect(one.root.leaves == 20)
    let sorted = zip(one.entries, one.entries.dropFirst()).allSatisfy {
      $0.name.digest.bytes.lexicographicallyPrecedes($1.name.digest.bytes)
    }
    #expect(sorted)
  }

  @Test func `a collector without a segment has no leaf`() throws {
    var builder = Evidence.Builder(date: date, key: key, using: cryptography)
    let id = CollectorID(high: 0, low: 1)
    #expect(builder.add(try identity("a"), id, [Segment(from: 5, to: 5, weight: 1)]).isEmpty)
    let evidence = builder.evidence()
    #expect(evidence.root == EvidenceRoot(leaves: 0, root: cryptography.sha256([])))
  }

  @Test func `digests in words are the digests and sort as their bytes`() throws {
    let digests = (0..<200).map { cryptography.sha256([UInt8($0)]) }
    for digest in digests { #expect(DigestWords(digest).digest == digest) }
    let sorted = digests.sorted { $0.bytes.lexicographicallyPrecedes($1.bytes) }
    #expect(digests.map { DigestWords($0) }.sorted().map(\.digest) == sorted)
    #expect(Set(digests.map { DigestWords($0) }).count == 200)
  }

  @Test func `an opening proves its collector, date, segments and place, and nothing else`() throws
  {
    let evidence = try evidence(["a", "b", "c", "d", "e"])
    let other = try self.evidence(["a", "b", "c", "d"])
    for (place, leaf) in ["a", "b", "c", "d", "e"].enumerated() {
      let opening = try #require(
        evidence.opening(
          of: try identity(leaf), segments(place), key: key, using: cryptography))
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

  @Test func `what has no leaf cannot be opened`() throws {
    let evidence = try evidence(["a"])
    func opening(
      _ identity: CollectorIdentity, _ segments: [Segment], _ key: [UInt8]
    ) -> EvidenceOpening? {
      evidence.opening(of: identity, segments, key: key, using: cryptography)
    }
    let right = try identity("a")
    #expect(opening(right, segments(0), key) != nil)
    #expect(opening(try identity("b"), segments(0), key) == nil)
    #expect(opening(try identity("a", kind: "collector"), segments(0), key) == nil)
    #expect(opening(right, segments(1), key) == nil)
    #expect(opening(right, [], key) == nil)
    #expect(opening(right, segments(0), [UInt8](repeating: 8, count: 32)) == nil)
  }

  @Test func `a collector has another name on each date`() throws {
    let tomorrow = try #require(date.adding(days: 1))
    let one = try evidence(["a"]).entries[0].name
    let two = try evidence(["a"], on: tomorrow).entries[0].name
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
