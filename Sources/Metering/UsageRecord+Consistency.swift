import CivilTime
package import Sealing

extension UsageRecord {
  /// Holds what the members must be to each other. A record that says two things at once is no record.
  /// - Throws: ``Refusal`` `MALFORMED`.
  package func requireConsistency() throws(Refusal) {
    try require((seq == 1) == (prev == nil), "prev must be absent at seq 1, and only there")
    try require(
      from < to && to - from <= Self.maximumSpan, "to must be after from, by two days at most")
    try require(
      stage == .sample ? at == to : at >= to,
      "at must be to in a sample, no earlier than to in a day")
    try require((stage == .day) == (closing != nil), "minutes and evidence belong to a day record")
    try requireCounts()
    try requireGaps()
    if let closing { try requireMinutes(closing) }
  }

  private func require(_ holds: Bool, _ message: String) throws(Refusal) {
    guard holds else { throw .malformed("usage record \(seq): \(message)") }
  }

  private func requireCounts() throws(Refusal) {
    try require(
      (peak == nil) == (observed == 0), "peak must be absent exactly if nothing was observed")
    if let peak {
      try require(from <= peak.at && peak.at < to, "peak_at must be within the date")
      try require(
        (peak.count == 0) == (distinct == 0), "a peak needs collectors, and the other way")
      let most = distinct.multipliedReportingOverflow(by: CollectorWeight.range.upperBound)
      try require(most.overflow || peak.count <= most.partialValue, "the peak exceeds all weights")
    } else {
      try require(distinct == 0, "distinct must be 0 if nothing was observed")
    }
    if let closing {
      try require(
        closing.evidence.leaves == distinct, "evidence must have a leaf for each collector")
    }
  }

  private func requireGaps() throws(Refusal) {
    var end = from
    var unobserved: Int64 = 0
    for gap in gaps {
      try require(
        gap.from >= end && gap.to <= to, "gaps must be in order, apart and within the date")
      if gap.length > 0, let peak, gapsMerged == 0 {
        try require(peak.at < gap.from || peak.at >= gap.to, "peak_at must not be in a gap")
      }
      end = gap.to
      unobserved += gap.length
    }
    let told = observed + unobserved
    try require(
      gapsMerged == 0 ? told == to - from : told >= to - from && observed <= to - from,
      "observed seconds and gaps must make up the date")
  }

  private func requireMinutes(_ closing: Closing) throws(Refusal) {
    let runs = closing.minutes
    let total = runs.reduce(0) { $0 + $1.minutes }
    try require(
      total == MinuteRun.minutes(from: from, to: to), "minutes must cover the date, no more")
    try require(
      zip(runs, runs.dropFirst()).allSatisfy { $0.count != $1.count },
      "minutes must be in shortest runs")
    try require(
      (runs.map(\.count).max() ?? MinuteRun.unobserved) == peak?.count ?? MinuteRun.unobserved,
      "the largest minute must be the peak")
    if let peak {
      var minute: Int64 = 0
      for run in runs {
        if run.count == peak.count {
          let found = (peak.at - from) / 60
          try require(
            found >= minute && found < minute + run.minutes
              && found == minute, "peak_at must be in the first minute that reaches the peak")
          break
        }
        minute += run.minutes
      }
    }
    if gapsMerged == 0 { try requireUnobservedMinutes(runs) }
  }

  /// A minute is -1 exactly if gaps cover all of it.
  private func requireUnobservedMinutes(_ runs: [MinuteRun]) throws(Refusal) {
    var unobserved: [Int64] = []
    var index = 0
    var start = from
    while start < to {
      let end = min(start + 60, to)
      var covered: Int64 = 0
      while index < gaps.count, gaps[index].to <= start { index += 1 }
      for gap in gaps[index...].prefix(while: { $0.from < end }) {
        covered += min(gap.to, end) - max(gap.from, start)
      }
      unobserved.append(covered == end - start ? 1 : 0)
      start = end
    }
    var told: [Int64] = []
    for run in runs {
      let mark: Int64 = run.count == MinuteRun.unobserved ? 1 : 0
      told += Array(repeating: mark, count: Int(run.minutes))
    }
    try require(told == unobserved, "minutes must be -1 exactly where gaps cover them")
  }
}
