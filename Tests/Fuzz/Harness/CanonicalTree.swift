internal import Licensing
internal import Sealing

extension JSONValue {
  /// The tree with the members of every object in the order of their names: two texts that say the same
  /// have the same bytes then, whatever their white space, escapes and order.
  var sorted: JSONValue {
    switch self {
    case .object(let members):
      .object(
        members.map { JSONMember($0.name, $0.value.sorted) }
          .sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) })
    case .array(let elements): .array(elements.map(\.sorted))
    case .null, .bool, .number, .string: self
    }
  }

  /// The tree with a member added where it is absent.
  func filling(_ name: String, _ value: JSONValue) -> JSONValue {
    guard case .object(let members) = self, self[name] == nil else { return self }
    return .object(members + [JSONMember(name, value)])
  }

  /// The tree with one member changed.
  func changing(_ name: String, _ change: (JSONValue) -> JSONValue) -> JSONValue {
    guard case .object(let members) = self else { return self }
    return .object(
      members.map {
        $0.name.isSameBytes(as: name) ? JSONMember($0.name, change($0.value)) : $0
      })
  }

  /// A license's tree with every default written out, as Docs/Formats.md has them.
  var fillingLicenseDefaults: JSONValue {
    let isPayg = self["edition"]?.string == "payg"
    return filling("gaps", isPayg ? "carry" : "observed")
      .filling("activation", isPayg ? "required" : "optional")
      .filling("enforce", "start")
      .filling("reporting", ["mode": "offline"])
      .changing("collectors") { $0.filling("window", 300).filling("dwell", 0) }
  }
}
