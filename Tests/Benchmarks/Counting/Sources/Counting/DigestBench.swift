internal import CBareTable
internal import Metering

/// Beats from ready digests, against the bare table in C: in alternation, in random order, at so many
/// collectors.
struct DigestBench {
  /// Seconds in which everybody beats once.
  private static let round = 60
  private static let window: UInt32 = 300
  /// Beats that arrive together.
  private static let request = 1000

  /// Of each alternation, in a second of the processor.
  struct Result {
    /// Beats that arrive a thousand at a time.
    var together: [Double] = []
    /// Beats that arrive one by one.
    var single: [Double] = []
    /// Beats of the bare table, one after the other.
    var bare: [Double] = []
    /// Beats of the bare table, with their places fetched ahead.
    var bareAhead: [Double] = []
    /// Rows for the journal.
    var rows: [Double] = []
  }

  private let collectors: Int
  private let rounds: Int
  private var ids: [CollectorID] = []
  private var random = SplitMix(state: 1)
  private var together: Presence
  private var single: Presence
  private let bare: BareTable
  private let bareAhead: BareTable
  private var second: Int64 = 0

  init(collectors: Int) throws {
    self.collectors = collectors
    // A measurement takes at least two million beats.
    rounds = max(1, 2_000_000 / collectors)
    ids.reserveCapacity(collectors)
    for _ in 0..<collectors { ids.append(CollectorID(high: random.next(), low: random.next())) }
    guard let rules = CountingRules(window: Int64(Self.window)) else {
      throw BenchError("a window of \(Self.window) s is no rule")
    }
    together = Presence(rules: rules, at: 0)
    single = Presence(rules: rules, at: 0)
    bare = try BareTable(collectors, Self.window)
    bareAhead = try BareTable(collectors, Self.window)
  }

  /// Plays rounds in which everybody beats, each in an order of its own.
  mutating func run(alternations: Int) throws -> Result {
    var result = Result()
    // Everybody joins, and has been looked for once.
    for _ in 0..<2 { step(&result) }
    result = Result()
    for _ in 0..<alternations { step(&result) }
    guard
      [together.onlineCollectors, single.onlineCollectors, bare.online, bareAhead.online]
        .allSatisfy({ $0 == collectors })
    else { throw BenchError("not everybody is online") }
    return result
  }

  private mutating func step(_ result: inout Result) {
    var times = [Double](repeating: 0, count: 5)
    for _ in 0..<rounds {
      ids.shuffle(using: &random)
      let ids = ids
      let beats = ids.map { KeyedBeat($0) }
      times[0] += Stopwatch.time { bare.play(ids, parts, ahead: false) }
      times[1] += Stopwatch.time { playTogether(beats) }
      times[2] += Stopwatch.time { bareAhead.play(ids, parts, ahead: true) }
      times[3] += Stopwatch.time { playSingle(ids) }
      times[4] += Stopwatch.time { drain() }
      second += Int64(Self.round)
    }
    let beats = Double(collectors * rounds)
    result.bare.append(beats / times[0])
    result.together.append(beats / times[1])
    result.bareAhead.append(beats / times[2])
    result.single.append(beats / times[3])
    result.rows.append(beats * 2 / times[4])
  }

  /// The beats of each second of a round.
  private var parts: [Range<Int>] {
    (0..<Self.round).map { second in
      collectors * second / Self.round..<collectors * (second + 1) / Self.round
    }
  }

  private mutating func playTogether(_ beats: [KeyedBeat]) {
    for (index, part) in parts.enumerated() {
      let now = second + Int64(index)
      for start in stride(from: part.lowerBound, to: part.upperBound, by: Self.request) {
        let request = beats[start..<min(start + Self.request, part.upperBound)]
        _ = together.take(Array(request), at: now)
      }
      together.advance(to: now + 1)
    }
  }

  private mutating func playSingle(_ ids: [CollectorID]) {
    for (index, part) in parts.enumerated() {
      let now = second + Int64(index)
      for id in ids[part] { _ = single.beat(id, at: now) }
      single.advance(to: now + 1)
    }
  }

  /// Every beat is for the journal, so that the next one has to be noted anew.
  private mutating func drain() {
    precondition(together.takeRows().count == collectors, "every beat is for the journal")
    precondition(single.takeRows().count == collectors, "every beat is for the journal")
    _ = (together.takeRuns(), together.takeSegments(), single.takeRuns(), single.takeSegments())
  }
}

/// The table in C.
final class BareTable {
  private let table: OpaquePointer

  init(_ keys: Int, _ window: UInt32) throws {
    guard let table = bare_table_new(keys, window) else { throw BenchError("no memory") }
    self.table = table
  }

  deinit { bare_table_free(table) }

  var online: Int { Int(bare_table_online(table)) }

  func play(_ ids: [CollectorID], _ parts: [Range<Int>], ahead: Bool) {
    ids.withUnsafeBytes { bytes in
      guard let keys = bytes.bindMemory(to: bare_key.self).baseAddress else { return }
      for part in parts {
        if ahead {
          bare_table_ahead(table, keys + part.lowerBound, part.count)
        } else {
          bare_table_beats(table, keys + part.lowerBound, part.count)
        }
        bare_table_tick(table)
      }
    }
  }
}
