/// What a TZif file says (RFC 9636): the changes of the 64-bit block and the rule after them.
struct TZif {
  /// Instants of change, strictly ascending.
  let changes: [Int64]
  /// Seconds east of UTC from each change on.
  let offsets: [Int32]
  /// Seconds east of UTC before the first change.
  let initial: Int32
  /// For instants after the last change, nil where the file has none.
  let rule: ZoneRule?

  private struct Counts {
    var isUTC = 0
    var isStandard = 0
    var leaps = 0
    var changes = 0
    var types = 0
    var characters = 0

    func size(instant: Int) -> Int {
      changes * (instant + 1) + types * 6 + characters + leaps * (instant + 4) + isStandard + isUTC
    }
  }

  private struct Cursor {
    let bytes: [UInt8]
    var index = 0

    mutating func take(_ count: Int) throws(ZoneError) -> ArraySlice<UInt8> {
      guard count <= bytes.count - index else { throw TZif.fault("it is cut short") }
      defer { index += count }
      return bytes[index..<index + count]
    }

    mutating func integer<Value: FixedWidthInteger>(
      _ type: Value.Type
    ) throws(ZoneError) -> Value {
      try take(Value.bitWidth / 8).reduce(0) { $0 << 8 | Value(truncatingIfNeeded: $1) }
    }

    mutating func header() throws(ZoneError) -> Counts {
      guard try take(4).elementsEqual("TZif".utf8) else { throw TZif.fault("it is no TZif file") }
      guard try take(1).allSatisfy({ $0 >= UInt8(ascii: "2") && $0 <= UInt8(ascii: "9") }) else {
        throw TZif.fault("version 2 or later is needed")
      }
      _ = try take(15)
      var counts = Counts()
      counts.isUTC = Int(try integer(UInt32.self))
      counts.isStandard = Int(try integer(UInt32.self))
      counts.leaps = Int(try integer(UInt32.self))
      counts.changes = Int(try integer(UInt32.self))
      counts.types = Int(try integer(UInt32.self))
      counts.characters = Int(try integer(UInt32.self))
      return counts
    }
  }

  /// The largest offset that RFC 9636 expects, exclusive bounds of -25 h and 26 h.
  static let offsetRange: ClosedRange<Int32> = -89_999...93_599

  fileprivate static func fault(_ what: String) -> ZoneError {
    ZoneError(.data, "the time zone's data cannot be used: \(what); reinstall the zone files")
  }

  /// - Throws: ``ZoneError`` `data` or `footer`.
  init(_ bytes: [UInt8]) throws(ZoneError) {
    var cursor = Cursor(bytes: bytes)
    _ = try cursor.take(try cursor.header().size(instant: 4))
    let counts = try cursor.header()
    guard counts.size(instant: 8) <= bytes.count - cursor.index else {
      throw Self.fault("it is cut short")
    }
    guard counts.types >= 1, counts.types <= 256 else { throw Self.fault("it has no local time") }
    guard counts.leaps == 0 else { throw Self.fault("it counts leap seconds, Unix time does not") }
    var changes: [Int64] = []
    for _ in 0..<counts.changes { changes.append(try cursor.integer(Int64.self)) }
    for (earlier, later) in zip(changes, changes.dropFirst()) where earlier >= later {
      throw Self.fault("its changes are not in order")
    }
    let indices = try cursor.take(counts.changes)
    var types: [Int32] = []
    for _ in 0..<counts.types {
      let offset = try cursor.integer(Int32.self)
      guard Self.offsetRange.contains(offset) else { throw Self.fault("an offset is absurd") }
      types.append(offset)
      _ = try cursor.take(2)
    }
    guard indices.allSatisfy({ $0 < types.count }) else { throw Self.fault("a type is missing") }
    self.changes = changes
    offsets = indices.map { types[Int($0)] }
    initial = types[0]
    _ = try cursor.take(counts.characters + counts.isStandard + counts.isUTC)
    rule = try Self.footer(&cursor)
  }

  private static func footer(_ cursor: inout Cursor) throws(ZoneError) -> ZoneRule? {
    let newline = try cursor.take(1)
    let text = try cursor.take(cursor.bytes.count - cursor.index)
    guard newline.first == 0x0A, text.last == 0x0A else { throw fault("it has no footer") }
    return text.count == 1 ? nil : try ZoneRuleParser.parse(Array(text.dropLast()))
  }
}
