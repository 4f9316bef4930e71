import Sealing

/// RFC 8259 read scalar by scalar, as plainly as it can be written: what the scanner is held against.
///
/// Written apart from it, without a thought for speed; it tells whether a text is JSON and what it says,
/// not what is wrong with it.
struct NaiveJSON {
  private let text: [Unicode.Scalar]
  private let maximumDepth: Int
  private var place = 0

  /// - Returns: nil for what is not strict JSON.
  static func read(_ bytes: [UInt8], maximumDepth: Int) -> JSONValue? {
    guard let text = String(validating: bytes, as: UTF8.self) else { return nil }
    var reader = NaiveJSON(text: Array(text.unicodeScalars), maximumDepth: maximumDepth)
    guard let value = reader.value(0) else { return nil }
    return reader.place == reader.text.count ? value : nil
  }

  private init(text: [Unicode.Scalar], maximumDepth: Int) {
    self.text = text
    self.maximumDepth = maximumDepth
  }

  private var scalar: Unicode.Scalar? { place < text.count ? text[place] : nil }

  private mutating func skip() {
    while let scalar, " \t\n\r".unicodeScalars.contains(scalar) { place += 1 }
  }

  private mutating func found(_ word: String) -> Bool {
    let scalars = Array(word.unicodeScalars)
    guard text.dropFirst(place).starts(with: scalars) else { return false }
    place += scalars.count
    return true
  }

  /// A value and the white space around it.
  private mutating func value(_ depth: Int) -> JSONValue? {
    skip()
    let value = bareValue(depth)
    skip()
    return value
  }

  private mutating func bareValue(_ depth: Int) -> JSONValue? {
    if found("true") { return .bool(true) }
    if found("false") { return .bool(false) }
    if found("null") { return .null }
    switch scalar {
    case "\"": return string().map { .string($0) }
    case "[": return depth < maximumDepth ? array(depth + 1) : nil
    case "{": return depth < maximumDepth ? object(depth + 1) : nil
    default: return number().map { .number($0) }
    }
  }

  private mutating func array(_ depth: Int) -> JSONValue? {
    place += 1
    skip()
    if found("]") { return .array([]) }
    var elements: [JSONValue] = []
    repeat {
      guard let element = value(depth) else { return nil }
      elements.append(element)
    } while found(",")
    return found("]") ? .array(elements) : nil
  }

  private mutating func object(_ depth: Int) -> JSONValue? {
    place += 1
    skip()
    if found("}") { return .object([]) }
    var members: [JSONMember] = []
    repeat {
      skip()
      guard scalar == "\"", let name = string() else { return nil }
      skip()
      guard found(":"), let value = value(depth) else { return nil }
      members.append(JSONMember(name, value))
    } while found(",")
    return found("}") ? .object(members) : nil
  }

  private mutating func digits() -> String {
    var digits = ""
    while let scalar, ("0"..."9").contains(scalar) {
      digits.unicodeScalars.append(scalar)
      place += 1
    }
    return digits
  }

  private mutating func number() -> String? {
    var literal = found("-") ? "-" : ""
    let whole = digits()
    guard !whole.isEmpty, whole == "0" || !whole.hasPrefix("0") else { return nil }
    literal += whole
    if found(".") {
      let fraction = digits()
      guard !fraction.isEmpty else { return nil }
      literal += "." + fraction
    }
    for sign in ["e", "E"] where found(sign) {
      literal += sign
      for sign in ["+", "-"] where scalar == sign.unicodeScalars.first {
        literal += sign
        place += 1
        break
      }
      let exponent = digits()
      guard !exponent.isEmpty else { return nil }
      return literal + exponent
    }
    return literal
  }

  private mutating func string() -> String? {
    place += 1
    var units: [UInt16] = []
    while let scalar {
      place += 1
      if scalar == "\"" { return String(validating: units, as: UTF16.self) }
      guard scalar.value >= 0x20 else { return nil }
      guard scalar == "\\" else {
        units += Array(String(Character(scalar)).utf16)
        continue
      }
      guard let unit = escape() else { return nil }
      units.append(unit)
    }
    return nil
  }

  private mutating func escape() -> UInt16? {
    guard let scalar else { return nil }
    place += 1
    switch scalar {
    case "\"", "\\", "/": return UInt16(scalar.value)
    case "b": return 0x08
    case "f": return 0x0C
    case "n": return 0x0A
    case "r": return 0x0D
    case "t": return 0x09
    case "u":
      var digits = ""
      for scalar in text.dropFirst(place).prefix(4) where scalar.properties.isASCIIHexDigit {
        digits.unicodeScalars.append(scalar)
      }
      place += 4
      return digits.count == 4 ? UInt16(digits, radix: 16) : nil
    default: return nil
    }
  }
}
