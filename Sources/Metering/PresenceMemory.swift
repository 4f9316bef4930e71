/// The memory of one ``PresenceTable``: blocks of entries, and room to list every slot once.
///
/// Safe because only this class allocates and frees, every block is for as many entries as it says, all
/// of them initialised at once, and entries and slot numbers are trivial values.
@safe final class PresenceMemory {
  typealias Entries = UnsafeMutablePointer<PresenceEntry>

  static let blockShift = 19
  /// Entries of one block, 16 MiB of them. A table of one block may have a shorter one.
  static let blockSize = 1 << blockShift
  /// The size of a cache line, so that no entry lies in two.
  private static let alignment = 64

  private(set) var blocks: UnsafeMutablePointer<Entries>
  private(set) var list: UnsafeMutablePointer<UInt32>
  private var blockCount: Int
  private var capacity: Int

  /// Empty entries: any number in one block, more in whole blocks.
  init(capacity: Int) {
    precondition(Self.isPossible(capacity), "\(capacity) entries cannot be laid out")
    self.capacity = capacity
    blockCount = (capacity + Self.blockSize - 1) / Self.blockSize
    unsafe blocks = .allocate(capacity: blockCount)
    unsafe list = .allocate(capacity: capacity)
    for block in 0..<blockCount {
      unsafe (blocks + block).initialize(to: Self.makeBlock(min(capacity, Self.blockSize)))
    }
  }

  /// Memory with the same content.
  /// - Parameter listed: how many slots are in the list.
  init(copying other: PresenceMemory, listed: Int) {
    capacity = other.capacity
    blockCount = other.blockCount
    let size = min(capacity, Self.blockSize)
    unsafe blocks = .allocate(capacity: blockCount)
    unsafe list = .allocate(capacity: capacity)
    unsafe list.initialize(from: other.list, count: listed)
    for block in 0..<blockCount {
      let entries = unsafe Self.allocateBlock(size)
      unsafe entries.initialize(from: other.blocks[block], count: size)
      unsafe (blocks + block).initialize(to: entries)
    }
  }

  deinit {
    for block in 0..<blockCount { unsafe Self.free(blocks[block]) }
    unsafe blocks.deallocate()
    unsafe list.deallocate()
  }

  /// Whether so many entries can be laid out.
  private static func isPossible(_ capacity: Int) -> Bool {
    capacity > 0 && capacity <= Int(UInt32.max)
      && (capacity <= blockSize || capacity.isMultiple(of: blockSize))
  }

  /// Empties the list, and goes from whole blocks to another number of them: the entries of those that
  /// stay are as they were, new ones are empty.
  func resize(to capacity: Int) {
    precondition(
      self.capacity.isMultiple(of: Self.blockSize) && capacity.isMultiple(of: Self.blockSize)
        && Self.isPossible(capacity), "only whole blocks can be added and taken away")
    unsafe list.deallocate()
    let newCount = capacity / Self.blockSize
    let newBlocks = UnsafeMutablePointer<Entries>.allocate(capacity: newCount)
    for block in 0..<newCount {
      let entries = unsafe block < blockCount ? blocks[block] : Self.makeBlock(Self.blockSize)
      unsafe (newBlocks + block).initialize(to: entries)
    }
    for block in newCount..<max(newCount, blockCount) { unsafe Self.free(blocks[block]) }
    unsafe blocks.deallocate()
    unsafe blocks = newBlocks
    unsafe list = .allocate(capacity: capacity)
    blockCount = newCount
    self.capacity = capacity
  }

  private static func allocateBlock(_ size: Int) -> Entries {
    unsafe UnsafeMutableRawPointer.allocate(
      byteCount: size * MemoryLayout<PresenceEntry>.stride, alignment: alignment
    ).bindMemory(to: PresenceEntry.self, capacity: size)
  }

  private static func makeBlock(_ size: Int) -> Entries {
    let entries = unsafe allocateBlock(size)
    unsafe entries.initialize(repeating: PresenceEntry(), count: size)
    return unsafe entries
  }

  private static func free(_ entries: Entries) {
    unsafe UnsafeMutableRawPointer(entries).deallocate()
  }
}
