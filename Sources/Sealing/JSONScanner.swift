/// Scans exactly RFC 8259: UTF-8 without a byte order mark, one value, nothing after it.
///
/// The scanner knows the grammar alone. That a sealed document has no duplicate members and whole
/// numbers only is held by ``JSONValue/requireDocumentShape()``. Lone surrogates are refused, since no
/// UTF-8 text can carry them.
package struct JSONScanner {
  private let maximumDepth: Int
  private var index = 0
  private var nodes: [JSONText.Node] = []
  private var unescaped: [UInt8] = []

  /// Scans one JSON text.
  /// - Parameters:
  ///   - bytes: the whole text.
  ///   - maximumDepth: how many arrays and objects may be open at once.
  /// - Throws: ``Refusal`` `MALFORMED` with the byte offset of the first thing wrong.
  package static func scan(_ bytes: [UInt8], maximumDepth: Int = 8) throws(Refusal) -> JSONValue {
    try text(bytes, maximumDepth: maximumDepth).value(at: 0)
  }

  /// Scans one JSON text as ``scan(_:maximumDepth:)`` does, and makes no tree of it.
  static func text(_ bytes: [UInt8], maximumDepth: Int) throws(Refusal) -> JSONText {
    guard bytes.count < Int(UInt32.max) else { throw .malformed("a JSON text of 4 GiB or more") }
    var scanner = JSONScanner(maximumDepth: maximumDepth)
    // Documents have a value or name for each ten bytes.
    scanner.nodes.reserveCapacity(min(bytes.count, 4096) / 10 + 8)
    try scanner.whole(bytes.span)
    return JSONText(bytes: bytes, unescaped: scanner.unescaped, nodes: scanner.nodes)
  }

  private init(maximumDepth: Int) {
    self.maximumDepth = maximumDepth
  }

  private func fault(_ what: String) -> Refusal {
    .malformed("not strict JSON at byte \(index): \(what)")
  }

  private mutating func whole(_ text: Span<UInt8>) throws(Refusal) {
    skipSpace(text)
    try value(text, depth: 0)
    skipSpace(text)
    guard index == text.count else { throw fault("text after the value") }
  }

  private mutating func skipSpace(_ text: Span<UInt8>) {
    while index < text.count {
      let byte = text[index]
      let isSpace = byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D
      guard isSpace else { return }
      index += 1
    }
  }

  private func next(_ text: Span<UInt8>) -> UInt8? {
    index < text.count ? text[index] : nil
  }

  private mutating func take(_ byte: UInt8, _ text: Span<UInt8>) -> Bool {
    guard index < text.count, text[index] == byte else { return false }
    index += 1
    return true
  }

  private mutating func value(_ text: Span<UInt8>, depth: Int) throws(Refusal) {
    switch next(text) {
    case UInt8(ascii: "{"): try object(text, depth: depth + 1)
    case UInt8(ascii: "["): try array(text, depth: depth + 1)
    case UInt8(ascii: "\""): try string(text)
    case UInt8(ascii: "t"): try literal("true", .yes, text)
    case UInt8(ascii: "f"): try literal("false", .no, text)
    case UInt8(ascii: "n"): try literal("null", .null, text)
    case nil: throw fault("the text ends where a value should stand")
    default: try number(text)
    }
  }

  private mutating func literal(
    _ word: StaticString, _ kind: JSONText.Node.Kind, _ text: Span<UInt8>
  ) throws(Refusal) {
    for byte in word.description.utf8 {
      guard take(byte, text) else { throw fault("unknown word") }
    }
    nodes.append(JSONText.Node(kind: kind))
  }

  /// Closes the array or object whose node is given.
  private mutating func close(_ node: Int, count: UInt32) {
    nodes[node].end = UInt32(truncatingIfNeeded: nodes.count)
    nodes[node].count = count
  }

  private mutating func open(_ kind: JSONText.Node.Kind, depth: Int) throws(Refusal) -> Int {
    guard depth <= maximumDepth else { throw fault("nested deeper than \(maximumDepth)") }
    index += 1
    nodes.append(JSONText.Node(kind: kind))
    return nodes.count - 1
  }

  private mutating func object(_ text: Span<UInt8>, depth: Int) throws(Refusal) {
    let node = try open(.object, depth: depth)
    var count: UInt32 = 0
    skipSpace(text)
    if take(UInt8(ascii: "}"), text) { return close(node, count: count) }
    while true {
      skipSpace(text)
      guard next(text) == UInt8(ascii: "\"") else {
        throw fault("a member's name must be a string")
      }
      try string(text)
      skipSpace(text)
      guard take(UInt8(ascii: ":"), text) else { throw fault("':' expected") }
      skipSpace(text)
      try value(text, depth: depth)
      count += 1
      skipSpace(text)
      if take(UInt8(ascii: "}"), text) { return close(node, count: count) }
      guard take(UInt8(ascii: ","), text) else { throw fault("',' or '}' expected") }
    }
  }

  private mutating func array(_ text: Span<UInt8>, depth: Int) throws(Refusal) {
    let node = try open(.array, depth: depth)
    var count: UInt32 = 0
    skipSpace(text)
    if take(UInt8(ascii: "]"), text) { return close(node, count: count) }
    while true {
      skipSpace(text)
      try value(text, depth: depth)
      count += 1
      skipSpace(text)
      if take(UInt8(ascii: "]"), text) { return close(node, count: count) }
      guard take(UInt8(ascii: ","), text) else { throw fault("',' or ']' expected") }
    }
  }

  private mutating func digits(_ text: Span<UInt8>) -> Int {
    let start = index
    while index < text.count, text[index] >= 0x30 && text[index] <= 0x39 { index += 1 }
    return index - start
  }

  private mutating func number(_ text: Span<UInt8>) throws(Refusal) {
    let start = index
    _ = take(UInt8(ascii: "-"), text)
    if !take(UInt8(ascii: "0"), text) {
      guard digits(text) > 0 else { throw fault("a value expected") }
    }
    if take(UInt8(ascii: "."), text) {
      guard digits(text) > 0 else { throw fault("a digit expected after '.'") }
    }
    if take(UInt8(ascii: "e"), text) || take(UInt8(ascii: "E"), text) {
      if !take(UInt8(ascii: "+"), text) { _ = take(UInt8(ascii: "-"), text) }
      guard digits(text) > 0 else { throw fault("a digit expected in the exponent") }
    }
    nodes.append(
      JSONText.Node(
        kind: .number, start: UInt32(truncatingIfNeeded: start),
        end: UInt32(truncatingIfNeeded: index)))
  }
}

extension JSONScanner {
  private mutating func string(_ text: Span<UInt8>) throws(Refusal) {
    let start = index + 1
    let plain = PlainBytes(of: text, from: start)
    let end = plain.end
    index = end
    guard next(text) == UInt8(ascii: "\"") else { return try escapedString(text, from: start) }
    let inside = text.extracting(start..<end)
    if !plain.isASCII { try requireUTF8(inside) }
    append(start..<end, mark: JSONText.Node.mark(inside), isUnescaped: false)
    index = end + 1
  }

  private mutating func append(_ range: Range<Int>, mark: UInt32, isUnescaped: Bool) {
    nodes.append(
      JSONText.Node(
        kind: .string, isUnescaped: isUnescaped,
        start: UInt32(truncatingIfNeeded: range.lowerBound),
        end: UInt32(truncatingIfNeeded: range.upperBound), count: mark))
  }

  private func requireUTF8(_ text: Span<UInt8>) throws(Refusal) {
    do { _ = try UTF8Span(validating: text) } catch { throw fault("not UTF-8") }
  }

  /// The rest of a string in which something stands that is not itself; `index` is at the first.
  private mutating func escapedString(_ text: Span<UInt8>, from start: Int) throws(Refusal) {
    let first = unescaped.count
    for place in start..<index { unescaped.append(text[place]) }
    while let byte = next(text) {
      switch byte {
      case UInt8(ascii: "\""):
        index += 1
        let range = first..<unescaped.count
        try requireUTF8(unescaped.span.extracting(range))
        let mark = JSONText.Node.mark(unescaped.span.extracting(range))
        return append(range, mark: mark, isUnescaped: true)
      case UInt8(ascii: "\\"):
        index += 1
        try escape(text)
      case 0..<0x20:
        throw fault("a control character must be escaped")
      default:
        unescaped.append(byte)
        index += 1
      }
    }
    throw fault("a string does not end")
  }

  private mutating func escape(_ text: Span<UInt8>) throws(Refusal) {
    guard let byte = next(text) else { throw fault("an escape does not end") }
    index += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): unescaped.append(byte)
    case UInt8(ascii: "b"): unescaped.append(0x08)
    case UInt8(ascii: "f"): unescaped.append(0x0C)
    case UInt8(ascii: "n"): unescaped.append(0x0A)
    case UInt8(ascii: "r"): unescaped.append(0x0D)
    case UInt8(ascii: "t"): unescaped.append(0x09)
    case UInt8(ascii: "u"):
      var code = UInt32(try hexadecimalUnit(text))
      if code >= 0xD800 && code <= 0xDBFF, take(UInt8(ascii: "\\"), text),
        take(UInt8(ascii: "u"), text)
      {
        let low = UInt32(try hexadecimalUnit(text))
        guard low >= 0xDC00 && low <= 0xDFFF else { throw fault("a lone surrogate") }
        code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00)
      }
      guard let scalar = Unicode.Scalar(code) else { throw fault("a lone surrogate") }
      unescaped.append(contentsOf: String(Character(scalar)).utf8)
    default: throw fault("unknown escape")
    }
  }

  private mutating func hexadecimalUnit(_ text: Span<UInt8>) throws(Refusal) -> UInt16 {
    var unit: UInt16 = 0
    for _ in 0..<4 {
      guard let byte = next(text), let digit = Hexadecimal.value(of: byte) else {
        throw fault("four hexadecimal digits expected")
      }
      unit = unit << 4 | UInt16(digit)
      index += 1
    }
    return unit
  }
}

extension JSONValue {
  static var nullFault: Refusal { .malformed("null has no meaning in a sealed document") }

  static func numberFault(_ literal: String) -> Refusal {
    .malformed("\(literal.prefix(32)) is not a whole number in canonical form")
  }

  static func duplicateFault(_ name: String) -> Refusal {
    .malformed("member \"\(name.prefix(64))\" stands twice")
  }

  /// Holds what every sealed document must be beyond the grammar: no duplicate member anywhere, and
  /// whole numbers within 64 bits only.
  /// - Throws: ``Refusal`` `MALFORMED` naming the member.
  package func requireDocumentShape() throws(Refusal) {
    switch self {
    case .null: throw Self.nullFault
    case .bool, .string: return
    case .number(let literal):
      guard integer != nil else { throw Self.numberFault(literal) }
    case .array(let elements):
      for element in elements { try element.requireDocumentShape() }
    case .object(let members):
      if let name = Self.duplicate(among: members) { throw Self.duplicateFault(name) }
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
