import Licensing
import Sealing
import TestSupport
import Testing

/// A payload is read from its text without a tree of it; both ways must come to the same.
struct ReadingTests {
  /// The same numbers for the same seed (SplitMix64).
  private struct Seeded: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
      state &+= 0x9E37_79B9_7F4A_7C15
      var mixed = state
      mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
      mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
      return mixed ^ mixed >> 31
    }
  }

  private static let values: [JSONValue] = [
    .null, true, 0, 1, -1, 300, .integer(Int64.max), .number("1.0"), .number("1e3"), "", "payg",
    "observed", "2026-11-21", "\u{7F}", "lic_1", "UTC", "\u{E9}", "e\u{301}", [], .object([]),
    ["from": "2026-11-21", "through": "2027-11-20"], ["mode": "offline"],
  ]

  /// Changes one or two members: another value, another place, twice, or gone.
  private static func mutated(_ payload: JSONValue, _ random: inout Seeded) -> JSONValue {
    guard case .object(var members) = payload else { return payload }
    for _ in 0...Int.random(in: 0...1, using: &random) where !members.isEmpty {
      let index = Int.random(in: 0..<members.count, using: &random)
      let value = values.randomElement(using: &random) ?? .null
      switch Int.random(in: 0...6, using: &random) {
      case 0: members.remove(at: index)
      case 1: members.append(JSONMember(members[index].name, value))
      case 2: members.append(JSONMember("\(members[index].name) ", value))
      case 3: members.swapAt(index, Int.random(in: 0..<members.count, using: &random))
      case 4: members[index].value = mutated(members[index].value, &random)
      default: members[index].value = value
      }
    }
    return .object(members)
  }

  /// What ``SealedPayload/parse(_:)`` does, on the tree.
  private static func tree<Payload: SealedPayload>(
    _ text: [UInt8], as type: Payload.Type
  ) throws(Refusal) -> Payload {
    let value = try JSONScanner.scan(text, maximumDepth: SealedLimits.depth)
    try value.requireDocumentShape()
    var reader = try ObjectReader(value)
    _ = try reader.integer("ver", in: 1...1)
    let payload = try Payload(reading: &reader)
    try reader.end()
    return payload
  }

  private static func hold<Payload: SealedPayload>(
    _ payload: Payload, _ random: inout Seeded
  ) -> Bool {
    // `ver` stays: what a higher one does is another test's matter.
    var json = mutated(.object(payload.members), &random)
    if case .object(let members) = json { json = .object([JSONMember("ver", 1)] + members) }
    let text = json.serialized
    let direct = Result { () throws(Refusal) in try Payload.parse(text) }
    let tree = Result { () throws(Refusal) in try Self.tree(text, as: Payload.self) }
    switch (direct, tree) {
    case (.success(let direct), .success(let tree)):
      #expect(direct == tree, "\(json.text)")
      return true
    case (.failure(let direct), .failure(let tree)):
      #expect(direct == tree && direct.message == tree.message, "\(json.text)")
    case (.success, .failure), (.failure, .success):
      Issue.record("\(direct) but \(tree): \(json.text)")
    }
    return false
  }

  @Test(arguments: Edition.allCases)
  func `a license reads the same from its text and from a tree of it`(_ edition: Edition) throws {
    var random = Seeded(state: 40)
    let license = try Sample.license(edition)
    let accepted = (0..<4000).count { _ in Self.hold(license, &random) }
    #expect((200..<3800).contains(accepted), "\(accepted)")
  }

  @Test func `a release reads the same from its text and from a tree of it`() throws {
    var random = Seeded(state: 41)
    var release = try Sample.release()
    release.coveredAsOf = release.released
    release.commit = "0123abc"
    let accepted = (0..<4000).count { _ in Self.hold(release, &random) }
    #expect((200..<3800).contains(accepted), "\(accepted)")
  }
}
