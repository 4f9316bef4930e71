/// Reads native beats in their common form, in one pass over the bytes and without a tree of values.
///
/// The common form: flat objects of members that we know, each at most once, strings without escapes,
/// weights in whole numbers. Of any other text it says that it cannot read it, right or wrong; then
/// ``NativeBeats`` reads it in general, and names what is wrong.
@safe package struct BeatScanner {
  // Safe because every read is below `count`, and no scanner outlives `scan`.
  private let base: UnsafePointer<UInt8>
  private let count: Int
  private var index = 0
  /// The last kind that was read, and where it stood: most beats of a body have the same.
  private var kind = CollectorIdentity.native
  private var kindRange = 0..<0

  /// The beats of a body of at most so many, nil for one that has to be read in general.
  package static func scan(_ body: [UInt8], maximum: Int = NativeBeats.maximum) -> [Beat]? {
    unsafe body.withUnsafeBufferPointer { buffer in
      guard let base = buffer.baseAddress else { return nil }
      var scanner = unsafe BeatScanner(base: base, count: buffer.count)
      return scanner.body(maximum)
    }
  }

  private init(base: UnsafePointer<UInt8>, count: Int) {
    unsafe self.base = base
    self.count = count
  }

  // MARK: Bodies

  private mutating func body(_ maximum: Int) -> [Beat]? {
    skipSpace()
    var beats: [Beat] = []
    beats.reserveCapacity(min(maximum, count / 40 + 1))
    return take("[") ? elements(&beats, maximum) : lines(&beats, maximum)
  }

  private mutating func elements(_ beats: inout [Beat], _ maximum: Int) -> [Beat]? {
    skipSpace()
    if !take("]") {
      repeat {
        skipSpace()
        guard beats.count < maximum, let beat = object(onOneLine: false) else { return nil }
        beats.append(beat)
        skipSpace()
      } while take(",")
      guard take("]") else { return nil }
    }
    skipSpace()
    return index == count ? beats : nil
  }

  private mutating func lines(_ beats: inout [Beat], _ maximum: Int) -> [Beat]? {
    while index < count {
      guard beats.count < maximum, let beat = object(onOneLine: true) else { return nil }
      beats.append(beat)
      skipSpace(onOneLine: true)
      guard index == count || take("\n") else { return nil }
      skipSpace()
    }
    return beats.isEmpty ? nil : beats
  }

  // MARK: Objects

  /// What one object says; ranges are those of strings.
  private struct Members {
    var collector: Range<Int>?
    var kind: Range<Int>?
    var weight: Int64?
    var isBye: Bool?
    var version: Range<Int>?
    var host: Range<Int>?
    var run: Range<Int>?
  }

  private mutating func object(onOneLine: Bool) -> Beat? {
    guard take("{") else { return nil }
    var members = Members()
    repeat {
      skipSpace(onOneLine: onOneLine)
      guard member(&members, onOneLine) else { return nil }
      skipSpace(onOneLine: onOneLine)
    } while take(",")
    guard take("}") else { return nil }
    return beat(members)
  }

  private mutating func member(_ members: inout Members, _ onOneLine: Bool) -> Bool {
    guard take("\""), let first = next else { return false }
    switch first {
    case UInt8(ascii: "c"): return named("collector\"", onOneLine) && text(&members.collector)
    case UInt8(ascii: "k"): return named("kind\"", onOneLine) && text(&members.kind)
    case UInt8(ascii: "w"): return named("weight\"", onOneLine) && weight(&members.weight)
    case UInt8(ascii: "b"): return named("bye\"", onOneLine) && truth(&members.isBye)
    case UInt8(ascii: "v"): return named("version\"", onOneLine) && text(&members.version)
    case UInt8(ascii: "h"): return named("host\"", onOneLine) && text(&members.host)
    case UInt8(ascii: "r"): return named("run\"", onOneLine) && text(&members.run)
    default: return false
    }
  }

  private mutating func named(_ name: StaticString, _ onOneLine: Bool) -> Bool {
    guard take(word: name) else { return false }
    skipSpace(onOneLine: onOneLine)
    guard take(":") else { return false }
    skipSpace(onOneLine: onOneLine)
    return true
  }

  private mutating func beat(_ members: Members) -> Beat? {
    guard let collector = members.collector, let identity = identity(members.kind, collector)
    else { return nil }
    return Beat(
      identity: identity, weight: members.weight, isBye: members.isBye ?? false,
      version: note(members.version), host: note(members.host), run: note(members.run))
  }

  private mutating func identity(_ range: Range<Int>?, _ name: Range<Int>) -> CollectorIdentity? {
    guard (1...CollectorIdentity.maximumLength).contains(name.count) else { return nil }
    let bytes = unsafe Array(UnsafeBufferPointer(start: base + name.lowerBound, count: name.count))
    guard let range else {
      return CollectorIdentity(checkedKind: CollectorIdentity.native, bytes: bytes)
    }
    if range.isEmpty || !isSame(range, kindRange) {
      guard let read = CollectorIdentity(kind: string(range), bytes: bytes) else { return nil }
      kind = read.kind
      kindRange = range
      return read
    }
    return CollectorIdentity(checkedKind: kind, bytes: bytes)
  }

  private func note(_ range: Range<Int>?) -> String? {
    guard let range, (1...256).contains(range.count) else { return nil }
    return string(range)
  }

  private func string(_ range: Range<Int>) -> String {
    unsafe String(
      decoding: UnsafeBufferPointer(start: base + range.lowerBound, count: range.count),
      as: UTF8.self)
  }

  private func isSame(_ one: Range<Int>, _ other: Range<Int>) -> Bool {
    one.count == other.count
      && (0..<one.count).allSatisfy {
        unsafe base[one.lowerBound + $0] == base[other.lowerBound + $0]
      }
  }

  // MARK: Values

  private mutating func weight(_ weight: inout Int64?) -> Bool {
    guard weight == nil, let first = next, first >= 0x31, first <= 0x39 else { return false }
    var number: Int64 = 0
    let start = index
    while let byte = next, byte >= 0x30, byte <= 0x39, index - start < 9 {
      number = number * 10 + Int64(byte - 0x30)
      index += 1
    }
    if let byte = next, [0x2E, 0x45, 0x65].contains(byte) || (0x30...0x39).contains(byte) {
      return false
    }
    guard CollectorWeight.range.contains(number) else { return false }
    weight = number
    return true
  }

  private mutating func truth(_ truth: inout Bool?) -> Bool {
    guard truth == nil else { return false }
    truth = next == UInt8(ascii: "t")
    return take(word: "true") || take(word: "false")
  }

  /// Takes a string without escapes and control characters that is UTF-8.
  private mutating func text(_ text: inout Range<Int>?) -> Bool {
    guard text == nil, take("\"") else { return false }
    let start = index
    var isASCII = true
    while true {
      passPlain()
      guard let byte = next else { return false }
      if byte == UInt8(ascii: "\"") { break }
      guard byte >= 0x80 else { return false }
      isASCII = false
      index += 1
    }
    let range = start..<index
    index += 1
    text = range
    return isASCII || isUTF8(range)
  }

  private func isUTF8(_ range: Range<Int>) -> Bool {
    unsafe String(
      validating: UnsafeBufferPointer(start: base + range.lowerBound, count: range.count),
      as: UTF8.self) != nil
  }

  /// Passes over printable ASCII other than `"` and `\`, eight bytes at a time.
  private mutating func passPlain() {
    while index &+ 8 <= count {
      let special = Self.special(
        unsafe UInt64(
          littleEndian: UnsafeRawPointer(base + index).loadUnaligned(as: UInt64.self)))
      guard special == 0 else {
        index &+= special.trailingZeroBitCount >> 3
        return
      }
      index &+= 8
    }
    while let byte = next, byte >= 0x20, byte < 0x7F, byte != UInt8(ascii: "\""),
      byte != UInt8(ascii: "\\")
    {
      index &+= 1
    }
  }

  /// The top bit of bytes that are no printable ASCII, or `"` or `\`. Above the lowest one that is set,
  /// others may be set that should not be.
  private static func special(_ word: UInt64) -> UInt64 {
    let ones: UInt64 = 0x0101_0101_0101_0101
    let quotes = word ^ (ones &* 0x22)
    let slashes = word ^ (ones &* 0x5C)
    let deletes = word ^ (ones &* 0x7F)
    let zeros =
      ((quotes &- ones) & ~quotes) | ((slashes &- ones) & ~slashes)
      | ((deletes &- ones) & ~deletes)
    return (word | zeros | ((word &- ones &* 0x20) & ~word)) & (ones &* 0x80)
  }

  // MARK: Bytes

  private var next: UInt8? { index < count ? unsafe base[index] : nil }

  private mutating func take(_ character: Unicode.Scalar) -> Bool {
    guard index < count, unsafe base[index] == UInt8(truncatingIfNeeded: character.value) else {
      return false
    }
    index &+= 1
    return true
  }

  private mutating func take(word: StaticString) -> Bool {
    let size = word.utf8CodeUnitCount
    guard index &+ size <= count else { return false }
    for offset in 0..<size
    where unsafe base[index &+ offset] != word.utf8Start[offset] { return false }
    index &+= size
    return true
  }

  private mutating func skipSpace(onOneLine: Bool = false) {
    while index < count {
      let byte = unsafe base[index]
      guard byte == 0x20 || byte == 0x09 || byte == 0x0D || (byte == 0x0A && !onOneLine) else {
        return
      }
      index &+= 1
    }
  }
}
