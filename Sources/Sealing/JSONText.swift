/// A JSON text (RFC 8259) that has been scanned: its values in one flat list, over the bytes in which
/// they stand.
///
/// A tree (``JSONValue``) costs an allocation for nearly every value that it holds. A sealed document is
/// read once, member by member, and needs none of them: ``ObjectReader`` reads it from here.
final class JSONText: Sendable {
  /// A value, or the name of a member, which stands right before its value.
  struct Node: Sendable {
    enum Kind: Sendable {
      case null, no, yes, number, string, array, object
    }

    let kind: Kind
    /// Whether a string had escapes: its range lies in ``JSONText/unescaped`` then.
    var isUnescaped = false
    /// Where a number or the inside of a string begins.
    var start: UInt32 = 0
    /// Where it ends; of an array or object, the number of the first node after it.
    var end: UInt32 = 0
    /// How many elements or members an array or object has; of a string, its ``mark``.
    var count: UInt32 = 0

    /// A number that texts with the same bytes share, and few others: length, first, middle and last
    /// byte.
    static func mark(_ text: Span<UInt8>) -> UInt32 {
      let count = text.count
      guard count > 0 else { return 0 }
      return UInt32(truncatingIfNeeded: count) << 24 | UInt32(text[0]) << 16
        | UInt32(text[count / 2]) << 8 | UInt32(text[count - 1])
    }
  }

  let bytes: [UInt8]
  /// The insides of all strings that had escapes, one after the other.
  let unescaped: [UInt8]
  /// The whole text's value stands first, and what an array or object holds right after it.
  let nodes: [Node]

  init(bytes: [UInt8], unescaped: [UInt8], nodes: [Node]) {
    self.bytes = bytes
    self.unescaped = unescaped
    self.nodes = nodes
  }

  /// The node after a value and everything inside it.
  @inline(__always)
  func next(after index: Int) -> Int {
    switch nodes[index].kind {
    case .array, .object: Int(nodes[index].end)
    case .null, .no, .yes, .number, .string: index + 1
    }
  }

  private func slice(_ node: Node) -> ArraySlice<UInt8> {
    (node.isUnescaped ? unescaped : bytes)[range(node)]
  }

  private func range(_ node: Node) -> Range<Int> { Int(node.start)..<Int(node.end) }

  /// The text of a string or of a number's literal.
  private func text(_ node: Node) -> String {
    String(decoding: slice(node), as: UTF8.self)
  }

  /// The text of a string, nil for every other kind.
  func string(at index: Int) -> String? {
    nodes[index].kind == .string ? text(nodes[index]) : nil
  }

  /// The value of a canonical integer literal within 64 bits, as ``JSONValue/integer`` has it.
  func integer(at index: Int) -> Int64? {
    guard nodes[index].kind == .number else { return nil }
    let bytes = bytes
    return JSONValue.integer(ofLiteral: bytes.span.extracting(range(nodes[index])))
  }

  /// Whether a string has exactly the bytes of the text, whose mark is given.
  @inline(__always)
  func isString(at index: Int, _ text: Span<UInt8>, mark: UInt32) -> Bool {
    let node = nodes[index]
    guard node.count == mark else { return false }
    let source = node.isUnescaped ? unescaped : bytes
    return source.span.extracting(range(node)).hasSameBytes(as: text)
  }

  /// The node of the first member of that name, compared byte for byte, nil where there is none.
  func member(_ name: String, of object: Int) -> Int? {
    let text = name.utf8.span
    let mark = Node.mark(text)
    let end = next(after: object)
    var index = object + 1
    while index < end {
      if isString(at: index, text, mark: mark) { return index + 1 }
      index = next(after: index + 1)
    }
    return nil
  }

  /// The integer that a member of the whole text's object is, nil for everything else.
  func integer(_ name: String) -> Int64? {
    guard nodes[0].kind == .object else { return nil }
    return member(name, of: 0).flatMap { integer(at: $0) }
  }

  /// The value as a tree.
  func value(at index: Int) -> JSONValue {
    let node = nodes[index]
    switch node.kind {
    case .null: return .null
    case .no: return .bool(false)
    case .yes: return .bool(true)
    case .number: return .number(text(node))
    case .string: return .string(text(node))
    case .array:
      var elements: [JSONValue] = []
      elements.reserveCapacity(Int(node.count))
      var element = index + 1
      while element < node.end {
        elements.append(value(at: element))
        element = next(after: element)
      }
      return .array(elements)
    case .object:
      var members: [JSONMember] = []
      members.reserveCapacity(Int(node.count))
      var member = index + 1
      while member < node.end {
        members.append(JSONMember(text(nodes[member]), value(at: member + 1)))
        member = next(after: member + 1)
      }
      return .object(members)
    }
  }
}

extension JSONText {
  /// Holds what ``JSONValue/requireDocumentShape()`` holds.
  /// - Throws: ``Refusal`` `MALFORMED` naming the member.
  func requireDocumentShape() throws(Refusal) {
    var index = 0
    while index < nodes.count {
      let node = nodes[index]
      switch node.kind {
      case .null: throw JSONValue.nullFault
      case .number:
        guard integer(at: index) != nil else { throw JSONValue.numberFault(text(node)) }
      case .object:
        if let name = duplicate(in: index) { throw JSONValue.duplicateFault(name) }
      case .no, .yes, .string, .array: break
      }
      index += 1
    }
  }

  /// A name that two members of an object have, compared byte for byte, nil where there is none.
  func duplicate(in object: Int) -> String? {
    guard nodes[object].count <= 32 else { return duplicateOfMany(in: object) }
    // Up to here comparing each with each is less work than a table, and mostly the marks tell that a
    // name is new.
    var seen: UInt64 = 0
    var names = InlineArray<32, Int>(repeating: 0)
    var count = 0
    var index = object + 1
    let end = nodes[object].end
    while index < end {
      let mark = nodes[index].count
      let bit: UInt64 = 1 << UInt64((mark &* 0x9E37_79B1) >> 26)
      if seen & bit != 0 {
        for earlier in 0..<count where nodes[names[earlier]].count == mark {
          if slice(nodes[names[earlier]]) == slice(nodes[index]) { return text(nodes[index]) }
        }
      }
      seen |= bit
      names[count] = index
      count += 1
      index = next(after: index + 1)
    }
    return nil
  }

  private func duplicateOfMany(in object: Int) -> String? {
    var names: Set<ArraySlice<UInt8>> = []
    var index = object + 1
    while index < nodes[object].end {
      guard names.insert(slice(nodes[index])).inserted else { return text(nodes[index]) }
      index = next(after: index + 1)
    }
    return nil
  }
}

extension Span<UInt8> {
  /// Whether both have the same bytes.
  func hasSameBytes(as other: Span<UInt8>) -> Bool {
    guard count == other.count else { return false }
    for index in indices where self[index] != other[index] { return false }
    return true
  }
}
