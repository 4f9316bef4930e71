package import CivilTime

/// A date while it is counted: what its seconds came to, told in the order of their names.
package struct DayCount: Sendable, Hashable {
  package let date: CivilDate
  /// The date's first second.
  package let from: Int64
  /// The next date's first second.
  package let to: Int64
  package internal(set) var peak: Peak?
  /// How many seconds were observed.
  package internal(set) var observed: Int64 = 0
  package internal(set) var gaps: [Gap] = []
  package internal(set) var gapsMerged: Int64 = 0
  /// The largest count of each minute, ``MinuteRun/unobserved`` where there is none.
  package internal(set) var minutes: [Int64]
  /// The name after the last one told.
  package internal(set) var told: Int64
  /// The last name that was entered as shared; its entry may have been joined to another since.
  var sharedName: Int64?

  package init(date: CivilDate, from: Int64, to: Int64) {
    self.date = date
    self.from = from
    self.to = to
    told = from
    let count = min(max(0, MinuteRun.minutes(from: from, to: to)), UsageRecord.maximumSpan / 60)
    minutes = Array(repeating: MinuteRun.unobserved, count: Int(count))
  }

  /// Seconds with one count. They follow what was told, or share the last name.
  package mutating func observe(_ names: Range<Int64>, count: Int64) {
    let names = names.clamped(to: from..<to)
    guard !names.isEmpty else { return }
    if names.lowerBound == told - 1 { unmissLast() }
    if count > peak?.count ?? -1 { peak = Peak(count: count, at: names.lowerBound) }
    let first = Int((names.lowerBound - from) / 60)
    let last = min(Int((names.upperBound - 1 - from) / 60), minutes.count - 1)
    if first <= last {
      for minute in first...last { minutes[minute] = max(minutes[minute], count) }
    }
    observed += max(0, names.upperBound - max(names.lowerBound, told))
    told = max(told, names.upperBound)
  }

  /// The last name told was missed, and is now shared by a second that was watched.
  private mutating func unmissLast() {
    guard let last = gaps.indices.last, gaps[last].to == told, gaps[last].length > 0 else { return }
    told -= 1
    gaps[last].to -= 1
    if gaps[last].length == 0 { gaps.removeLast() }
  }

  /// Seconds that nobody watched. They follow what was told.
  package mutating func miss(_ names: Range<Int64>, reason: Gap.Reason) {
    let names = names.clamped(to: max(from, told)..<max(told, to))
    guard !names.isEmpty else { return }
    told = names.upperBound
    if let last = gaps.indices.last, gaps[last].to == names.lowerBound, gaps[last].length > 0,
      gaps[last].reason == reason
    {
      gaps[last].to = names.upperBound
    } else {
      append(Gap(from: names.lowerBound, to: names.upperBound, reason: reason))
    }
  }

  /// The last name told is that of so many seconds, of which some were watched.
  package mutating func share(_ name: Int64, by seconds: Int64) {
    guard seconds > 1, name >= from, name < to else { return }
    if let last = gaps.last, last.from <= name, name < last.to { return }
    if let last = gaps.indices.last, gaps[last].from == name, gaps[last].length == 0 {
      gaps[last].shared = seconds
    } else if sharedName != name {
      sharedName = name
      append(Gap(from: name, to: name, reason: .clock, shared: seconds))
    }
  }

  private mutating func append(_ gap: Gap) {
    gaps.append(gap)
    guard gaps.count > Gap.maximum else { return }
    var nearest = 0
    for index in gaps.indices.dropLast()
    where gaps[index + 1].from - gaps[index].to < gaps[nearest + 1].from - gaps[nearest].to {
      nearest = index
    }
    let right = gaps.remove(at: nearest + 1)
    let left = gaps[nearest]
    let reason = left.length >= right.length ? left.reason : right.reason
    gaps[nearest] = Gap(from: left.from, to: right.to, reason: reason)
    if gaps[nearest].length == 0 {
      gaps[nearest].shared = (left.shared ?? 1) + (right.shared ?? 1)
    }
    gapsMerged += 1
  }

  /// The minutes in shortest runs.
  package var runs: [MinuteRun] { MinuteRun.runs(of: minutes) }
}
