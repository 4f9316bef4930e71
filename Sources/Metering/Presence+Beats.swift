extension Presence {
  var window: UInt32 { UInt32(rules.window) }
  var dwell: UInt32 { UInt32(rules.dwell) }

  func tick(_ second: Int64) -> UInt32 {
    // Room for any window and dwell above.
    UInt32(min(max(second - base, 0), Int64(UInt32.max) - (1 << 19)))
  }

  func second(_ tick: UInt32) -> Int64 { base + Int64(tick) }

  /// Takes a beat.
  /// - Parameters:
  ///   - weight: the weight if the beat says one; clamped to ``CollectorWeight/range``.
  ///   - second: its arrival; time advances to it.
  package mutating func beat(
    _ id: CollectorID, weight: Int64? = nil, at second: Int64
  ) -> Arrival {
    if second > current { advance(to: second) }
    table.own()
    return take(
      id, weight.map { UInt16(truncatingIfNeeded: CollectorWeight.clamped($0)) } ?? 0)
  }

  /// Takes a collector's word that it stops.
  /// - Returns: whether it was online.
  package mutating func bye(_ id: CollectorID, at second: Int64) -> Bool {
    if second > current { advance(to: second) }
    table.own()
    return takeBye(id)
  }

  /// Takes beats that arrived together, in their order.
  ///
  /// The same as one after the other, but that their entries are brought near some dozens at a time:
  /// memory answers many questions at once as fast as one.
  /// - Parameter second: their arrival; time advances to it.
  /// - Returns: what became of each: for a bye, nil.
  package mutating func take(_ beats: [KeyedBeat], at second: Int64) -> [Arrival?] {
    if second > current { advance(to: second) }
    table.own()
    var answers = [Arrival?](repeating: .kept, count: beats.count)
    for start in stride(from: 0, to: beats.count, by: Self.stretch) {
      let stretch = start..<min(start + Self.stretch, beats.count)
      if table.isLarge {
        for index in stretch { warmth ^= table.touch(beats[index].id) }
      }
      for index in stretch {
        let beat = beats[index]
        if beat.isBye {
          _ = takeBye(beat.id)
          answers[index] = nil
        } else {
          let answer = take(beat.id, beat.weight)
          if answer != .kept { answers[index] = answer }
        }
      }
    }
    return answers
  }

  /// - Parameter weight: 0 for none.
  @inline(__always) private mutating func take(_ id: CollectorID, _ weight: UInt16) -> Arrival {
    let slot = table.slot(of: id)
    return table.refresh(slot, weight, now)
      ? .kept : takeInFull(id, slot, weight == 0 ? nil : weight)
  }

  @inline(never) private mutating func takeInFull(
    _ id: CollectorID, _ slot: Int, _ weight: UInt16?
  ) -> Arrival {
    guard table[slot].flags.contains(.online) else { return arrive(id, slot, weight) }
    keep(slot, weight)
    return .kept
  }

  private mutating func takeBye(_ id: CollectorID) -> Bool {
    let slot = table.slot(of: id)
    guard table[slot].flags.contains(.online) else { return false }
    touch(slot)
    if table[slot].last == now {
      if table[slot].flags.insert(.ending).inserted { endings.append(slot) }
    } else {
      table[slot].last = now
      leave(slot, at: now, saidBye: true)
    }
    return true
  }

  private mutating func keep(_ slot: Int, _ weight: UInt16?) {
    let old = table[slot]
    var newWeight = old.weight
    if let weight {
      let isSameSecond = old.flags.contains(.weighed) && old.last == now
      newWeight = isSameSecond ? max(weight, newWeight) : weight
      table[slot].flags.insert(.weighed)
    } else if old.last != now {
      table[slot].flags.remove(.weighed)
    }
    table[slot].flags.remove(.ending)
    table[slot].last = now
    touch(slot)
    if newWeight != old.weight { reweigh(slot, newWeight) }
  }

  /// Takes the beat of a collector that is not online.
  private mutating func arrive(_ id: CollectorID, _ slot: Int, _ weight: UInt16?) -> Arrival {
    var slot = slot
    if table[slot].flags.isEmpty {
      if table.isFull {
        grow()
        slot = table.slot(of: id)
      }
      table.occupy(slot, id)
    }
    return join(slot, weight)
  }

  private mutating func reweigh(_ slot: Int, _ weight: UInt16) {
    let change = Int64(weight) - Int64(table[slot].weight)
    if table[slot].flags.contains(.counting) {
      closeSegment(slot, at: now)
      table[slot].mark = now
      count += change
    }
    table[slot].weight = weight
    online += change
  }

  private mutating func join(_ slot: Int, _ weight: UInt16?) -> Arrival {
    let now = now
    let old = table[slot]
    var started = now
    var remembered: UInt16 = 1
    // `mark` is the end of the interval before. Without a bye that is not over if it ends just now;
    // but a window that became shorter at midnight may have cut it off long after its last beat.
    if old.flags.contains(.known), now - old.last <= window,
      old.flags.contains(.left) || old.mark == now
    {
      started = old.flags.contains(.left) ? now - min(now, old.mark - old.started) : old.started
      remembered = old.weight
    }
    let weight16 = weight ?? remembered
    if rules.refusesAboveLimit, let limit = rules.limit, online + Int64(weight16) > limit {
      if table[slot].flags.insert(.refused).inserted {
        refused += 1
        touch(slot)
      }
      return .refused
    }
    table[slot].last = now
    table[slot].started = started
    table[slot].mark = now
    table[slot].weight = weight16
    table[slot].flags.subtract([.left, .weighed])
    table[slot].flags.formUnion(weight == nil ? [.known, .online] : [.known, .online, .weighed])
    online += Int64(weight16)
    onlineCollectors += 1
    if started + dwell <= now { beginCounting(slot) }
    if !table[slot].flags.contains(.filed) { file(slot) }
    touch(slot)
    return .joined
  }

  mutating func beginCounting(_ slot: Int) {
    table[slot].mark = now
    table[slot].flags.insert(.counting)
    count += Int64(table[slot].weight)
    if !table[slot].flags.contains(.counted) { distinct += 1 }
  }

  mutating func leave(_ slot: Int, at end: UInt32, saidBye: Bool) {
    if table[slot].flags.contains(.counting) {
      closeSegment(slot, at: end)
      count -= Int64(table[slot].weight)
      if !table[slot].flags.contains(.counted) { distinct -= 1 }
    }
    online -= Int64(table[slot].weight)
    onlineCollectors -= 1
    table[slot].mark = end
    table[slot].flags.subtract([.online, .counting, .ending, .weighed])
    if saidBye { table[slot].flags.insert(.left) }
    touch(slot)
  }

  /// Closes the open segment before a second, if any observed second is in it.
  mutating func closeSegment(_ slot: Int, at end: UInt32) {
    guard let segment = segment(table[slot], before: end) else { return }
    table[slot].flags.insert(.counted)
    segments.append(segment)
  }

  private func segment(_ entry: PresenceEntry, before end: UInt32) -> CountedSegment? {
    // No segment ends among seconds that nobody watched, or just after them.
    let to = isSkipping || end == stretch.upperBound ? min(end, stretch.lowerBound) : end
    guard entry.mark < to else { return nil }
    return CountedSegment(
      id: CollectorID(high: entry.high, low: entry.low), from: second(entry.mark), to: second(to),
      weight: Int64(entry.weight))
  }

  /// The segments that are open, up to the second in progress, in no order.
  package var openSegments: [CountedSegment] {
    (0..<table.capacity).compactMap { slot in
      table[slot].flags.contains(.counting) ? segment(table[slot], before: now) : nil
    }
  }

  mutating func file(_ slot: Int) {
    wheel.file(slot, due: due(table[slot]), now: now)
    table[slot].flags.insert(.filed)
  }

  /// The next second in which something happens to an online collector that stays silent.
  func due(_ entry: PresenceEntry) -> UInt32 {
    let end = entry.last + window
    return entry.flags.contains(.counting) ? end : min(end, entry.started + dwell)
  }

  mutating func touch(_ slot: Int) {
    if table[slot].flags.insert(.dirty).inserted { table.noteChange(of: slot) }
  }
}
