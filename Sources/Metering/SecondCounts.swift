/// The count of every second of a date, from segments that come in any order.
///
/// Holds a number for each second, however many segments there are.
package struct SecondCounts: Sendable {
  private let from: Int64
  /// By how much the count of a second differs from that of the one before it.
  private var changes: [Int64]

  /// - Parameters:
  ///   - from: the date's first second.
  ///   - to: the next date's first; at most ``UsageRecord/maximumSpan`` later.
  package init(from: Int64, to: Int64) {
    self.from = from
    let seconds = min(max(0, to - from), UsageRecord.maximumSpan)
    changes = Array(repeating: 0, count: Int(seconds))
  }

  /// Adds a segment, as far as it lies within the date.
  package mutating func add(_ segment: Segment) {
    let first = max(0, segment.from - from)
    let end = segment.to - from
    guard first < min(end, Int64(changes.count)) else { return }
    changes[Int(first)] += segment.weight
    if end < Int64(changes.count) { changes[Int(end)] -= segment.weight }
  }

  /// Calls the body with each second, in order: its name, its count, and whether it was watched. Those
  /// of gaps were not; an entry of no length is no gap.
  func forEach(outside gaps: [Gap], _ body: (_ second: Int64, _ count: Int64, Bool) -> Void) {
    var count: Int64 = 0
    var gap = 0
    for (offset, change) in changes.enumerated() {
      count += change
      let second = from + Int64(offset)
      while gap < gaps.count, gaps[gap].to <= second { gap += 1 }
      body(second, count, gap == gaps.count || second < gaps[gap].from)
    }
  }

  /// The largest count among the seconds outside gaps, and the first second that has it.
  /// - Returns: nil if every second is in a gap.
  package func peak(outside gaps: [Gap]) -> Peak? {
    var peak: Peak?
    forEach(outside: gaps) { second, count, isObserved in
      if isObserved, count > peak?.count ?? -1 { peak = Peak(count: count, at: second) }
    }
    return peak
  }
}
