/// What the counter keeps of one collector: 32 bytes. Seconds are ticks, see ``Presence``.
struct PresenceEntry {
  var high: UInt64 = 0
  var low: UInt64 = 0
  /// The last beat; for one that said bye, that bye.
  var last: UInt32 = 0
  /// When the interval began, moved forward by the time away after a bye: dwell runs from here.
  var started: UInt32 = 0
  /// While it counts, the first second of its open segment; after its interval, the interval's end.
  var mark: UInt32 = 0
  var weight: UInt16 = 0
  var flags: Flags = []

  struct Flags: OptionSet {
    let rawValue: UInt16

    /// The entry is in use.
    static let used = Flags(rawValue: 1 << 0)
    /// It was taken at least once: the fields mean something.
    static let known = Flags(rawValue: 1 << 1)
    static let online = Flags(rawValue: 1 << 2)
    static let counting = Flags(rawValue: 1 << 3)
    /// A bye came in the second of the last beat: the interval ends with this second.
    static let ending = Flags(rawValue: 1 << 4)
    /// The interval was ended by a bye.
    static let left = Flags(rawValue: 1 << 5)
    /// A beat of the second `last` carried the weight.
    static let weighed = Flags(rawValue: 1 << 6)
    /// A segment of this date is closed: it is in ``Presence/distinct`` for good.
    static let counted = Flags(rawValue: 1 << 7)
    /// It was refused on this date.
    static let refused = Flags(rawValue: 1 << 8)
    /// It is in the list of rows to journal.
    static let dirty = Flags(rawValue: 1 << 9)
    /// It is in a bucket of the wheel.
    static let filed = Flags(rawValue: 1 << 10)
    /// Its place in a table that is built anew is not found yet.
    static let moving = Flags(rawValue: 1 << 11)

    /// What a journal row keeps.
    static let kept: Flags = [
      .known, .online, .counting, .ending, .left, .weighed, .counted, .refused,
    ]
  }
}
