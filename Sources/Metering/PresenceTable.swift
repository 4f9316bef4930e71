/// Open addressing with linear probing, and nothing ever removed: the date's end builds the table anew.
///
/// Rules:
/// 1. The digest is keyed and uniform, so its high word times the capacity, divided by 2^64, is the
///    place where probing begins.
/// 2. A value: copies share their memory until one of them is changed. Whoever changes a table calls
///    ``own()`` before, once for any number of changes.
/// 3. A table of more than one block grows in its place: there are never two of it.
@safe struct PresenceTable: @unchecked Sendable {
  // Sendable because memory that two values share is only read: `own()` copies it before a change.
  // Safe because slots are below `capacity`, for which the memory was made.
  private var memory: PresenceMemory
  private var blocks: UnsafeMutablePointer<PresenceMemory.Entries>
  /// The slots that changed.
  private var list: UnsafeMutablePointer<UInt32>
  private(set) var capacity: Int
  /// How many entries are in use.
  private(set) var count = 0
  /// How many slots are in the list of changed ones.
  private(set) var changed = 0
  private var maximum: Int

  /// A table that takes at least so many entries before it must grow.
  init(minimumCapacity: Int) {
    self.init(capacity: Self.capacity(for: minimumCapacity))
  }

  private init(capacity: Int) {
    memory = PresenceMemory(capacity: capacity)
    unsafe blocks = memory.blocks
    unsafe list = memory.list
    self.capacity = capacity
    maximum = Self.maximum(capacity)
  }

  /// Half in tables of one block: a search then looks at one entry and a half. Four fifths in larger
  /// ones, where memory counts, and three entries.
  private static func maximum(_ capacity: Int) -> Int {
    capacity <= PresenceMemory.blockSize ? capacity / 2 : capacity / 5 * 4
  }

  /// The least capacity that holds so many entries.
  private static func capacity(for count: Int) -> Int {
    let size = PresenceMemory.blockSize
    if count <= size / 2 { return max(64, 2 * count) }
    return (count + count / 4 + 5 + size - 1) / size * size
  }

  var isFull: Bool { count >= maximum }

  /// Makes the memory this value's own.
  @inline(__always) mutating func own() {
    if !isKnownUniquelyReferenced(&memory) { copy() }
  }

  @inline(never) private mutating func copy() {
    memory = PresenceMemory(copying: memory, listed: changed)
    unsafe blocks = memory.blocks
    unsafe list = memory.list
  }

  @inline(__always) private func entry(_ slot: Int) -> PresenceMemory.Entries {
    assert(slot >= 0 && slot < capacity)
    return unsafe blocks[slot >> PresenceMemory.blockShift]
      + (slot & (PresenceMemory.blockSize - 1))
  }

  /// The entry of a slot. To change one, ``own()`` must have been called.
  subscript(slot: Int) -> PresenceEntry {
    @inline(__always) get { unsafe entry(slot).pointee }
    @inline(__always) _modify {
      assert(isKnownUniquelyReferenced(&memory))
      yield unsafe &entry(slot).pointee
    }
  }

  @inline(__always) private static func place(_ high: UInt64, in capacity: Int) -> Int {
    Int(truncatingIfNeeded: high.multipliedFullWidth(by: UInt64(truncatingIfNeeded: capacity)).high)
  }

  /// The entry's slot, or the empty slot where it belongs.
  @inline(__always) func slot(of id: CollectorID) -> Int {
    var slot = Self.place(id.high, in: capacity)
    while true {
      let entry = unsafe entry(slot)
      let difference = unsafe (entry.pointee.high ^ id.high) | (entry.pointee.low ^ id.low)
      if unsafe difference == 0 || entry.pointee.flags.isEmpty { return slot }
      slot &+= 1
      if slot == capacity { slot = 0 }
    }
  }

  /// Takes the beat of a collector that is online, if nothing comes of it but that it is the last one.
  /// - Parameter weight: 0 for none.
  /// - Returns: whether it was such a beat.
  @inline(__always) mutating func refresh(_ slot: Int, _ weight: UInt16, _ now: UInt32) -> Bool {
    assert(isKnownUniquelyReferenced(&memory))
    let entry = unsafe entry(slot)
    let flags = unsafe entry.pointee.flags
    let state = flags.intersection([.online, .ending, .weighed])
    let isSame = unsafe state == [.online, .weighed] && entry.pointee.weight == weight
    guard weight == 0 ? state == .online : isSame else { return false }
    unsafe entry.pointee.last = now
    if !flags.contains(.dirty) {
      unsafe entry.pointee.flags = flags.union(.dirty)
      noteChange(of: slot)
    }
    return true
  }

  /// Whether it is worth the while to read ahead: whether the entries go beyond what is near anyway.
  var isLarge: Bool { capacity > 1 << 15 }

  /// Reads where probing for the digest begins, so that the memory is near when it is looked for.
  /// - Returns: a number of no meaning, which stands for having read.
  @inline(__always) func touch(_ id: CollectorID) -> UInt16 {
    touch(Self.place(id.high, in: capacity))
  }

  /// Reads a slot, so that it is near when it is looked at.
  /// - Returns: a number of no meaning, which stands for having read.
  @inline(__always) func touch(_ slot: Int) -> UInt16 { unsafe entry(slot).pointee.flags.rawValue }

  /// Takes an empty slot into use.
  mutating func occupy(_ slot: Int, _ id: CollectorID) {
    self[slot] = PresenceEntry(high: id.high, low: id.low, flags: .used)
    count += 1
  }

  /// Puts an entry that is not there yet; there must be room.
  mutating func insert(_ entry: PresenceEntry) -> Int {
    let slot = slot(of: CollectorID(high: entry.high, low: entry.low))
    self[slot] = entry
    count += 1
    return slot
  }

  /// Adds a slot to the list of changed ones. It must not be in it.
  @inline(__always) mutating func noteChange(of slot: Int) {
    assert(changed < capacity && isKnownUniquelyReferenced(&memory))
    unsafe list[changed] = UInt32(truncatingIfNeeded: slot)
    changed &+= 1
  }

  /// A slot in the list of changed ones.
  func changedSlot(_ index: Int) -> Int {
    precondition(index < changed)
    return unsafe Int(list[index])
  }

  /// Empties the list of changed slots.
  mutating func forgetChanges() { changed = 0 }
}

// Building anew.
extension PresenceTable {
  /// The capacity to grow to: half as much again, and a quarter where memory counts.
  var grownCapacity: Int {
    capacity + (capacity < 2 * PresenceMemory.blockSize ? capacity / 2 : capacity / 4)
  }

  /// The capacity to go on with for so many entries: this one, unless most of it would lie idle.
  func fittingCapacity(for count: Int) -> Int {
    let fitting = Self.capacity(for: count)
    return fitting < capacity / 2 ? fitting : capacity
  }

  /// Takes a slot out of use. Until the table is built anew nothing may be looked for.
  mutating func vacate(_ slot: Int) { self[slot] = PresenceEntry() }

  /// Builds the table anew. The list of changed slots has those that are marked so; nobody is filed.
  /// - Parameter capacity: with room for all entries.
  mutating func rebuild(capacity: Int) {
    let size = PresenceMemory.blockSize
    let new = capacity <= size ? capacity : (capacity + size - 1) / size * size
    own()
    count = 0
    for slot in 0..<self.capacity where !self[slot].flags.isEmpty {
      self[slot].flags.remove(.filed)
      self[slot].flags.insert(.moving)
      count += 1
    }
    if new.isMultiple(of: size) && self.capacity.isMultiple(of: size) {
      settle(within: new)
    } else {
      move(to: new)
    }
    maximum = Self.maximum(new)
    changed = 0
    for slot in 0..<new where self[slot].flags.contains(.dirty) { noteChange(of: slot) }
  }

  /// Moves the entries into other memory.
  private mutating func move(to capacity: Int) {
    var new = PresenceTable(capacity: capacity)
    for slot in 0..<self.capacity where !self[slot].flags.isEmpty {
      var entry = self[slot]
      entry.flags.remove(.moving)
      _ = new.insert(entry)
    }
    self = new
  }

  /// Moves the entries within the memory to their places in another number of blocks.
  ///
  /// Each is put into the first slot from its place on that holds nothing or an entry that is to be
  /// moved itself; such a one is taken up in exchange. Who has been put stays, so that between the place
  /// of any entry and its slot no slot is ever empty.
  private mutating func settle(within new: Int) {
    let old = capacity
    if new >= old { resize(to: new) }
    for slot in 0..<old {
      while self[slot].flags.contains(.moving) {
        var entry = self[slot]
        var target = Self.place(entry.high, in: new)
        while !self[target].flags.isEmpty && !self[target].flags.contains(.moving) {
          target += 1
          if target == new { target = 0 }
        }
        entry.flags.remove(.moving)
        self[slot] = self[target]
        self[target] = entry
      }
    }
    if new < old { resize(to: new) }
  }

  private mutating func resize(to new: Int) {
    memory.resize(to: new)
    unsafe blocks = memory.blocks
    unsafe list = memory.list
    capacity = new
  }
}
