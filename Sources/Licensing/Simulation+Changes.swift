import CivilTime

extension Simulation {
  /// The most days that ``changes(from:through:)`` looks at: a hundred years.
  package static let longest: Int64 = 36_525

  /// The answers from an instant on, each with the first second in which it holds.
  ///
  /// Every first second of a local date is asked about; where the answer is another one than at the
  /// last, the second of the change is searched between them. What holds for less than a day between
  /// two equal answers is not found: no rule does that.
  /// - Parameters:
  ///   - from: the first instant; its answer is the first of the list.
  ///   - through: the last instant; at most ``longest`` days later are looked at.
  package func changes(from: Int64, through: Int64) -> [Outcome] {
    var current = outcome(at: from)
    var changes = [current]
    let zone = current.zone
    var date = zone.date(at: from)
    for _ in 0...Self.longest {
      let end = min(zone.day(of: date).upperBound, through)
      while current.asked < end {
        let last = outcome(at: end)
        if last.saysTheSame(as: current) { break }
        current = firstChange(from: current, to: last)
        changes.append(current)
      }
      guard end < through, let next = date.adding(days: 1) else { break }
      date = next
    }
    return changes
  }

  /// The answer at the first second at which it is no longer `start`'s, between two that differ.
  private func firstChange(from start: Outcome, to end: Outcome) -> Outcome {
    var before = start.asked
    var after = end
    while after.asked - before > 1 {
      let middle = outcome(at: before + (after.asked - before) / 2)
      if middle.saysTheSame(as: start) { before = middle.asked } else { after = middle }
    }
    return after
  }
}
