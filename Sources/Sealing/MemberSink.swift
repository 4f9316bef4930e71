/// Takes the members of a JSON object, in their order: as a tree for whoever seals or compares it, or as bytes at once
/// for whoever only writes them. Names need no escape.
package protocol MemberSink {
  mutating func add(_ name: StaticString, _ value: JSONValue)
  mutating func add(_ name: StaticString, text: String)
  mutating func add(_ name: StaticString, number: Int64)
  /// Adds an array of objects.
  /// - Parameter write: gives the members of one of them.
  mutating func add<Element>(
    _ name: StaticString, _ elements: [Element], _ write: (Element, inout Self) -> Void)
  /// Adds an object.
  /// - Parameter write: gives its members.
  mutating func add(_ name: StaticString, _ write: (inout Self) -> Void)
}

extension MemberSink {
  /// Adds a member, unless its value is nil.
  package mutating func add(_ name: StaticString, _ value: JSONValue?) {
    if let value { add(name, value) }
  }

  /// Adds a member, unless its text is nil.
  package mutating func add(_ name: StaticString, text: String?) {
    if let text { add(name, text: text) }
  }

  /// Adds a member, unless its number is nil.
  package mutating func add(_ name: StaticString, number: Int64?) {
    if let number { add(name, number: number) }
  }
}

extension JSONValue {
  /// An object.
  /// - Parameter write: gives its members.
  package init(_ write: (inout [JSONMember]) -> Void) {
    var members: [JSONMember] = []
    write(&members)
    self = .object(members)
  }
}

extension [JSONMember]: MemberSink {
  package mutating func add(_ name: StaticString, _ value: JSONValue) {
    append(JSONMember(name.description, value))
  }

  package mutating func add(_ name: StaticString, text: String) { add(name, .string(text)) }
  package mutating func add(_ name: StaticString, number: Int64) { add(name, .integer(number)) }

  package mutating func add<Item>(
    _ name: StaticString, _ elements: [Item], _ write: (Item, inout [JSONMember]) -> Void
  ) {
    add(
      name,
      .array(
        elements.map { element in
          JSONValue { write(element, &$0) }
        }))
  }

  package mutating func add(_ name: StaticString, _ write: (inout [JSONMember]) -> Void) {
    add(name, JSONValue(write))
  }
}

/// An object as compact JSON, in the bytes that a tree of the same members has.
package struct JSONBytes: MemberSink {
  package private(set) var bytes: [UInt8]
  /// Whether the object that is being written has no member yet.
  private var isEmpty = true

  /// - Parameter write: gives the members.
  package init(reserving capacity: Int = 512, _ write: (inout JSONBytes) -> Void) {
    bytes = []
    bytes.reserveCapacity(capacity)
    addObject(write)
  }

  private mutating func addObject(_ write: (inout JSONBytes) -> Void) {
    bytes.append(UInt8(ascii: "{"))
    isEmpty = true
    write(&self)
    bytes.append(UInt8(ascii: "}"))
    isEmpty = false
  }

  private mutating func begin(_ name: StaticString) {
    if !isEmpty { bytes.append(UInt8(ascii: ",")) }
    isEmpty = false
    bytes.append(UInt8(ascii: "\""))
    name.withUTF8Buffer { unsafe bytes.append(contentsOf: $0) }
    bytes.append(UInt8(ascii: "\""))
    bytes.append(UInt8(ascii: ":"))
  }

  package mutating func add(_ name: StaticString, _ value: JSONValue) {
    begin(name)
    value.write(to: &bytes)
  }

  package mutating func add(_ name: StaticString, text: String) {
    begin(name)
    JSONValue.write(text, to: &bytes)
  }

  package mutating func add(_ name: StaticString, number: Int64) {
    begin(name)
    Self.write(number, to: &bytes)
  }

  package mutating func add<Element>(
    _ name: StaticString, _ elements: [Element], _ write: (Element, inout JSONBytes) -> Void
  ) {
    begin(name)
    bytes.append(UInt8(ascii: "["))
    for index in elements.indices {
      if index > 0 { bytes.append(UInt8(ascii: ",")) }
      addObject { write(elements[index], &$0) }
    }
    bytes.append(UInt8(ascii: "]"))
  }

  package mutating func add(_ name: StaticString, _ write: (inout JSONBytes) -> Void) {
    begin(name)
    addObject(write)
  }

  private static func write(_ number: Int64, to bytes: inout [UInt8]) {
    if number < 0 { bytes.append(UInt8(ascii: "-")) }
    var rest = number.magnitude
    let first = bytes.count
    repeat {
      let (quotient, digit) = rest.quotientAndRemainder(dividingBy: 10)
      bytes.append(UInt8(ascii: "0") + UInt8(digit))
      rest = quotient
    } while rest > 0
    bytes[first...].reverse()
  }
}
