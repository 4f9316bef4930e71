package import Sealing

extension Presence {
  /// The collectors that changed since last taken, as they are now.
  package mutating func takeRows() -> [CollectorRow] {
    var rows = forgotten
    rows.reserveCapacity(forgotten.count + table.changed)
    table.own()
    for start in stride(from: 0, to: table.changed, by: Self.stretch) {
      let stretch = start..<min(start + Self.stretch, table.changed)
      for index in stretch { warmth ^= table.touch(table.changedSlot(index)) }
      for index in stretch {
        let slot = table.changedSlot(index)
        table[slot].flags.remove(.dirty)
        rows.append(row(table[slot]))
      }
    }
    table.forgetChanges()
    forgotten.removeAll()
    return rows
  }

  /// A collector's state, nil for one not known on this date.
  package func row(of id: CollectorID) -> CollectorRow? {
    let entry = table[table.slot(of: id)]
    return entry.flags.isEmpty ? nil : row(entry)
  }

  /// Whether a collector is known: online, gone on this date, or refused.
  package func knows(_ id: CollectorID) -> Bool {
    !table[table.slot(of: id)].flags.isEmpty
  }

  /// Calls the body with each collector online, in no order.
  package func forEachOnline(_ body: (CollectorRow) -> Void) {
    for slot in 0..<table.capacity where table[slot].flags.contains(.online) {
      body(row(table[slot]))
    }
  }

  func row(_ entry: PresenceEntry) -> CollectorRow {
    CollectorRow(
      id: CollectorID(high: entry.high, low: entry.low), last: second(entry.last),
      started: second(entry.started), mark: second(entry.mark), weight: Int64(entry.weight),
      flags: Int64(entry.flags.intersection(.kept).rawValue), written: current)
  }

  /// Counting as it was when rows were last taken.
  /// - Parameters:
  ///   - rows: the newest row of every collector, in any order.
  ///   - rules: the rules that held.
  ///   - second: the second that was in progress.
  ///   - dayStart: the first second of its date.
  /// - Throws: ``Refusal`` `MALFORMED` if a row cannot have been taken then.
  package init(
    restoring rows: some Collection<CollectorRow>, rules: CountingRules, at second: Int64,
    dayStart: Int64
  ) throws(Refusal) {
    self.init(rules: rules, at: second, capacity: rows.count)
    for row in rows {
      guard let entry = try entry(row, dayStart: dayStart) else { continue }
      guard !knows(row.id) else { throw .malformed("the journal has two rows of one collector") }
      adopt(table.insert(entry))
    }
    settledDistinct = distinct
  }

  /// The entry of a row, nil for one that no longer matters.
  private func entry(_ row: CollectorRow, dayStart: Int64) throws(Refusal) -> PresenceEntry? {
    try requireConsistency(row)
    var flags = PresenceEntry.Flags(rawValue: UInt16(truncatingIfNeeded: row.flags))
    var mark = row.mark
    if row.written < dayStart {
      flags.subtract([.counted, .refused])
      if flags.contains(.counting) { mark = max(mark, dayStart) }
    }
    // The next date may have the longest window, and asks again.
    let isRemembered =
      flags.contains(.known) && current - row.last <= CountingRules.windows.upperBound
    guard !flags.isDisjoint(with: [.online, .counted, .refused]) || isRemembered else { return nil }
    return PresenceEntry(
      high: row.id.high, low: row.id.low, last: tick(row.last), started: tick(row.started),
      mark: tick(mark), weight: UInt16(CollectorWeight.clamped(row.weight)),
      flags: flags.union(.used))
  }

  private func requireConsistency(_ row: CollectorRow) throws(Refusal) {
    let kept = PresenceEntry.Flags.kept
    guard row.flags & ~Int64(kept.rawValue) == 0 else {
      throw .malformed("a row of the journal has unknown marks")
    }
    let flags = PresenceEntry.Flags(rawValue: UInt16(truncatingIfNeeded: row.flags))
    guard flags.contains(.known) else {
      guard flags.isSubset(of: .refused) else {
        throw .malformed("a row of the journal is of a collector that never came")
      }
      return
    }
    let seconds = base...current
    guard CollectorWeight.range.contains(row.weight), seconds.contains(row.last),
      seconds.contains(row.started), seconds.contains(row.mark), row.started <= row.last,
      row.started <= row.mark, flags.contains(.online) || !flags.contains(.counting),
      !flags.contains(.online) || row.last + rules.window > current,
      !flags.contains(.online)
        || flags.contains(.counting) == (row.started + rules.dwell <= current),
      !flags.contains(.ending) || flags.contains(.online) && row.last == current
    else { throw .malformed("a row of the journal contradicts itself") }
  }

  private mutating func adopt(_ slot: Int) {
    let entry = table[slot]
    let weight = Int64(entry.weight)
    if entry.flags.contains(.online) {
      online += weight
      onlineCollectors += 1
      file(slot)
    }
    if entry.flags.contains(.counting) { count += weight }
    if !entry.flags.isDisjoint(with: [.counted, .counting]) { distinct += 1 }
    if entry.flags.contains(.refused) { refused += 1 }
    if entry.flags.contains(.ending) { endings.append(slot) }
  }
}
