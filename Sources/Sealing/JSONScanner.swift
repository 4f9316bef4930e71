/// Scans exactly RFC 8259: UTF-8 without a byte order mark, one value, nothing after it.
///
/// The scanner knows the grammar alone. That a sealed document has no duplicate members and whole
/// numbers only is held by ``JSONValue/requireDocumentShape()``. Lone surrogates are refused, since no
/// UTF-8 text can carry them.
package struct JSONScanner {
  private let bytes: [UInt8]
  private let maximumDepth: Int
  private var index = 0

  /// Scans one JSON text.
  /// - Parameters:
  ///   - bytes: the whole text.
  ///   - maximumDepth: how many arrays and objects may be open at once.
  /// - Throws: ``Refusal`` `MALFORMED` with the byte offset of the first thing wrong.
  package static func scan(_ bytes: [UInt8], maximumDepth: Int = 8) throws(Refusal) -> JSONValue {
    var scanner = JSONScanner(bytes: bytes, maximumDepth: maximumDepth)
    scanner.skipSpace()
    let value = try scanner.value(depth: 0)
    scanner.skipSpace()
    guard scanner.index == bytes.count else { throw scanner.fault("text after the value") }
    return value
  }

  private init(bytes: [UInt8], maximumDepth: Int) {
    self.bytes = bytes
    self.maximumDepth = maximumDepth
  }

  private func fault(_ what: String) -> Refusal {
    .malformed("not strict JSON at byte \(index): \(what)")
  }

  private var next: UInt8? {
    index < bytes.count ? bytes[index] : nil
  }

  private mutating func skipSpace() {
    while let byte = next, byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D {
      index += 1
    }
  }

  private mutating func take(_ byte: UInt8) -> Bool {
    guard next == byte else { return false }
    index += 1
    return true
  }

  private mutating func value(depth: Int) throws(Refusal) -> JSONValue {
    switch next {
    case UInt8(ascii: "{"): return try object(depth: depth + 1)
    case UInt8(ascii: "["): return try array(depth: depth + 1)
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try literal("true", .bool(true))
    case UInt8(ascii: "f"): return try literal("false", .bool(false))
    case UInt8(ascii: "n"): return try literal("null", .null)
    case nil: throw fault("the text ends where a value should stand")
    default: return .number(try number())
    }
  }

  private mutating func literal(
    _ word: StaticString, _ value: JSONValue
  ) throws(Refusal) -> JSONValue {
    for byte in word.description.utf8 {
      guard take(byte) else { throw fault("unknown word") }
    }
    return value
  }

  private mutating func object(depth: Int) throws(Refusal) -> JSONValue {
    guard depth <= maximumDepth else { throw fault("nested deeper than \(maximumDepth)") }
    index += 1
    var members: [JSONMember] = []
    skipSpace()
    if take(UInt8(ascii: "}")) { return .object(members) }
    while true {
      skipSpace()
      guard next == UInt8(ascii: "\"") else { throw fault("a member's name must be a string") }
      let name = try string()
      skipSpace()
      guard take(UInt8(ascii: ":")) else { throw fault("':' expected") }
      skipSpace()
      members.append(JSONMember(name, try value(depth: depth)))
      skipSpace()
      if take(UInt8(ascii: "}")) { return .object(members) }
      guard take(UInt8(ascii: ",")) else { throw fault("',' or '}' expected") }
    }
  }

  private mutating func array(depth: Int) throws(Refusal) -> JSONValue {
    guard depth <= maximumDepth else { throw fault("nested deeper than \(maximumDepth)") }
    index += 1
    var elements: [JSONValue] = []
    skipSpace()
    if take(UInt8(ascii: "]")) { return .array(elements) }
    while true {
      skipSpace()
      elements.append(try value(depth: depth))
      skipSpace()
      if take(UInt8(ascii: "]")) { return .array(elements) }
      guard take(UInt8(ascii: ",")) else { throw fault("',' or ']' expected") }
    }
  }

  private mutating func digits() -> Int {
    let start = index
    while let byte = next, byte >= 0x30 && byte <= 0x39 { index += 1 }
    return index - start
  }

  private mutating func number() throws(Refusal) -> String {
    let start = index
    _ = take(UInt8(ascii: "-"))
    if !take(UInt8(ascii: "0")) {
      guard digits() > 0 else { throw fault("a value expected") }
    }
    if take(UInt8(ascii: ".")) {
      guard digits() > 0 else { throw fault("a digit expected after '.'") }
    }
    if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
      if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
      guard digits() > 0 else { throw fault("a digit expected in the exponent") }
    }
    return String(decoding: bytes[start..<index], as: UTF8.self)
  }

  private mutating func string() throws(Refusal) -> String {
    index += 1
    let start = index
    var seen: UInt8 = 0
    while let byte = next, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\"), byte >= 0x20 {
      seen |= byte
      index += 1
    }
    guard next != UInt8(ascii: "\"") else {
      defer { index += 1 }
      let slice = bytes[start..<index]
      return seen < 0x80 ? String(decoding: slice, as: UTF8.self) : try text(slice)
    }
    var unescaped = Array(bytes[start..<index])
    while let byte = next {
      switch byte {
      case UInt8(ascii: "\""):
        index += 1
        return try text(unescaped[...])
      case UInt8(ascii: "\\"):
        index += 1
        try escape(into: &unescaped)
      case 0..<0x20:
        throw fault("a control character must be escaped")
      default:
        unescaped.append(byte)
        index += 1
      }
    }
    throw fault("a string does not end")
  }

  private func text(_ slice: ArraySlice<UInt8>) throws(Refusal) -> String {
    guard let text = String(validating: slice, as: UTF8.self) else { throw fault("not UTF-8") }
    return text
  }

  private mutating func escape(into unescaped: inout [UInt8]) throws(Refusal) {
    guard let byte = next else { throw fault("an escape does not end") }
    index += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): unescaped.append(byte)
    case UInt8(ascii: "b"): unescaped.append(0x08)
    case UInt8(ascii: "f"): unescaped.append(0x0C)
    case UInt8(ascii: "n"): unescaped.append(0x0A)
    case UInt8(ascii: "r"): unescaped.append(0x0D)
    case UInt8(ascii: "t"): unescaped.append(0x09)
    case UInt8(ascii: "u"):
      var code = UInt32(try hexadecimalUnit())
      if code >= 0xD800 && code <= 0xDBFF, take(UInt8(ascii: "\\")), take(UInt8(ascii: "u")) {
        let low = UInt32(try hexadecimalUnit())
        guard low >= 0xDC00 && low <= 0xDFFF else { throw fault("a lone surrogate") }
        code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00)
      }
      guard let scalar = Unicode.Scalar(code) else { throw fault("a lone surrogate") }
      unescaped.append(contentsOf: String(Character(scalar)).utf8)
    default: throw fault("unknown escape")
    }
  }

  private mutating func hexadecimalUnit() throws(Refusal) -> UInt16 {
    var unit: UInt16 = 0
    for _ in 0..<4 {
      guard let byte = next, let digit = Hexadecimal.value(of: byte) else {
        throw fault("four hexadecimal digits expected")
      }
      unit = unit << 4 | UInt16(digit)
      index += 1
    }
    return unit
  }
}

extension JSONValue {
  /// Holds what every sealed document must be beyond the grammar: no duplicate member anywhere, and
  /// whole numbers within 64 bits only.
  /// - Throws: ``Refusal`` `MALFORMED` naming the member.
  package func requireDocumentShape() throws(Refusal) {
    switch self {
    case .null: throw .malformed("null has no meaning in a sealed document")
    case .bool, .string: return
    case .number(let literal):
      guard integer != nil else {
        throw .malformed("\(literal.prefix(32)) is not a whole number in canonical form")
      }
    case .array(let elements):
      for element in elements { try element.requireDocumentShape() }
    case .object(let members):
      if let name = Self.duplicate(among: members) {
        throw .malformed("member \"\(name.prefix(64))\" stands twice")
      }
      for index in members.indices {
        if case .string = members[index].value { continue }
        try members[index].value.requireDocumentShape()
      }
    }
  }

  /// A name that two members have, compared byte for byte, nil where there is none.
  static func duplicate(among members: [JSONMember]) -> String? {
    // Up to here comparing each with each is less work than a table.
    guard members.count <= 32 else {
      var names: Set<[UInt8]> = []
      return members.first { !names.insert(Array($0.name.utf8)).inserted }?.name
    }
    for index in members.indices {
      let name = members[index].name
      let size = name.utf8.count
      for earlier in 0..<index where members[earlier].name.utf8.count == size {
        if members[earlier].name.isSameBytes(as: name) { return name }
      }
    }
    return nil
  }
}
