extension Presence {
  /// The last second that can be reached.
  private var horizon: Int64 { base + Int64(UInt32.max) - (1 << 20) }

  /// Lets time pass: every second before `second` is over, and was watched.
  package mutating func advance(to second: Int64) {
    pass(to: second, observed: true)
  }

  /// Lets time pass that nobody watched: the second in progress, and all before `second`.
  package mutating func skip(to second: Int64) {
    guard second > current else { return }
    if stretch.upperBound != now { stretch = now..<now }
    isSkipping = true
    pass(to: second, observed: false)
    isSkipping = false
    stretch = stretch.lowerBound..<now
    table.own()
    // What began to count among these seconds, counts from here.
    for slot in 0..<table.capacity
    where table[slot].flags.contains(.counting) && table[slot].mark >= stretch.lowerBound {
      table[slot].mark = now
      touch(slot)
    }
  }

  /// The first of the seconds before the one in progress that nobody watched; that one if there is
  /// none.
  var unwatched: Int64 { stretch.upperBound == now ? second(stretch.lowerBound) : current }

  /// The seconds from here to the one in progress were not watched, as it was before a restart.
  mutating func resumeSkipping(from second: Int64) {
    stretch = min(tick(second), now)..<now
  }

  /// What a date came to when it ended.
  package struct DayTotals: Sendable, Hashable {
    /// The sum of the weights online in its last second.
    package var online: Int64
    package var distinct: Int64
    package var refused: Int64
  }

  /// Ends the date: every second before `second` is over, which has the next date and its rules.
  ///
  /// Open segments are closed and go on in the next date; who is gone is forgotten.
  /// - Parameter observed: whether somebody watched the seconds up to here.
  package mutating func closeDay(
    at second: Int64, rules: CountingRules, observed: Bool = true
  ) -> DayTotals {
    if observed { advance(to: second - 1) } else { skip(to: second - 1) }
    if !observed && stretch.upperBound != now { stretch = now..<now }
    endSecond(until: current + 1, observed: observed)
    current += 1
    if !observed { stretch = stretch.lowerBound..<now }
    table.own()
    for slot in 0..<table.capacity where table[slot].flags.contains(.counting) {
      closeSegment(slot, at: now)
    }
    let totals = DayTotals(online: settledOnline, distinct: settledDistinct, refused: refused)
    beginDay(rules)
    return totals
  }

  private mutating func beginDay(_ rules: CountingRules) {
    var kept = 0
    for slot in 0..<table.capacity where !table[slot].flags.isEmpty {
      if carryOver(slot, rules) { kept += 1 } else { table.vacate(slot) }
    }
    table.rebuild(capacity: table.fittingCapacity(for: kept))
    self.rules = rules
    // From here on the date is another: nothing of it was skipped yet.
    stretch = now..<now
    refused = 0
    settledDistinct = 0
    admitAll()
    beginSecond()
  }

  /// Takes other rules for the date in progress, of which no second was watched yet.
  mutating func startOver(_ rules: CountingRules) {
    guard (rules.window, rules.dwell) != (self.rules.window, self.rules.dwell) else { return }
    table.own()
    self.rules = rules
    admitAll()
  }

  private mutating func admitAll() {
    count = 0
    online = 0
    onlineCollectors = 0
    distinct = 0
    wheel = ExpiryWheel()
    endings.removeAll()
    for slot in 0..<table.capacity where !table[slot].flags.isEmpty {
      table[slot].flags.remove(.filed)
      guard table[slot].flags.contains(.online) else { continue }
      admitToNewDay(slot)
      if table[slot].flags.contains(.ending) { endings.append(slot) }
    }
  }

  private mutating func pass(to second: Int64, observed: Bool) {
    let target = min(second, horizon)
    while current < target {
      let isQuiet = wheel.isEmpty && endings.isEmpty
      let next = isQuiet ? target : current + 1
      endSecond(until: next, observed: observed)
      current = next
      if !isQuiet { beginSecond() }
    }
  }

  private mutating func endSecond(until next: Int64, observed: Bool) {
    let count = observed ? self.count : nil
    settledOnline = online
    if observed { settledDistinct = distinct }
    if let last = runs.indices.last, runs[last].to == current, runs[last].count == count {
      runs[last].to = next
    } else {
      runs.append(CountRun(from: current, to: next, count: count))
    }
  }

  private mutating func beginSecond() {
    table.own()
    if !endings.isEmpty {
      for slot in endings where table[slot].flags.contains(.ending) {
        leave(slot, at: now, saidBye: true)
      }
      endings.removeAll(keepingCapacity: true)
    }
    wheel.take(now, into: &due)
    for start in stride(from: 0, to: due.count, by: Self.stretch) {
      let stretch = start..<min(start + Self.stretch, due.count)
      for index in stretch { warmth ^= table.touch(Int(due[index])) }
      for index in stretch { lookAt(Int(due[index])) }
    }
    due.removeAll(keepingCapacity: true)
  }

  private mutating func lookAt(_ slot: Int) {
    table[slot].flags.remove(.filed)
    guard table[slot].flags.contains(.online) else { return }
    if table[slot].last + window <= now {
      leave(slot, at: now, saidBye: false)
      return
    }
    if !table[slot].flags.contains(.counting), table[slot].started + dwell <= now {
      beginCounting(slot)
      touch(slot)
    }
    file(slot)
  }

  /// Makes an entry one of the next date; false for nothing.
  private mutating func carryOver(_ slot: Int, _ rules: CountingRules) -> Bool {
    table[slot].flags.subtract([.counted, .refused])
    let entry = table[slot]
    if entry.flags.contains(.online) { return true }
    if entry.flags.contains(.known), now - min(now, entry.last) <= UInt32(rules.window) {
      // Rows of those that are not online are forgotten with their date.
      table[slot].flags.insert(.dirty)
      return true
    }
    if entry.flags.contains(.dirty) {
      var row = row(entry)
      row.written = current - 1
      forgotten.append(row)
    }
    return false
  }

  /// Lets a collector that is online in the last second of a date go on in the next one.
  private mutating func admitToNewDay(_ slot: Int) {
    let wasCounting = table[slot].flags.contains(.counting)
    table[slot].flags.remove(.counting)
    if table[slot].last + window <= now {
      table[slot].mark = now
      table[slot].flags.subtract([.online, .ending, .weighed])
      touch(slot)
      return
    }
    online += Int64(table[slot].weight)
    onlineCollectors += 1
    if table[slot].started + dwell <= now { beginCounting(slot) }
    if wasCounting != table[slot].flags.contains(.counting) { touch(slot) }
    file(slot)
  }

  mutating func grow() {
    table.rebuild(capacity: table.grownCapacity)
    wheel = ExpiryWheel()
    endings.removeAll()
    for slot in 0..<table.capacity {
      let flags = table[slot].flags
      if flags.contains(.online) { file(slot) }
      if flags.contains(.ending) { endings.append(slot) }
    }
  }
}
