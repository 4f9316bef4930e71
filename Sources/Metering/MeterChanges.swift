package import CivilTime

/// What a ``Meter`` has to tell since it was last asked. A journal commits all of it at once.
package struct MeterChanges: Sendable {
  /// The newest row of each collector that changed, in order: replace by ``CollectorRow/id``.
  package var rows: [CollectorRow]
  /// Segments that ended: append.
  package var segments: [NamedSegment]
  /// Dates that ended, in order. Every segment of theirs has been told. Rows of collectors that were
  /// not online when the last of them ended, and have no newer row, may be deleted.
  package var closed: [ClosedDay]
  /// What ``Meter/init(restoring:rows:boot:wall:sameBoot:)`` needs beside the rows: replace.
  package var state: MeterState
}

/// Named seconds [from, to) of one date, in which a collector counted with one weight.
package struct NamedSegment: Sendable, Hashable {
  package var id: CollectorID
  package var date: CivilDate
  package var segment: Segment

  package init(id: CollectorID, date: CivilDate, segment: Segment) {
    self.id = id
    self.date = date
    self.segment = segment
  }
}

/// Seconds [from, to), as Unix instants, with one weight.
package struct Segment: Sendable, Hashable {
  package var from: Int64
  package var to: Int64
  package var weight: Int64

  package init(from: Int64, to: Int64, weight: Int64) {
    self.from = from
    self.to = to
    self.weight = weight
  }
}

/// A date that is over.
package struct ClosedDay: Sendable, Hashable {
  /// What it came to. ``DaySummary/distinct`` is confirmed by the leaves of its evidence.
  package var summary: DaySummary
  package var minutes: [MinuteRun]
  /// The window and dwell that held.
  package var rules: CountingRules

  package init(summary: DaySummary, minutes: [MinuteRun], rules: CountingRules) {
    self.summary = summary
    self.minutes = minutes
    self.rules = rules
  }
}
