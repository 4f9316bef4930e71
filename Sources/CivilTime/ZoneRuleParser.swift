/// Reads the footer of a TZif file (RFC 9636 section 3.3.1).
struct ZoneRuleParser {
  private let bytes: [UInt8]
  private var index = 0

  /// - Throws: ``ZoneError`` `footer` naming the text.
  static func parse(_ bytes: [UInt8]) throws(ZoneError) -> ZoneRule {
    var parser = ZoneRuleParser(bytes: bytes)
    guard let rule = parser.rule(), parser.index == bytes.count else {
      let text = String(decoding: bytes.prefix(64), as: UTF8.self)
      throw ZoneError(
        .footer, "the time zone's rule \"\(text)\" cannot be read: reinstall the zone files")
    }
    return rule
  }

  private init(bytes: [UInt8]) { self.bytes = bytes }

  private mutating func rule() -> ZoneRule? {
    guard name(), let standard = offset() else { return nil }
    guard index < bytes.count else { return ZoneRule(standard: standard, saving: nil) }
    guard name() else { return nil }
    // Without an offset of its own, daylight saving is one hour ahead.
    var saving = standard + 3600
    if next != UInt8(ascii: ",") {
      guard let own = offset() else { return nil }
      saving = own
    }
    guard take(UInt8(ascii: ",")), let start = yearDay(), take(UInt8(ascii: ",")),
      let end = yearDay()
    else { return nil }
    return ZoneRule(
      standard: standard, saving: ZoneRule.Saving(offset: saving, start: start, end: end))
  }

  private var next: UInt8? { index < bytes.count ? bytes[index] : nil }

  private mutating func take(_ byte: UInt8) -> Bool {
    guard next == byte else { return false }
    index += 1
    return true
  }

  /// Three letters or more; in angle brackets digits and signs as well.
  private mutating func name() -> Bool {
    let quoted = take(UInt8(ascii: "<"))
    let start = index
    while let byte = next {
      let letter = (byte | 0x20) >= UInt8(ascii: "a") && (byte | 0x20) <= UInt8(ascii: "z")
      let digit = byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
      let sign = byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-")
      guard letter || (quoted && (digit || sign)) else { break }
      index += 1
    }
    return index - start >= 3 && (!quoted || take(UInt8(ascii: ">")))
  }

  private mutating func number(digits: ClosedRange<Int>, in range: ClosedRange<Int>) -> Int? {
    var value = 0
    var count = 0
    while let byte = next, byte >= 0x30 && byte <= 0x39, count < digits.upperBound {
      value = value * 10 + Int(byte - 0x30)
      index += 1
      count += 1
    }
    return count >= digits.lowerBound && range.contains(value) ? value : nil
  }

  /// `[+-]h[hh][:mm[:ss]]` in seconds.
  private mutating func time(maximumHours: Int) -> Int64? {
    let negative = take(UInt8(ascii: "-"))
    if !negative { _ = take(UInt8(ascii: "+")) }
    guard let hours = number(digits: 1...3, in: 0...maximumHours) else { return nil }
    var seconds = Int64(hours) * 3600
    for unit: Int64 in [60, 1] where take(UInt8(ascii: ":")) {
      guard let part = number(digits: 2...2, in: 0...59) else { return nil }
      seconds += Int64(part) * unit
    }
    return negative ? -seconds : seconds
  }

  /// POSIX counts seconds west of UTC.
  private mutating func offset() -> Int32? {
    time(maximumHours: 24).map { Int32(-$0) }
  }

  private mutating func yearDay() -> ZoneRule.YearDay? {
    let form: ZoneRule.YearDay.Form
    if take(UInt8(ascii: "J")) {
      guard let day = number(digits: 1...3, in: 1...365) else { return nil }
      form = .julian(day)
    } else if take(UInt8(ascii: "M")) {
      guard let month = number(digits: 1...2, in: 1...12), take(UInt8(ascii: ".")),
        let week = number(digits: 1...1, in: 1...5), take(UInt8(ascii: ".")),
        let day = number(digits: 1...1, in: 0...6)
      else { return nil }
      form = .weekday(month: month, week: week, day: day)
    } else {
      guard let day = number(digits: 1...3, in: 0...365) else { return nil }
      form = .ordinal(day)
    }
    guard take(UInt8(ascii: "/")) else { return ZoneRule.YearDay(form: form, time: 7200) }
    return time(maximumHours: 167).map { ZoneRule.YearDay(form: form, time: $0) }
  }
}
