/// Reads the members of one object, each exactly once, and refuses what is left over.
///
/// Every member is asked for by name and type; ``end()`` then refuses members that nobody asked for, so
/// that an unknown member is never silently ignored. All names of faults carry the path from the root.
package struct ObjectReader {
  private let members: ObjectMembers
  /// The member asked for last: they are asked for in the order of the document, mostly.
  private var last: ObjectMembers.Place?
  /// Which members have been asked for: a bit for each of the first 64, the numbers of further ones.
  private var taken: UInt64 = 0
  private var takenFurther: [Int] = []
  private let path: String

  /// - Throws: ``Refusal`` `MALFORMED` when the value is no object.
  package init(_ value: JSONValue, at path: String = "") throws(Refusal) {
    try self.init(members: ObjectMembers(value), at: path)
  }

  /// Reads the object that a whole text is.
  /// - Throws: ``Refusal`` `MALFORMED` when it is none.
  init(_ text: JSONText, at path: String = "") throws(Refusal) {
    try self.init(members: ObjectMembers(text, at: 0), at: path)
  }

  private init(members: ObjectMembers?, at path: String) throws(Refusal) {
    guard let members else {
      throw .malformed("\(path.isEmpty ? "the document" : path) must be an object")
    }
    self.members = members
    self.path = path
  }

  /// Refuses members of one name, of which another reader may take another one.
  ///
  /// Sealed documents are held to it throughout by ``JSONValue/requireDocumentShape()``. This is for
  /// what is read without that: it looks at this one object, not into the values of its members.
  /// - Throws: ``Refusal`` `MALFORMED` naming the member.
  package func requireDistinctNames() throws(Refusal) {
    guard let name = members.duplicate else { return }
    let place = path.isEmpty ? "" : " of \(path)"
    throw .malformed("member \"\(name.prefix(64))\"\(place) stands twice: give it once")
  }

  /// The full name of a member, for messages.
  package func name(_ member: String) -> String {
    path.isEmpty ? member : "\(path).\(member)"
  }

  /// Finds a member and notes that it has been asked for, nil when it is absent.
  private mutating func take(_ name: String) -> ObjectMembers.Place? {
    guard let place = members.place(of: name, after: last) else { return nil }
    if place.number < 64 {
      taken |= 1 << UInt64(place.number)
    } else {
      takenFurther.append(place.number)
    }
    last = place
    return place
  }

  private mutating func require(_ name: String) throws(Refusal) -> ObjectMembers.Place {
    guard let place = take(name) else { throw .malformed("\(self.name(name)) is missing") }
    return place
  }

  /// The member's value, nil when it is absent.
  package mutating func optional(_ name: String) -> JSONValue? {
    guard let place = take(name) else { return nil }
    return members.value(at: place)
  }

  /// The member's value.
  package mutating func value(_ name: String) throws(Refusal) -> JSONValue {
    let place = try require(name)
    return members.value(at: place)
  }

  /// A string of 1 to `maximum` bytes.
  package mutating func string(_ name: String, maximum: Int = 256) throws(Refusal) -> String {
    let place = try require(name)
    return try checkedString(place, name, maximum)
  }

  /// A string of 1 to `maximum` bytes, nil when the member is absent.
  package mutating func optionalString(
    _ name: String, maximum: Int = 256
  ) throws(Refusal) -> String? {
    guard let place = take(name) else { return nil }
    return try checkedString(place, name, maximum)
  }

  private func checkedString(
    _ place: ObjectMembers.Place, _ name: String, _ maximum: Int
  ) throws(Refusal) -> String {
    guard let text = members.string(at: place), (1...max(1, maximum)).contains(text.utf8.count),
      !text.hasControlCharacters
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
    let place = try require(name)
    return try checkedInteger(place, name, range)
  }

  /// A whole number within the range, nil when the member is absent.
  package mutating func optionalInteger(
    _ name: String, in range: ClosedRange<Int64>
  ) throws(Refusal) -> Int64? {
    guard let place = take(name) else { return nil }
    return try checkedInteger(place, name, range)
  }

  private func checkedInteger(
    _ place: ObjectMembers.Place, _ name: String, _ range: ClosedRange<Int64>
  ) throws(Refusal) -> Int64 {
    guard let number = members.integer(at: place), range.contains(number) else {
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
    let place = try require(name)
    return try checkedChoice(members.string(at: place), name)
  }

  /// One of the raw values of an enumeration, nil when the member is absent.
  package mutating func optionalChoice<Choice: RawRepresentable<String> & CaseIterable>(
    _ name: String, _ type: Choice.Type = Choice.self
  ) throws(Refusal) -> Choice? {
    guard let place = take(name) else { return nil }
    return try checkedChoice(members.string(at: place), name)
  }

  private func checkedChoice<Choice: RawRepresentable<String> & CaseIterable>(
    _ text: String?, _ name: String
  ) throws(Refusal) -> Choice {
    if let text, let choice = Choice(rawValue: text),
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
    guard members.place(of: name, after: last) != nil else { return nil }
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
    let place = try require(name)
    return try ObjectReader(members: members.object(at: place), at: self.name(name))
  }

  /// A reader of the object that the member holds, nil when the member is absent.
  package mutating func optionalObject(_ name: String) throws(Refusal) -> ObjectReader? {
    guard let place = take(name) else { return nil }
    return try ObjectReader(members: members.object(at: place), at: self.name(name))
  }

  /// Refuses the first member that nothing has asked for.
  package func end() throws(Refusal) {
    if let member = members.firstName(without: taken, takenFurther) {
      throw .malformed("unknown member \(name(String(member.prefix(64))))")
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
