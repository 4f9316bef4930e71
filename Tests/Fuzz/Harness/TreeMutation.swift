internal import Sealing

/// Changes a JSON text at one place of its tree, so that the rest stays what a strict reader takes.
enum TreeMutation {
  private static let numbers: [Int64] = [
    -1, 0, 1, 2, 16, 17, 86_400, 253_402_300_799, 253_402_300_800, 9_007_199_254_740_991,
    9_007_199_254_740_992, .max, .min,
  ]

  /// - Returns: nil for what is no JSON.
  static func changing(
    _ text: [UInt8], choice: UInt32, _ change: ([UInt8]) -> [UInt8]
  ) -> [UInt8]? {
    guard let value = try? JSONScanner.scan(text) else { return nil }
    var place = Int(choice >> 8) % max(value.places, 1)
    return value.replacing(&place) { mutated($0, choice & 0xFF, change) }.serialized
  }

  private static func mutated(
    _ value: JSONValue, _ choice: UInt32, _ change: ([UInt8]) -> [UInt8]
  ) -> JSONValue {
    switch value {
    case .string(let text):
      return .string(String(decoding: change(Array(text.utf8)), as: UTF8.self))
    case .number where choice % 2 == 0:
      return .integer(numbers[Int(choice / 2) % numbers.count])
    case .number(let literal):
      return .number(String(decoding: change(Array(literal.utf8)), as: UTF8.self))
    case .array(var elements):
      guard let first = elements.first else { return .array([.integer(1)]) }
      if choice % 2 == 0 { elements.removeLast() } else { elements.append(first) }
      return .array(elements)
    case .object(var members):
      guard !members.isEmpty else { return .object([JSONMember("ver", .integer(1))]) }
      let index = Int(choice / 4) % members.count
      switch choice % 4 {
      case 0: members.remove(at: index)
      case 1: members.append(members[index])
      case 2: members.swapAt(0, index)
      default:
        let name = change(Array(members[index].name.utf8))
        members[index].name = String(decoding: name, as: UTF8.self)
      }
      return .object(members)
    case .bool(let value): return .bool(!value)
    case .null: return .bool(true)
    }
  }
}

extension JSONValue {
  /// How many values the tree has, itself among them.
  fileprivate var places: Int {
    switch self {
    case .array(let elements): elements.reduce(1) { $0 + $1.places }
    case .object(let members): members.reduce(1) { $0 + $1.value.places }
    case .null, .bool, .number, .string: 1
    }
  }

  /// Replaces the value whose number in depth-first order is `place`, which counts down to it.
  fileprivate func replacing(
    _ place: inout Int, _ change: (JSONValue) -> JSONValue
  ) -> JSONValue {
    place -= 1
    if place == -1 { return change(self) }
    switch self {
    case .array(let elements): return .array(elements.map { $0.replacing(&place, change) })
    case .object(let members):
      return .object(
        members.map { JSONMember($0.name, $0.value.replacing(&place, change)) })
    case .null, .bool, .number, .string: return self
    }
  }
}
