package import Sealing

/// Counts a closed date again from the leaves of its evidence, without a name, and holds what comes of
/// it against the day record.
///
/// Rules:
/// 1. Leaves come in the order of their names, each in its canonical form and within the date.
/// 2. Together they are as many as the record says and have its root: then they are the leaves that it
///    commits to, and what follows is the record against itself.
/// 3. As many of them as the record's `distinct` counted in a second that was watched.
/// 4. The largest sum of weights of each minute, and of the date, is the record's; the first second
///    that has it is its `peak_at`. Segments run on through gaps, whose seconds have no count.
/// 5. Where gaps were joined to keep to their number, the watched seconds between them look like part of a gap: a
///    minute that lies among them may say less than its largest sum, never less than is seen of it, and
///    a peak among them must be the sum of its own second.
///
/// The memory that it takes does not grow with the leaves.
package struct Recount: Sendable {
  private let record: UsageRecord
  private let closing: UsageRecord.Closing
  private let cryptography: any Cryptography
  private var seconds: SecondCounts
  private var tree: MerkleTree.Accumulator
  private var last: Digest?
  private var distinct: Int64 = 0

  /// - Returns: nil for a record that closes no date.
  package init?(of record: UsageRecord, using cryptography: some Cryptography) {
    guard let closing = record.closing else { return nil }
    self.record = record
    self.closing = closing
    self.cryptography = cryptography
    seconds = SecondCounts(from: record.from, to: record.to)
    tree = MerkleTree.Accumulator(using: cryptography)
  }

  /// How many leaves have come.
  package var leaves: Int64 { tree.count }

  /// The largest sum of weights among the watched seconds, and the first second that has it.
  package static func peak(
    of leaves: some Collection<EvidenceLeaf>, from: Int64, to: Int64, gaps: [Gap]
  ) -> Peak? {
    var seconds = SecondCounts(from: from, to: to)
    for segment in leaves.lazy.flatMap(\.segments) { seconds.add(segment) }
    return seconds.peak(outside: gaps)
  }

  /// Takes the next leaf.
  /// - Throws: ``EvidenceFinding`` if it cannot be the next one.
  package mutating func take(_ leaf: EvidenceLeaf) throws(EvidenceFinding) {
    if let last, !last.bytes.lexicographicallyPrecedes(leaf.name.bytes) {
      throw .leafMalformed(index: tree.count, .order)
    }
    try count(leaf.segments, index: tree.count)
    tree.add(MerkleTree.leafHash(leaf.encoded, using: cryptography))
    last = leaf.name
  }

  /// Counts the segments of a leaf whose place in the tree is looked after elsewhere; see
  /// ``end(_:)``.
  /// - Throws: ``EvidenceFinding`` if it cannot be one of the date.
  package mutating func count(
    _ segments: [Segment], index: Int64 = 0
  ) throws(EvidenceFinding) {
    if let fault = EvidenceLeaf.fault(of: segments, from: record.from, to: record.to) {
      throw .leafMalformed(index: index, fault)
    }
    for segment in segments { seconds.add(segment) }
    if segments.contains(where: isWatched) { distinct += 1 }
  }

  /// Whether a second of the segment is in no gap.
  private func isWatched(_ segment: Segment) -> Bool {
    var first = segment.from
    for gap in record.gaps where gap.length > 0 {
      if gap.from > first { break }
      first = max(first, gap.to)
      if first >= segment.to { return false }
    }
    return true
  }

  /// Every leaf has come.
  /// - Throws: the first ``EvidenceFinding``.
  package func end() throws(EvidenceFinding) {
    try end(EvidenceRoot(leaves: tree.count, root: tree.root))
  }

  /// Every leaf has been counted, and this is the root over them.
  /// - Throws: the first ``EvidenceFinding``.
  package func end(_ evidence: EvidenceRoot) throws(EvidenceFinding) {
    guard evidence.leaves == closing.evidence.leaves else {
      throw .leavesDiffer(record: closing.evidence.leaves, found: evidence.leaves)
    }
    guard evidence.root == closing.evidence.root else { throw .rootDiffers }
    guard distinct == record.distinct || record.gapsMerged > 0 && distinct <= record.distinct else {
      throw .distinctDiffers(record: record.distinct, found: distinct)
    }
    try compareMinutes()
    try comparePeak()
  }

  /// What is seen of a minute: the largest sum of its watched seconds, -1 for none, and of all.
  private struct Minute {
    var watched: Int64 = MinuteRun.unobserved
    var all: Int64 = 0
  }

  private func compareMinutes() throws(EvidenceFinding) {
    var minutes = Array(
      repeating: Minute(), count: Int(MinuteRun.minutes(from: record.from, to: record.to)))
    seconds.forEach(outside: record.gaps) { second, count, isWatched in
      let index = Int((second - record.from) / 60)
      minutes[index].all = max(minutes[index].all, count)
      if isWatched { minutes[index].watched = max(minutes[index].watched, count) }
    }
    var index = 0
    for run in closing.minutes {
      for _ in 0..<run.minutes where index < minutes.count {
        let seen = minutes[index]
        let most = record.gapsMerged > 0 ? max(seen.watched, seen.all) : seen.watched
        guard seen.watched <= run.count, run.count <= most else {
          let from = record.from + Int64(index) * 60
          throw .minuteDiffers(from: from, record: run.count, found: seen.watched)
        }
        index += 1
      }
    }
  }

  private func comparePeak() throws(EvidenceFinding) {
    let found = seconds.peak(outside: record.gaps)
    guard record.gapsMerged > 0, let peak = record.peak else {
      guard found == record.peak else { throw .peakDiffers(record: record.peak, found: found) }
      return
    }
    var there: Int64 = 0
    seconds.forEach(outside: []) { second, count, _ in if second == peak.at { there = count } }
    let isFirst = found.map { $0.count < peak.count || $0.count == peak.count && $0.at >= peak.at }
    guard there == peak.count, isFirst ?? true else {
      throw .peakDiffers(record: peak, found: found)
    }
  }
}
