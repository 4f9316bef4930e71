import CivilTime

extension Meter {
  mutating func pass(to second: Int64, missing reason: Gap.Reason?) {
    while presence.current < second {
      let end = naming.boot(ofName: day.to, from: presence.current + 1)
      if end <= second {
        closeDay(at: end, missing: reason)
        continue
      }
      if reason == nil { presence.advance(to: second) } else { presence.skip(to: second) }
      settle(missing: reason)
      // Beyond the last second that can be reached, time is given up.
      return
    }
  }

  /// Ends the open date: the second has the next one.
  private mutating func closeDay(at second: Int64, missing reason: Gap.Reason?) {
    let rules = presence.rules
    let totals = presence.closeDay(at: second, rules: nextRules, observed: reason == nil)
    settle(missing: reason)
    let name = naming.name(of: second)
    day.miss(day.told..<day.to, reason: .clock)
    close(totals, rules)
    var (date, range) = days.day(containing: day.to)
    while range.upperBound <= name {
      // The wall clock was set forward over a whole date.
      day = DayCount(date: date, from: range.lowerBound, to: range.upperBound)
      day.miss(range, reason: .clock)
      close(Presence.DayTotals(online: totals.online, distinct: 0, refused: 0), rules)
      (date, range) = days.day(containing: day.to)
    }
    day = DayCount(date: date, from: range.lowerBound, to: range.upperBound)
    day.miss(range.lowerBound..<name, reason: .clock)
    dayStart = second
    naming.forget(before: second)
  }

  private mutating func close(_ totals: Presence.DayTotals, _ rules: CountingRules) {
    var summary = summary(to: day.to)
    summary.online = totals.online
    summary.distinct = totals.distinct
    summary.refused = totals.refused
    closed.append(ClosedDay(summary: summary, minutes: day.runs, rules: rules))
  }

  /// Tells the open date what its seconds came to, and names the segments that ended.
  mutating func settle(missing reason: Gap.Reason?) {
    for run in presence.takeRuns() {
      naming.note(run)
      tell(run, reason ?? .stopped)
    }
    let ended = held + presence.takeSegments()
    held.removeAll()
    for segment in ended {
      if naming.isSettled(end: segment.to, current: presence.current) {
        if let named = named(segment) { segments.append(named) }
      } else {
        held.append(segment)
      }
    }
  }

  private func named(_ segment: CountedSegment) -> NamedSegment? {
    guard let names = naming.names(from: segment.from, to: segment.to) else { return nil }
    return NamedSegment(
      id: segment.id, date: day.date,
      segment: Segment(from: names.lowerBound, to: names.upperBound, weight: segment.weight))
  }

  /// The segments of the open date that have not been told, as far as they have come: together with
  /// the ones told they say who was counted when.
  package var openSegments: [NamedSegment] {
    segments.filter { $0.date == day.date } + (held + presence.openSegments).compactMap(named)
  }

  private mutating func tell(_ run: CountRun, _ reason: Gap.Reason) {
    var from = run.from
    while from < run.to {
      let (names, to) = naming.span(from: from, to: run.to)
      if names.lowerBound > day.told {
        day.miss(day.told..<names.lowerBound, reason: .clock)
      }
      if let count = run.count {
        day.observe(names, count: count)
      } else {
        day.miss(names, reason: reason)
      }
      if let shared = naming.sharing(at: to - 1) { day.share(names.lowerBound, by: shared) }
      from = to
    }
  }
}
