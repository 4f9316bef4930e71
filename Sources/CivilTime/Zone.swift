/// A time zone of the IANA database: which local date and time each instant has.
///
/// Instants are whole Unix seconds. Dates before 1970 and after 9999 are clamped, see ``CivilDate``.
package struct Zone: Sendable, Hashable {
  /// The name in the IANA database, `Asia/Shanghai`.
  package let name: String
  private let changes: [Int64]
  private let offsets: [Int32]
  private let initial: Int32
  private let rule: ZoneRule?

  /// Coordinated Universal Time.
  package static let utc = Zone()

  private init() {
    name = "UTC"
    changes = []
    offsets = []
    initial = 0
    rule = ZoneRule(standard: 0, saving: nil)
  }

  /// A zone from its compiled data.
  /// - Parameters:
  ///   - name: the name in the IANA database.
  ///   - tzif: the bytes of the zone's file, RFC 9636 version 2 or later.
  /// - Throws: ``ZoneError``.
  package init(name: String, tzif: [UInt8]) throws(ZoneError) {
    guard Self.isValidName(name) else {
      throw ZoneError(.name, "\"\(name.prefix(64))\" is no time zone: use a name as Asia/Shanghai")
    }
    let data = try TZif(tzif)
    self.name = name
    changes = data.changes
    offsets = data.offsets
    initial = data.initial
    rule = data.rule
  }

  /// Whether the text can name a zone's file below the database's folder: parts of letters, digits,
  /// `+`, `_` and `-` with single slashes between them, 64 bytes at most. Never a path out of it, nor
  /// what such folders hold beside the database: the machine's own zone and copies of all others.
  package static func isValidName(_ name: String) -> Bool {
    guard name.utf8.count <= 64, name != "localtime", name != "posixrules" else { return false }
    let bytes = name.utf8.span
    if bytes.count > 5, bytes[5] == UInt8(ascii: "/"),
      name.utf8.starts(with: "posix/".utf8) || name.utf8.starts(with: "right/".utf8)
    {
      return false
    }
    var isPartEmpty = true
    for index in bytes.indices {
      let isSlash = bytes[index] == UInt8(ascii: "/")
      guard isSlash ? !isPartEmpty : isNameByte(bytes[index]) else { return false }
      isPartEmpty = isSlash
    }
    return !isPartEmpty
  }

  private static func isNameByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "-"),
      UInt8(ascii: "_"):
      true
    default: false
    }
  }

  /// Seconds east of UTC.
  package func offset(at instant: Int64) -> Int32 {
    let instant = Self.clamped(instant)
    guard let last = changes.last, instant < last else {
      return rule?.offset(at: instant) ?? offsets.last ?? initial
    }
    let index = firstChange(after: instant)
    return index == 0 ? initial : offsets[index - 1]
  }

  /// The local date.
  package func date(at instant: Int64) -> CivilDate {
    let instant = Self.clamped(instant)
    return CivilDate(clampingDaysSinceEpoch: Self.floorDay(instant + Int64(offset(at: instant))))
  }

  /// The seconds that a date covers: from the first instant whose local date is `date` or later, to
  /// the first instant whose local date is later.
  ///
  /// 23, 24 or 25 hours long as a rule; empty for a date that the zone skipped. Ranges of successive
  /// dates always join.
  package func day(of date: CivilDate) -> Range<Int64> {
    start(ofDay: date.daysSinceEpoch)..<start(ofDay: date.daysSinceEpoch + 1)
  }

  /// Local date, time and offset: `2026-11-21 14:03:07 +08:00`.
  package func localText(at instant: Int64) -> String {
    let instant = Self.clamped(instant)
    let offset = Int64(self.offset(at: instant))
    let local = min(max(instant + offset, UTC.seconds.lowerBound), UTC.seconds.upperBound)
    let date = CivilDate(clampingDaysSinceEpoch: local / 86_400)
    let size = abs(offset)
    let sign = offset < 0 ? "-" : "+"
    let clock = UTC.clock(size)
    // A few offsets of the past have seconds.
    let shown = size % 60 == 0 ? String(clock.dropLast(3)) : clock
    return "\(date) \(UTC.clock(local % 86_400)) \(sign)\(shown)"
  }

  /// The first instant whose local date is that day or later.
  private func start(ofDay day: Int64) -> Int64 {
    let midnight = day * 86_400
    // No offset reaches 27 hours: before the window the date is earlier, after it later.
    let window = (midnight - 97_200)..<(midnight + 97_200)
    var from = window.lowerBound
    for change in changesWithin(window) + [window.upperBound] {
      // The offset does not change from `from` up to `change`.
      let candidate = max(from, midnight - Int64(offset(at: from)))
      if candidate < change { return candidate }
      from = change
    }
    return from
  }

  private func changesWithin(_ window: Range<Int64>) -> [Int64] {
    var found: [Int64] = []
    var index = firstChange(after: window.lowerBound)
    while index < changes.count, changes[index] < window.upperBound {
      found.append(changes[index])
      index += 1
    }
    let year = CivilDate.civil(of: Self.floorDay(window.lowerBound)).year
    for (instant, _) in rule?.changes(around: year) ?? [] {
      // The rule holds only after the recorded changes.
      if instant > window.lowerBound && instant < window.upperBound
        && instant > changes.last ?? Int64.min
      {
        found.append(instant)
      }
    }
    return found
  }

  /// The index of the first recorded change after the instant.
  private func firstChange(after instant: Int64) -> Int {
    var low = 0
    var high = changes.count
    while low < high {
      let middle = (low + high) / 2
      if changes[middle] <= instant { low = middle + 1 } else { high = middle }
    }
    return low
  }

  static func clamped(_ instant: Int64) -> Int64 {
    // A margin of two days on either side keeps every local date within reach.
    min(max(instant, UTC.seconds.lowerBound - 172_800), UTC.seconds.upperBound + 172_800)
  }

  static func floorDay(_ second: Int64) -> Int64 {
    (second >= 0 ? second : second - 86_399) / 86_400
  }
}
