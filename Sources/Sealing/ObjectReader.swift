/// Reads the members of one object, each exactly once, and refuses what is left over.
///
/// Every member is asked for by name and type; ``end()`` then refuses members that nobody asked for, so
/// that an unknown member is never silently ignored. All names of faults carry the path from the root.
package struct ObjectReader {
  private let members: [JSONMember]
  private var taken: [Bool]
  /// Where the member asked for next stands, if they are asked for in the order of the document.
  private var next = 0
  private let path: String

  /// - Throws: ``Refusal`` `MALFORMED` when the value is no object.
  package init(_ value: JSONValue, at path: String = "") throws(Refusal) {
    guard case .object(let members) = value else {
      throw .malformed("\(path.isEmpty ? "the document" : path) must be an object")
    }
    self.members = members
    self.taken = Array(repeating: false, count: members.count)
    self.path = path
  }

  /// Refuses members of one name, of which another reader may take another one.
  ///
  /// Sealed documents are held to it throughout by ``JSONValue/requireDocumentShape()``. This is for
  /// what is read without that: it looks at this one object, not into the values of its members.
  /// - Throws: ``Refusal`` `MALFORMED` naming the member.
  package func requireDistinctNames() throws(Refusal) {
    guard let name = JSONValue.duplicate(among: members) else { return }
    let place = path.isEmpty ? "" : " of \(path)"
    throw .malformed("member \"\(name.prefix(64))\"\(place) stands twice: give it once")
  }

  /// The full name of a member, for messages.
  package func name(_ member: String) -> String {
    path.isEmpty ? member : "\(path).\(member)"
  }

  /// The member's value, nil when it is absent.
  package mutating func optional(_ name: String) -> JSONValue? {
    guard let index = index(of: name) else { return nil }
    taken[index] = true
    next = index + 1
    return members[index].value
  }

  private func index(of name: String) -> Int? {
    if next < members.count, members[next].name.isSameBytes(as: name) { return next }
    let size = name.utf8.count
    for index in members.indices where members[index].name.utf8.count == size {
      if members[index].name.isSameBytes(as: name) { return index }
    }
    return nil
  }

  /// The member's value.
  package mutating func value(_ name: String) throws(Refusal) -> JSONValue {
    guard let value = optional(name) else { throw .malformed("\(self.name(name)) is missing") }
    return value
  }

  /// A string of 1 to `maximum` bytes.
  package mutating func string(_ name: String, maximum: Int = 256) throws(Refusal) -> String {
    try checkedString(try value(name), name, maximum)
  }

  /// A string of 1 to `maximum` bytes, nil when the member is absent.
  package mutating func optionalString(
    _ name: String, maximum: Int = 256
  ) throws(Refusal) -> String? {
    guard let value = optional(name) else { return nil }
    return try checkedString(value, name, maximum)
  }

  private func checkedString(
    _ value: JSONValue, _ name: String, _ maximum: Int
  ) throws(Refusal) -> String {
    guard let text = value.string, !text.isEmpty, text.utf8.count <= maximum,
      !text.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F })
    else {
      throw .malformed(
        "\(self.name(name)) must be a string of 1 to \(maximum) bytes without control characters")
    }
    return text
  }

  /// A whole number within the range.
  package mutating func integer(
    _ name: String, in range: ClosedRange<Int64>
  ) throws(Refusal) -> Int64 {
    try checkedInteger(try value(name), name, range)
  }

  /// A whole number within the range, nil when the member is absent.
  package mutating func optionalInteger(
    _ name: String, in range: ClosedRange<Int64>
  ) throws(Refusal) -> Int64? {
    guard let value = optional(name) else { return nil }
    return try checkedInteger(value, name, range)
  }

  private func checkedInteger(
    _ value: JSONValue, _ name: String, _ range: ClosedRange<Int64>
  ) throws(Refusal) -> Int64 {
    guard let number = value.integer, range.contains(number) else {
      throw .malformed(
        "\(self.name(name)) must be a whole number from \(range.lowerBound) to \(range.upperBound)")
    }
    return number
  }

  /// An instant in whole Unix seconds, from 1970 to the end of the year 9999.
  package mutating func instant(_ name: String) throws(Refusal) -> Int64 {
    try integer(name, in: SealedLimits.instants)
  }

  /// An instant as ``instant(_:)``, nil when the member is absent.
  package mutating func optionalInstant(_ name: String) throws(Refusal) -> Int64? {
    try optionalInteger(name, in: SealedLimits.instants)
  }

  /// One of the raw values of an enumeration.
  package mutating func choice<Choice: RawRepresentable<String> & CaseIterable>(
    _ name: String, _ type: Choice.Type = Choice.self
  ) throws(Refusal) -> Choice {
    try checkedChoice(try value(name), name)
  }

  /// One of the raw values of an enumeration, nil when the member is absent.
  package mutating func optionalChoice<Choice: RawRepresentable<String> & CaseIterable>(
    _ name: String, _ type: Choice.Type = Choice.self
  ) throws(Refusal) -> Choice? {
    guard let value = optional(name) else { return nil }
    return try checkedChoice(value, name)
  }

  private func checkedChoice<Choice: RawRepresentable<String> & CaseIterable>(
    _ value: JSONValue, _ name: String
  ) throws(Refusal) -> Choice {
    if let text = value.string, let choice = Choice(rawValue: text),
      choice.rawValue.isSameBytes(as: text)
    {
      return choice
    }
    let known = Choice.allCases.map(\.rawValue).joined(separator: ", ")
    throw .malformed("\(self.name(name)) must be one of \(known)")
  }

  /// A SHA-256 digest in base64url.
  package mutating func digest(_ name: String) throws(Refusal) -> Digest {
    guard let digest = Digest(base64URL: try string(name)) else {
      throw .malformed("\(self.name(name)) must be 32 bytes in base64url")
    }
    return digest
  }

  /// A SHA-256 digest in base64url, nil when the member is absent.
  package mutating func optionalDigest(_ name: String) throws(Refusal) -> Digest? {
    guard index(of: name) != nil else { return nil }
    return try digest(name)
  }

  /// The elements of an array of at most `maximum`.
  package mutating func array(_ name: String, maximum: Int) throws(Refusal) -> [JSONValue] {
    guard case .array(let elements) = try value(name), elements.count <= maximum else {
      throw .malformed("\(self.name(name)) must be an array of at most \(maximum) elements")
    }
    return elements
  }

  /// A reader of the object that the member holds.
  package mutating func object(_ name: String) throws(Refusal) -> ObjectReader {
    try ObjectReader(try value(name), at: self.name(name))
  }

  /// A reader of the object that the member holds, nil when the member is absent.
  package mutating func optionalObject(_ name: String) throws(Refusal) -> ObjectReader? {
    guard let value = optional(name) else { return nil }
    return try ObjectReader(value, at: self.name(name))
  }

  /// Refuses the first member that nothing has asked for.
  package func end() throws(Refusal) {
    for (member, taken) in zip(members, taken) where !taken {
      throw .malformed("unknown member \(name(String(member.name.prefix(64))))")
    }
  }
}

/// Bounds that every sealed document keeps.
package enum SealedLimits {
  /// Whole Unix seconds from 1970-01-01 to 9999-12-31T23:59:59Z.
  package static let instants: ClosedRange<Int64> = 0...253_402_300_799
  /// Sizes and counts: every integer that JSON libraries hold exactly.
  package static let counts: ClosedRange<Int64> = 0...9_007_199_254_740_991
  /// Levels of nesting.
  package static let depth = 8
}
