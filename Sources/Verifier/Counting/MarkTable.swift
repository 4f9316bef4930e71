internal import Metering

/// The little that is remembered of what each collector said of itself: open addressing with linear
/// probing over one flat array, 16 bytes an entry. Nothing is removed from it.
struct MarkTable {
  struct Mark {
    /// Half of the collector's digest, 0 for an entry that is free. Two collectors in one entry would
    /// only be shown with each other's version.
    var key: UInt64 = 0
    /// Stands for version and host; bit 0 is set where they were said, bit 1 where the limit left no
    /// room for the last beat.
    private var bits: UInt32 = 0
    /// Stands for the run, 0 where none was said.
    var run: UInt32 = 0

    init() {}

    init(_ id: CollectorID, notes: UInt32, run: UInt32, isRefused: Bool) {
      key = MarkTable.key(id)
      bits = notes & ~2 | (isRefused ? 2 : 0)
      self.run = run
    }

    var isEmpty: Bool { key == 0 }
    var notes: UInt32 { bits & ~2 }
    var isRefused: Bool { bits & 2 != 0 }
  }

  private var entries = [Mark](repeating: Mark(), count: 64)
  private(set) var count = 0

  private static func key(_ id: CollectorID) -> UInt64 { id.low == 0 ? 1 : id.low }

  subscript(slot: Int) -> Mark { entries[slot] }

  /// The collector's entry, or the free one where it belongs.
  func slot(of id: CollectorID) -> Int { slot(of: Self.key(id)) }

  private func slot(of key: UInt64) -> Int {
    var slot = Int(truncatingIfNeeded: key.multipliedFullWidth(by: UInt64(entries.count)).high)
    while entries[slot].key != 0 && entries[slot].key != key {
      slot += 1
      if slot == entries.count { slot = 0 }
    }
    return slot
  }

  /// Puts an entry, in place of the collector's older one.
  mutating func put(_ mark: Mark) {
    let slot = slot(of: mark.key)
    let isNew = entries[slot].isEmpty
    entries[slot] = mark
    guard isNew else { return }
    count += 1
    if count > entries.count / 4 * 3 { grow() }
  }

  private mutating func grow() {
    let old = entries
    entries = [Mark](repeating: Mark(), count: old.count * 2)
    for mark in old where !mark.isEmpty { entries[slot(of: mark.key)] = mark }
  }
}
