/// The members of one object: of a tree, or of a text of which no tree was made.
enum ObjectMembers: Sendable {
  case tree([JSONMember])
  /// The text and the node of the object.
  case text(JSONText, Int)

  /// Where a member stands: its number among the members, and in a text the node of its name.
  struct Place {
    var number: Int
    var node: Int
  }

  /// - Returns: nil when the value is no object.
  init?(_ value: JSONValue) {
    guard case .object(let members) = value else { return nil }
    self = .tree(members)
  }

  /// - Returns: nil when no object stands at the node.
  init?(_ text: JSONText, at node: Int) {
    guard text.nodes[node].kind == .object else { return nil }
    self = .text(text, node)
  }

  /// The first member of that name, compared byte for byte, nil where there is none.
  /// - Parameter last: the member after which it is looked for before everywhere else.
  func place(of name: String, after last: Place?) -> Place? {
    switch self {
    case .tree(let members): Self.place(of: name, in: members, after: last)
    case .text(let text, let object): text.place(of: name, in: object, after: last)
    }
  }

  private static func place(
    of name: String, in members: [JSONMember], after last: Place?
  ) -> Place? {
    let expected = last.map { $0.number + 1 } ?? 0
    if expected < members.count, members[expected].name.isSameBytes(as: name) {
      return Place(number: expected, node: 0)
    }
    let size = name.utf8.count
    for index in members.indices where members[index].name.utf8.count == size {
      if members[index].name.isSameBytes(as: name) { return Place(number: index, node: 0) }
    }
    return nil
  }

  func value(at place: Place) -> JSONValue {
    switch self {
    case .tree(let members): members[place.number].value
    case .text(let text, _): text.value(at: place.node + 1)
    }
  }

  /// The text of a string, nil for every other kind.
  func string(at place: Place) -> String? {
    switch self {
    case .tree(let members): members[place.number].value.string
    case .text(let text, _): text.string(at: place.node + 1)
    }
  }

  /// The value of a canonical integer, nil for everything else.
  func integer(at place: Place) -> Int64? {
    switch self {
    case .tree(let members): members[place.number].value.integer
    case .text(let text, _): text.integer(at: place.node + 1)
    }
  }

  /// The members of the object that stands there, nil for everything else.
  func object(at place: Place) -> ObjectMembers? {
    switch self {
    case .tree(let members): ObjectMembers(members[place.number].value)
    case .text(let text, _): ObjectMembers(text, at: place.node + 1)
    }
  }

  /// The name of the first member whose number is not among those taken, nil where all are.
  /// - Parameters:
  ///   - taken: a bit for each of the first 64 members.
  ///   - further: the numbers of further ones.
  func firstName(without taken: UInt64, _ further: [Int]) -> String? {
    func isTaken(_ number: Int) -> Bool {
      number < 64 ? taken & 1 << UInt64(number) != 0 : further.contains(number)
    }
    switch self {
    case .tree(let members):
      return members.indices.first { !isTaken($0) }.map { members[$0].name }
    case .text(let text, let object):
      var place = Place(number: 0, node: object + 1)
      let end = text.next(after: object)
      while place.node < end {
        if !isTaken(place.number) { return text.string(at: place.node) }
        place = text.place(after: place)
      }
      return nil
    }
  }

  /// A name that two members have, nil where there is none.
  var duplicate: String? {
    switch self {
    case .tree(let members): JSONValue.duplicate(among: members)
    case .text(let text, let object): text.duplicate(in: object)
    }
  }
}

extension JSONText {
  func place(after place: ObjectMembers.Place) -> ObjectMembers.Place {
    ObjectMembers.Place(number: place.number + 1, node: next(after: place.node + 1))
  }

  /// The first member of that name, as ``ObjectMembers/place(of:after:)`` has it.
  func place(
    of name: String, in object: Int, after last: ObjectMembers.Place?
  ) -> ObjectMembers.Place? {
    let bytes = name.utf8.span
    let mark = Node.mark(bytes)
    let end = next(after: object)
    let first = ObjectMembers.Place(number: 0, node: object + 1)
    let expected = last.map(place(after:)) ?? first
    if expected.node < end, isString(at: expected.node, bytes, mark: mark) { return expected }
    var place = first
    while place.node < end {
      if isString(at: place.node, bytes, mark: mark) { return place }
      place = self.place(after: place)
    }
    return nil
  }
}

extension String {
  /// Whether a C0 control or DEL stands in it.
  var hasControlCharacters: Bool {
    let bytes = utf8.span
    var controls: UInt8 = 0
    for index in bytes.indices {
      // An index of the bytes' own; without its check eight of them are looked at together.
      let byte = unsafe bytes[unchecked: index]
      controls |= byte < 0x20 || byte == 0x7F ? 1 : 0
    }
    return controls != 0
  }
}
