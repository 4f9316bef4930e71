/// A JSON text (RFC 8259) as a tree that keeps what a strict reader must see: the order of members,
/// duplicates, and numbers exactly as they were written.
package enum JSONValue: Sendable {
  case null
  case bool(Bool)
  /// The literal, byte for byte; ``integer`` tells whether it is a whole number in canonical form.
  case number(String)
  case string(String)
  case array([JSONValue])
  case object([JSONMember])

  /// A whole number.
  package static func integer(_ value: some BinaryInteger) -> JSONValue {
    .number(String(value))
  }

  /// The value of a canonical integer literal within 64 bits; nil for `1.0`, `1e2`, `-0` and beyond.
  package var integer: Int64? {
    guard case .number(let literal) = self else { return nil }
    return Self.integer(ofLiteral: literal.utf8.span)
  }

  /// The value of a literal, nil for one that is not canonical or does not fit; below zero while it
  /// grows, since the least number has no opposite.
  static func integer(ofLiteral literal: Span<UInt8>) -> Int64? {
    let isNegative = literal.count > 0 && literal[0] == UInt8(ascii: "-")
    let first = isNegative ? 1 : 0
    guard first < literal.count else { return nil }
    guard literal[first] != UInt8(ascii: "0") else { return literal.count == 1 ? 0 : nil }
    var value: Int64 = 0
    for index in first..<literal.count {
      let digit = literal[index] &- UInt8(ascii: "0")
      guard digit <= 9 else { return nil }
      let (tenfold, isTooLarge) = value.multipliedReportingOverflow(by: 10)
      let (next, isTooMuch) = tenfold.subtractingReportingOverflow(Int64(digit))
      guard !isTooLarge, !isTooMuch else { return nil }
      value = next
    }
    guard !isNegative else { return value }
    let (opposite, isTooLarge) = Int64(0).subtractingReportingOverflow(value)
    return isTooLarge ? nil : opposite
  }

  /// The text of a string, nil for every other kind.
  package var string: String? {
    guard case .string(let text) = self else { return nil }
    return text
  }

  /// The first member of that name, compared byte for byte, nil where there is none.
  package subscript(name: String) -> JSONValue? {
    guard case .object(let members) = self else { return nil }
    return members.first { $0.name.isSameBytes(as: name) }?.value
  }
}

/// One member of a JSON object.
package struct JSONMember: Sendable, Equatable {
  package var name: String
  package var value: JSONValue

  package init(_ name: String, _ value: JSONValue) {
    self.name = name
    self.value = value
  }

  package static func == (left: JSONMember, right: JSONMember) -> Bool {
    left.name.isSameBytes(as: right.name) && left.value == right.value
  }
}

extension JSONValue: Equatable {
  /// Equal when both would be written as the same bytes.
  package static func == (left: JSONValue, right: JSONValue) -> Bool {
    switch (left, right) {
    case (.null, .null): true
    case (.bool(let left), .bool(let right)): left == right
    case (.number(let left), .number(let right)): left.isSameBytes(as: right)
    case (.string(let left), .string(let right)): left.isSameBytes(as: right)
    case (.array(let left), .array(let right)): left == right
    case (.object(let left), .object(let right)): left == right
    case (.null, _), (.bool, _), (.number, _), (.string, _), (.array, _), (.object, _): false
    }
  }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByArrayLiteral,
  ExpressibleByDictionaryLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral
{
  package init(stringLiteral value: String) { self = .string(value) }
  package init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
  package init(dictionaryLiteral elements: (String, JSONValue)...) {
    self = .object(elements.map { JSONMember($0.0, $0.1) })
  }
  package init(integerLiteral value: Int64) { self = .integer(value) }
  package init(booleanLiteral value: Bool) { self = .bool(value) }
}

extension String {
  /// Compares bytes: Swift's `==` takes canonically equivalent spellings for the same string.
  package func isSameBytes(as other: String) -> Bool {
    utf8.span.hasSameBytes(as: other.utf8.span)
  }
  /// Whether the first bytes are those of another string.
  package func beginsWithBytes(of other: String) -> Bool {
    let bytes = utf8.span
    let start = other.utf8.span
    guard start.count <= bytes.count else { return false }
    return bytes.extracting(..<start.count).hasSameBytes(as: start)
  }
}
