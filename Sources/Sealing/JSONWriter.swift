extension JSONValue {
  /// The value as compact JSON: no white space, members in order, only what must be escaped escaped.
  package var serialized: [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(512)
    write(to: &bytes)
    return bytes
  }

  /// The compact JSON as a string.
  package var text: String {
    String(decoding: serialized, as: UTF8.self)
  }

  /// The value as indented JSON for people to read, ending without a newline.
  package var indentedText: String {
    var bytes: [UInt8] = []
    write(to: &bytes, indent: 0)
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Appends compact JSON; with `indent`, each member and element on a line of its own.
  func write(to bytes: inout [UInt8], indent: Int? = nil) {
    switch self {
    case .null: bytes.append(contentsOf: "null".utf8)
    case .bool(let value): bytes.append(contentsOf: (value ? "true" : "false").utf8)
    case .number(let literal): bytes.append(contentsOf: literal.utf8)
    case .string(let text): Self.write(text, to: &bytes)
    case .array(let elements):
      Self.writeList(elements, "[", "]", indent, to: &bytes) { element, inner, bytes in
        element.write(to: &bytes, indent: inner)
      }
    case .object(let members):
      Self.writeList(members, "{", "}", indent, to: &bytes) { member, inner, bytes in
        Self.write(member.name, to: &bytes)
        bytes.append(contentsOf: (inner == nil ? ":" : ": ").utf8)
        member.value.write(to: &bytes, indent: inner)
      }
    }
  }

  private static func writeList<Element>(
    _ elements: [Element], _ open: String, _ close: String, _ indent: Int?,
    to bytes: inout [UInt8], _ write: (Element, Int?, inout [UInt8]) -> Void
  ) {
    bytes.append(contentsOf: open.utf8)
    for (offset, element) in elements.enumerated() {
      if offset > 0 { bytes.append(UInt8(ascii: ",")) }
      if let indent { newline(indent + 1, to: &bytes) }
      write(element, indent.map { $0 + 1 }, &bytes)
    }
    if let indent, !elements.isEmpty { newline(indent, to: &bytes) }
    bytes.append(contentsOf: close.utf8)
  }

  private static func newline(_ indent: Int, to bytes: inout [UInt8]) {
    bytes.append(UInt8(ascii: "\n"))
    for _ in 0..<indent { bytes.append(contentsOf: "  ".utf8) }
  }

  /// Appends a string as JSON has it.
  static func write(_ text: String, to bytes: inout [UInt8]) {
    bytes.append(UInt8(ascii: "\""))
    // Mostly nothing needs an escape.
    if PlainBytes(of: text.utf8.span, from: 0).end == text.utf8.count {
      var text = text
      text.withUTF8 { unsafe bytes.append(contentsOf: $0) }
      bytes.append(UInt8(ascii: "\""))
      return
    }
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\""): bytes.append(contentsOf: "\\\"".utf8)
      case UInt8(ascii: "\\"): bytes.append(contentsOf: "\\\\".utf8)
      case 0x0A: bytes.append(contentsOf: "\\n".utf8)
      case 0x0D: bytes.append(contentsOf: "\\r".utf8)
      case 0x09: bytes.append(contentsOf: "\\t".utf8)
      case 0..<0x20:
        bytes.append(contentsOf: "\\u00".utf8)
        bytes.append(contentsOf: Hexadecimal.digits(byte))
      default: bytes.append(byte)
      }
    }
    bytes.append(UInt8(ascii: "\""))
  }
}
