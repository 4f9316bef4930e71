package import CivilTime
internal import GRDB
package import Metering
internal import Sealing

/// Who counted in one second.
package struct CountedThen: Sendable, Equatable {
  /// One collector and the segment that holds the second, whose end is open while it still counts.
  package struct Entry: Sendable, Equatable {
    package var id: CollectorID
    package var from: Int64
    package var to: Int64?
    package var weight: Int64
  }

  /// By digest.
  package var entries: [Entry]
  /// The sum of the weights.
  package var sum: Int64 { entries.reduce(0) { $0 + $1.weight } }
}

/// The date that is being counted, as of the last commit, with everyone who counted at its peak.
package struct OpenPeak: Sendable {
  package var day: DayCount
  package var rules: CountingRules
  package var counted: CountedThen
}

extension Journal {
  /// Everyone who counted in a second of a date that is closed, or whose record is being made.
  package func counted(
    at second: Int64, on date: CivilDate
  ) async throws(VerifierError) -> CountedThen {
    try await read { db in
      CountedThen(entries: try Self.segments(at: second, on: date, in: db))
    }
  }

  /// The open date and who counted at its peak, from one moment; nil before the first commit.
  package func openPeak() async throws(VerifierError) -> OpenPeak? {
    try await read { db in
      guard let body = try String.fetchOne(db, sql: "SELECT body FROM state") else { return nil }
      let state = try MeterState(JSONScanner.scan(Array(body.utf8), maximumDepth: 16))
      var peak = OpenPeak(
        day: state.day, rules: state.rules, counted: CountedThen(entries: []))
      guard let second = state.day.peak?.at else { return peak }
      var entries = try Self.segments(at: second, on: state.day.date, in: db)
      for held in state.heldSegments where held.segment.holds(second) {
        entries.append(CountedThen.Entry(held.id, held.segment))
      }
      let rows = try Row.fetchCursor(
        db,
        sql: """
          SELECT high, low, last, started, mark, weight, flags, written FROM collector
          WHERE online = 1
          """)
      while let row = try rows.next() {
        let collector = try Self.collector(row)
        guard let open = state.openSegment(of: collector), open.holds(second) else { continue }
        var entry = CountedThen.Entry(collector.id, open)
        entry.to = nil
        entries.append(entry)
      }
      entries.sort { ($0.id.high, $0.id.low, $0.from) < ($1.id.high, $1.id.low, $1.from) }
      peak.counted.entries = entries
      return peak
    }
  }

  private static func segments(
    at second: Int64, on date: CivilDate, in db: Database
  ) throws -> [CountedThen.Entry] {
    var entries: [CountedThen.Entry] = []
    let rows = try Row.fetchCursor(
      db,
      sql: """
        SELECT high, low, begins, ends, weight FROM segment
        WHERE date = ? AND begins <= ? AND ends > ? ORDER BY high, low, begins
        """, arguments: [date.description, second, second])
    while let row = try rows.next() {
      entries.append(CountedThen.Entry(try id(row), try span(row)))
    }
    return entries
  }

  /// The names of some collectors, in their order; nil for one whose name is not kept.
  package func identities(
    of ids: [CollectorID]
  ) async throws(VerifierError) -> [CollectorIdentity?] {
    try await read { db in try ids.map { try Self.identity(of: $0, in: db) } }
  }
}

extension CountedThen.Entry {
  fileprivate init(_ id: CollectorID, _ segment: Segment) {
    self.init(id: id, from: segment.from, to: segment.to, weight: segment.weight)
  }
}

extension Segment {
  fileprivate func holds(_ second: Int64) -> Bool { from <= second && second < to }
}
