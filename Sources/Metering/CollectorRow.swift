/// One collector as a journal keeps it: enough to go on counting after a restart.
///
/// Instants are ``Presence``'s seconds; they run on through restarts and boots.
package struct CollectorRow: Sendable, Hashable {
  package var id: CollectorID
  /// The last beat, or the bye that ended the interval.
  package var last: Int64
  /// When the interval began, moved forward by the time away after a bye.
  package var started: Int64
  /// The first second of the open segment, or the end of the last interval.
  package var mark: Int64
  package var weight: Int64
  /// ``Presence``'s own marks.
  package var flags: Int64
  /// The second in progress when the row was taken: marks of an earlier date no longer hold.
  package var written: Int64

  package init(
    id: CollectorID, last: Int64, started: Int64, mark: Int64, weight: Int64, flags: Int64,
    written: Int64
  ) {
    self.id = id
    self.last = last
    self.started = started
    self.mark = mark
    self.weight = weight
    self.flags = flags
    self.written = written
  }

  private var marks: PresenceEntry.Flags {
    PresenceEntry.Flags(rawValue: UInt16(truncatingIfNeeded: flags))
  }

  /// Whether it was ever taken: one that was only refused was not.
  package var isKnown: Bool { marks.contains(.known) }
  /// Whether it is online.
  package var isOnline: Bool { marks.contains(.online) }
  /// Whether it counts.
  package var isCounting: Bool { marks.contains(.counting) }
}
