/// Which entries to look at in a coming second: a list for each of the next 4096 seconds.
///
/// An entry is in one list at most, and only looked at, not moved, by its beats: a beat costs nothing
/// here. Whoever is looked at before its time is filed again, once in a window. Lists are chains of pages
/// of slots, so that many entries can be brought near at once before they are looked at.
struct ExpiryWheel {
  static let size: UInt32 = 4096
  /// Words of a page: the next page, how many slots, and the slots.
  private static let pageSize = 64
  private static let room = UInt32(pageSize - 2)
  private static let none = UInt32.max

  private var heads = [UInt32](repeating: none, count: Int(size))
  private var pages: [UInt32] = []
  /// The first page that nobody uses; they are chained too.
  private var free = none
  /// How many slots are filed.
  private(set) var count = 0

  var isEmpty: Bool { count == 0 }

  /// Files a slot to be looked at in the second `due`, or as late before it as the wheel reaches.
  mutating func file(_ slot: Int, due: UInt32, now: UInt32) {
    assert(due > now)
    let bucket = Int(min(due, now + Self.size - 1) % Self.size)
    var page = heads[bucket]
    if page == Self.none || pages[Self.word(page, 1)] == Self.room {
      page = takePage(before: page)
      heads[bucket] = page
    }
    let filled = pages[Self.word(page, 1)]
    pages[Self.word(page, 2 + Int(filled))] = UInt32(truncatingIfNeeded: slot)
    pages[Self.word(page, 1)] = filled + 1
    count += 1
  }

  /// Takes the list of a second out, and adds it to `slots`.
  mutating func take(_ second: UInt32, into slots: inout [UInt32]) {
    let bucket = Int(second % Self.size)
    var page = heads[bucket]
    heads[bucket] = Self.none
    while page != Self.none {
      let filled = Int(pages[Self.word(page, 1)])
      slots += pages[Self.word(page, 2)..<Self.word(page, 2 + filled)]
      count -= filled
      let next = pages[Self.word(page, 0)]
      pages[Self.word(page, 0)] = free
      free = page
      page = next
    }
  }

  private mutating func takePage(before next: UInt32) -> UInt32 {
    var page = free
    if page == Self.none {
      page = UInt32(truncatingIfNeeded: pages.count / Self.pageSize)
      pages.append(contentsOf: repeatElement(0, count: Self.pageSize))
    } else {
      free = pages[Self.word(page, 0)]
    }
    pages[Self.word(page, 0)] = next
    pages[Self.word(page, 1)] = 0
    return page
  }

  private static func word(_ page: UInt32, _ index: Int) -> Int { Int(page) * pageSize + index }
}
