package import Metering
internal import Synchronization

/// What collectors say of themselves: noted as they beat, kept in the journal, shown to the customer, who
/// checks the bill against it.
///
/// In memory there are 16 bytes for each collector: enough to see that nothing is new. Whatever is new
/// leaves in batches for the journal. Rules:
/// 1. A beat that says the same as the last one of its collector costs one look-up and no write.
/// 2. Where the table is full it is emptied: everybody is new once more, nothing is lost. Where too much
///    waits for the journal, what is new is left for the next beat to say.
/// 3. A batch that could not be kept goes out with the next one.
package final class Inventory: Sendable {
  /// What a collector says that it did not say before.
  package struct Sighting: Sendable, Equatable {
    package var id: CollectorID
    package var identity: CollectorIdentity
    package var version: String?
    package var host: String?
    /// Whether the limit left no room for it.
    package var isRefused: Bool
  }

  /// A collector that went offline.
  package struct Departure: Sendable, Equatable {
    package var id: CollectorID
    /// Its last beat, in Unix seconds.
    package var last: Int64
    package var weight: Int64

    package init(id: CollectorID, last: Int64, weight: Int64) {
      self.id = id
      self.last = last
      self.weight = weight
    }
  }

  /// What waits for the journal.
  package struct Batch: Sendable {
    package var sightings: [CollectorID: Sighting] = [:]
    package var departures: [CollectorID: Departure] = [:]

    package var isEmpty: Bool { sightings.isEmpty && departures.isEmpty }

    /// This and what came later, as one.
    mutating func append(_ later: Batch) {
      sightings.merge(later.sightings) { old, new in old.followed(by: new) }
      departures.merge(later.departures) { $1 }
    }
  }

  /// How many collectors are known at most, and how many wait at most.
  package struct Bounds: Sendable {
    package var known: Int
    package var waiting: Int

    package init(known: Int = 1 << 24, waiting: Int = 1 << 18) {
      self.known = known
      self.waiting = waiting
    }
  }

  private struct State {
    var marks = MarkTable()
    var pairs = RunPairs()
    var waiting = Batch()
    /// Handed out and not settled yet.
    var unsettled = Batch()
  }

  private let bounds: Bounds
  private let state = Mutex(State())

  package init(bounds: Bounds = Bounds()) {
    self.bounds = bounds
  }

  /// Notes beats that arrived together.
  /// - Parameters:
  ///   - arrivals: what became of each, nil for a bye.
  ///   - now: the second in progress, of the boot-time clock.
  package func note(
    _ beats: [Beat], _ ids: [CollectorID], _ arrivals: [Presence.Arrival?], at now: Int64
  ) {
    state.withLock { state in
      for index in beats.indices {
        guard let arrival = arrivals[index] else { continue }
        note(beats[index], ids[index], isRefused: arrival == .refused, at: now, &state)
      }
    }
  }

  private func note(
    _ beat: Beat, _ id: CollectorID, isRefused: Bool, at now: Int64, _ state: inout State
  ) {
    let slot = state.marks.slot(of: id)
    let old = state.marks[slot]
    let notes = Self.notes(beat) ?? old.notes
    let run = beat.run.map { RunPairs.mark($0) } ?? old.run
    let isKnown = !old.isEmpty
    let isNews = !isKnown || notes != old.notes || (isRefused && !old.isRefused)
    guard isNews || run != old.run || isRefused != old.isRefused else { return }
    if isNews {
      guard state.waiting.sightings.count < bounds.waiting || state.waiting.sightings[id] != nil
      else { return }
      let sighting = Sighting(
        id: id, identity: beat.identity, version: beat.version, host: beat.host,
        isRefused: isRefused)
      state.waiting.sightings[id] =
        state.waiting.sightings[id]?.followed(by: sighting) ?? sighting
    }
    if isKnown, run != old.run {
      state.pairs.change(beat.identity, id, from: old.run, to: run, at: now)
    }
    if !isKnown, state.marks.count >= bounds.known { state.marks = MarkTable() }
    state.marks.put(MarkTable.Mark(id, notes: notes, run: run, isRefused: isRefused))
  }

  /// One number for what a beat says of its collector, nil where it says nothing.
  private static func notes(_ beat: Beat) -> UInt32? {
    guard beat.version != nil || beat.host != nil else { return nil }
    var hasher = Hasher()
    hasher.combine(beat.version)
    hasher.combine(beat.host)
    return (UInt32(truncatingIfNeeded: hasher.finalize()) | 1) & ~2
  }

  /// Collectors went offline.
  package func note(_ departures: [Departure]) {
    guard !departures.isEmpty else { return }
    state.withLock { state in
      for departure in departures { state.waiting.departures[departure.id] = departure }
    }
  }

  /// What has to be kept, everything since the last batch that was settled.
  package func batch() -> Batch {
    state.withLock { state in
      state.unsettled.append(state.waiting)
      state.waiting = Batch()
      return state.unsettled
    }
  }

  /// The last batch has been kept.
  package func settle() {
    state.withLock { $0.unsettled = Batch() }
  }

  /// The identities that look like two collectors, as of a second of the boot-time clock.
  package func suspects(at now: Int64) -> [RunPairs.Suspect] {
    state.withLock { $0.pairs.suspects(at: now) }
  }
}

extension Inventory.Sighting {
  /// What stands of this after a later one: what that one does not say stays.
  func followed(by later: Self) -> Self {
    var merged = later
    merged.version = later.version ?? version
    merged.host = later.host ?? host
    merged.isRefused = isRefused || later.isRefused
    return merged
  }
}
