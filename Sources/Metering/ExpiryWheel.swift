/// Which entries to look at in a coming second: one list for each of the next 4096 seconds.
///
/// An entry is in one list at most, and only looked at, not moved, by its beats: a beat costs nothing
/// here. Whoever is looked at before its time is filed again, once in a window.
struct ExpiryWheel {
  static let size: UInt32 = 4096
  private static let none = UInt32.max

  private var heads = [UInt32](repeating: none, count: Int(size))
  private var links: [UInt32]
  private(set) var count = 0

  init(capacity: Int) {
    links = Array(repeating: Self.none, count: capacity)
  }

  var isEmpty: Bool { count == 0 }

  /// Files a slot to be looked at in the second `due`, or as late before it as the wheel reaches.
  mutating func file(_ slot: Int, due: UInt32, now: UInt32) {
    let bucket = Int(min(due, now + Self.size - 1) % Self.size)
    links[slot] = heads[bucket]
    heads[bucket] = UInt32(truncatingIfNeeded: slot)
    count += 1
  }

  /// Takes the list of a second.
  mutating func take(_ second: UInt32) -> UInt32? {
    let bucket = Int(second % Self.size)
    let head = heads[bucket]
    heads[bucket] = Self.none
    return head == Self.none ? nil : head
  }

  /// Takes a slot of the list out; gives the next one.
  mutating func next(after slot: UInt32) -> UInt32? {
    count -= 1
    let next = links[Int(slot)]
    return next == Self.none ? nil : next
  }
}
