import Metering

/// What a date came to, in the words of the definition.
struct NaiveDay: Equatable {
  /// Days since 1970-01-01.
  var number: Int64
  var from: Int64
  /// The second after the last one told of.
  var to: Int64
  var peak: Peak?
  /// The largest count of each minute.
  var minutes: [Int64]
  /// The count of each second from ``from`` on, -1 where there is none.
  var counts: [Int]
  var observed: Int64
  var gaps: [Gap]
  var gapsMerged: Int64
  var distinct: Int
  var refused: Int
  var online: Int64
  var segments: [Int: [Segment]]
}

extension NaiveCounter {
  /// The seconds of one date.
  private struct Span {
    var index: Int
    var from: Int64
    var to: Int64
    /// The date's end; later than `to` in a date that is not over.
    var end: Int64
    var seconds: Range<Int>
    /// For each name, the second whose count it has: the first largest that was watched; -1 for none.
    var told: [Int]
    /// For each name, how many seconds have it.
    var sharers: [Int64]
  }

  /// The dates in order, the last one as far as it has come.
  func days() -> [NaiveDay] {
    let first = dates.index(of: names[0])
    let last = dates.index(of: nextName)
    var days: [NaiveDay] = []
    var begin = 0
    for index in first...last {
      let end = dates.end(index)
      var stop = begin
      while stop < names.count, names[stop] < end { stop += 1 }
      if let span = span(index, begin..<stop, isOpen: index == last) {
        days.append(day(span, before: stop))
      }
      begin = stop
    }
    return days
  }

  /// The seconds of a date, nil for one that has not come to anything yet.
  private func span(_ index: Int, _ mine: Range<Int>, isOpen: Bool) -> Span? {
    let from = dates.from(index)
    let end = dates.end(index)
    var to = end
    if isOpen { to = mine.isEmpty ? nextName : names[names.count - 1] + 1 }
    guard to > from else { return nil }
    let length = Int(to - from)
    var span = Span(
      index: index, from: from, to: to, end: end, seconds: mine,
      told: Array(repeating: -1, count: length), sharers: Array(repeating: 0, count: length))
    for second in mine {
      let offset = Int(names[second] - from)
      span.sharers[offset] += 1
      guard seconds[second].missing == nil else { continue }
      let other = span.told[offset]
      if other < 0 || counts[second] > counts[other] { span.told[offset] = second }
    }
    return span
  }

  private func day(_ span: Span, before: Int) -> NaiveDay {
    let length = Int((span.end - span.from + 59) / 60)
    let (gaps, merged) = gaps(span)
    var day = NaiveDay(
      number: dates.number(span.index), from: span.from, to: span.to,
      minutes: Array(repeating: -1, count: length),
      counts: Array(repeating: -1, count: span.told.count), observed: 0, gaps: gaps,
      gapsMerged: merged, distinct: 0, refused: 0,
      // A date that the wall clock skipped takes over who was online before it.
      online: online[before - 1], segments: [:])
    for offset in span.told.indices where span.told[offset] >= 0 {
      let count = counts[span.told[offset]]
      day.counts[offset] = count
      day.observed += 1
      if Int64(count) > day.peak?.count ?? -1 {
        day.peak = Peak(count: Int64(count), at: span.from + Int64(offset))
      }
      day.minutes[offset / 60] = max(day.minutes[offset / 60], Int64(count))
    }
    var refused: Set<Int> = []
    for refusal in refusals where span.seconds.contains(refusal.second) {
      refused.insert(refusal.who)
    }
    day.refused = refused.count
    for who in 0..<size {
      if hasCounted(who, span.seconds) { day.distinct += 1 }
      let segments = segments(who, span)
      if !segments.isEmpty { day.segments[who] = segments }
    }
    return day
  }

  private func hasCounted(_ who: Int, _ mine: Range<Int>) -> Bool {
    for second in mine
    where weights[second * size + who] > 0 && seconds[second].missing == nil {
      return true
    }
    return false
  }

  private func gaps(_ span: Span) -> ([Gap], merged: Int64) {
    var gaps: [Gap] = []
    var second = span.seconds.lowerBound
    for offset in span.told.indices {
      let name = span.from + Int64(offset)
      let first = second
      while second < span.seconds.upperBound, names[second] == name { second += 1 }
      if span.told[offset] >= 0 {
        let shared = span.sharers[offset]
        guard shared > 1 else { continue }
        gaps.append(Gap(from: name, to: name, reason: .clock, shared: shared))
      } else {
        var reason = name < names[0] ? Gap.Reason.before : .clock
        if first < second { reason = seconds[first].missing ?? reason }
        if let last = gaps.last, last.to == name, last.reason == reason, last.length > 0 {
          gaps[gaps.count - 1].to = name + 1
          continue
        }
        gaps.append(Gap(from: name, to: name + 1, reason: reason))
      }
    }
    return Self.joined(gaps)
  }

  /// At most 256 entries, in the order in which they came: beyond that the two nearest are joined.
  private static func joined(_ all: [Gap]) -> ([Gap], merged: Int64) {
    var gaps: [Gap] = []
    for gap in all {
      gaps.append(gap)
      guard gaps.count == 257 else { continue }
      var nearest = 1
      for index in 1..<257
      where gaps[index].from - gaps[index - 1].to
        < gaps[nearest].from - gaps[nearest - 1].to
      {
        nearest = index
      }
      let left = gaps[nearest - 1]
      let right = gaps.remove(at: nearest)
      let longer = left.length >= right.length ? left : right
      gaps[nearest - 1] = Gap(from: left.from, to: right.to, reason: longer.reason)
    }
    return (gaps, Int64(all.count - gaps.count))
  }

  private func segments(_ who: Int, _ span: Span) -> [Segment] {
    var segments: [Segment] = []
    var before = -1
    for offset in span.told.indices {
      let second = span.told[offset]
      guard second >= 0 else { continue }
      let weight = weights[second * size + who]
      defer { before = second }
      guard weight > 0 else { continue }
      let name = span.from + Int64(offset)
      if let last = segments.last, before >= 0, last.weight == Int64(weight),
        last.to == names[before] + 1, last.to == name || isUnbroken(who, before, second, weight)
      {
        segments[segments.count - 1].to = name + 1
      } else {
        segments.append(Segment(from: name, to: name + 1, weight: Int64(weight)))
      }
    }
    return segments
  }

  /// Whether a collector counted with one weight and in one interval from one second to another.
  private func isUnbroken(_ who: Int, _ before: Int, _ second: Int, _ weight: Int) -> Bool {
    for second in before + 1...second {
      let place = second * size + who
      if weights[place] != weight || breaks.contains(place) { return false }
    }
    return true
  }
}
