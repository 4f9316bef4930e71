package import Sealing

/// Successive minutes of a date with the same largest count: `[minutes, count]`.
package struct MinuteRun: Sendable, Hashable {
  /// The count of a minute of which no second was observed.
  package static let unobserved: Int64 = -1

  /// How many minutes, at least one.
  package var minutes: Int64
  /// The largest count of each of them, or ``unobserved``.
  package var count: Int64

  package init(minutes: Int64, count: Int64) {
    self.minutes = minutes
    self.count = count
  }

  /// The shortest runs of the counts.
  package static func runs(of counts: some Sequence<Int64>) -> [MinuteRun] {
    var runs: [MinuteRun] = []
    for count in counts {
      if let last = runs.indices.last, runs[last].count == count {
        runs[last].minutes += 1
      } else {
        runs.append(MinuteRun(minutes: 1, count: count))
      }
    }
    return runs
  }

  /// The number of minutes of a date, the last one perhaps shorter.
  package static func minutes(from: Int64, to: Int64) -> Int64 { (to - from + 59) / 60 }

  init(_ value: JSONValue, at name: String) throws(Refusal) {
    guard case .array(let pair) = value, pair.count == 2,
      let minutes = pair[0].integer, (1...UsageRecord.maximumSpan / 60).contains(minutes),
      let count = pair[1].integer, count >= Self.unobserved,
      count <= SealedLimits.counts.upperBound
    else { throw .malformed("\(name) must hold [minutes, count]") }
    self.init(minutes: minutes, count: count)
  }

  package var json: JSONValue { [.integer(minutes), .integer(count)] }
}
