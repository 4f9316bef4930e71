/// Counts a date again from the leaves of its evidence, without a name.
package enum Recount {
  /// The largest sum of weights among the seconds outside gaps, and the first second that has it.
  ///
  /// Segments run on through gaps, whose seconds have no count. Where gaps were joined the observed
  /// seconds between them are not looked at.
  /// - Returns: nil if every second is in a gap.
  package static func peak(
    of leaves: some Collection<EvidenceLeaf>, from: Int64, to: Int64, gaps: [Gap]
  ) -> Peak? {
    var changes: [(at: Int64, weight: Int64)] = [(from, 0)]
    for segment in leaves.lazy.flatMap(\.segments) where segment.from < to && segment.to > from {
      changes.append((max(segment.from, from), segment.weight))
      changes.append((segment.to, -segment.weight))
    }
    changes.sort { $0.at < $1.at }
    var peak: Peak?
    var count: Int64 = 0
    var gap = 0
    for (index, change) in changes.enumerated() where change.at < to {
      count += change.weight
      let end = index + 1 < changes.count ? min(changes[index + 1].at, to) : to
      guard change.at < end else { continue }
      // The first second from here on that is in no gap.
      while gap < gaps.count, gaps[gap].to <= change.at { gap += 1 }
      var first = change.at
      for gap in gaps[gap...] where gap.length > 0 && gap.from <= first && first < gap.to {
        first = gap.to
      }
      if first < end, count > peak?.count ?? -1 { peak = Peak(count: count, at: first) }
    }
    return peak
  }
}
