import Sealing
import Testing

/// The scanner against a naive reader of the same grammar, on texts that are nearly right.
struct ScannerPropertyTests {
  private static let seeds = [
    #"{"ver":1,"iss":"https://license.vendor.example","term":{"from":"2026-11-21"},"n":[1,-2,0]}"#,
    #"{"a":[true,false,null,{"b":{}}],"c":"\"\\\/\b\f\n\r\t","d":"\u0041\u00e9\ud83d\ude00"}"#,
    "{\"name\":\"\u{E9}e\u{301} \u{7684} \u{1F600}\",\"name\":1.5e+10,\"x\":-0.25E-3, \"y\" : [ ] }",
    #"[[[[[[[[1]]]]]]]]"#, #"[[[[[[[[[1]]]]]]]]]"#,
    "[0,-0,9223372036854775807,-9223372036854775808,9223372036854775808,1e400]",
    #" { "grace_days" : 14 , "customer" : "ACME Ltd" } "#,
  ]

  /// What a change puts in: what the grammar has a word for, and what no text may hold.
  private static let pieces: [[UInt8]] =
    [
      "\"", "\\", "\\\"", "\\u", "\\ud800", "\\udc00", "\\u0000", "{", "}", "[", "]", ":", ",", "0",
      "-", ".", "e", "E", "+", "1", "true", "null", " ", "\n", "\u{FEFF}", "\u{7F}", "\u{E9}", "/",
    ].map { Array($0.utf8) } + [[0x00], [0x1F], [0x80], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xFF]]

  private static func mutated(_ text: [UInt8], _ random: inout SeededRandom) -> [UInt8] {
    var text = text
    for _ in 0...Int.random(in: 0...2, using: &random) {
      let place = Int.random(in: 0...text.count, using: &random)
      let end = Int.random(in: place...min(place + 3, text.count), using: &random)
      let piece = pieces.randomElement(using: &random) ?? []
      switch Int.random(in: 0...3, using: &random) {
      case 0: text.removeSubrange(place..<end)
      case 1: text.insert(contentsOf: piece, at: place)
      case 2: text.replaceSubrange(place..<end, with: piece)
      default: text.insert(contentsOf: text[place...].prefix(12), at: place)
      }
    }
    return text
  }

  @Test(arguments: [UInt64(1), 2, 3, 4])
  func `the scanner takes what a naive reader takes, and reads it the same`(
    _ seed: UInt64
  ) throws {
    var random = SeededRandom(seed: seed)
    var accepted = 0
    for round in 0..<8000 {
      let text = Self.mutated(Array(Self.seeds[round % Self.seeds.count].utf8), &random)
      let naive = NaiveJSON.read(text, maximumDepth: 8)
      let scanned = try? JSONScanner.scan(text, maximumDepth: 8)
      #expect(scanned == naive, "seed \(seed), round \(round): \(text)")
      if naive != nil { accepted += 1 }
    }
    #expect((800..<7200).contains(accepted), "\(accepted)")
  }

  @Test func `both tell the unchanged texts apart as they should`() {
    var accepted = 0
    for seed in Self.seeds {
      let text = Array(seed.utf8)
      let naive = NaiveJSON.read(text, maximumDepth: 8)
      let scanned = try? JSONScanner.scan(text, maximumDepth: 8)
      #expect(scanned == naive, "\(seed)")
      if naive != nil { accepted += 1 }
    }
    #expect(accepted == 6)
  }

  /// Reads the object of a text by the names of its members, and as a tree.
  @Test(arguments: [UInt64(5), 6])
  func `a document reads the same member by member and as a tree`(_ seed: UInt64) throws {
    var random = SeededRandom(seed: seed)
    let slot = Slot<LicenseKind>(epoch: 7, product: "platform")
    var outcomes: [Refusal.Code?: Int] = [:]
    for round in 0..<8000 {
      let text = Self.mutated(slot.json.serialized, &random)
      let direct = Result { () throws(Refusal) in try Slot<LicenseKind>.parse(text) }
      let tree = Result { () throws(Refusal) in try Self.parseTree(text) }
      switch (direct, tree) {
      case (.success(let direct), .success(let tree)):
        #expect(direct == tree, "seed \(seed), round \(round)")
        outcomes[nil, default: 0] += 1
      case (.failure(let direct), .failure(let tree)):
        #expect(direct == tree && direct.message == tree.message, "seed \(seed), round \(round)")
        outcomes[direct.code, default: 0] += 1
      case (.success, .failure), (.failure, .success):
        Issue.record("seed \(seed), round \(round): \(direct) but \(tree)")
      }
    }
    #expect(outcomes[nil, default: 0] > 100 && outcomes[.malformed, default: 0] > 1000)
  }

  /// What ``SealedPayload/parse(_:)`` does, on the tree.
  private static func parseTree(_ text: [UInt8]) throws(Refusal) -> Slot<LicenseKind> {
    let value = try JSONScanner.scan(text, maximumDepth: SealedLimits.depth)
    if let version = value["ver"]?.integer, version > 2 {
      throw Refusal(
        .unsupportedVersion,
        "this license is version \(version); this program reads up to 2: update the program")
    }
    try value.requireDocumentShape()
    var reader = try ObjectReader(value)
    _ = try reader.integer("ver", in: 2...2)
    let slot = try Slot<LicenseKind>(reading: &reader)
    try reader.end()
    return slot
  }

  @Test func `members beyond the sixty-fourth are read and missed like all others`() throws {
    for count in [1, 62, 63, 64, 65, 130] {
      let members = (0..<count).map { JSONMember("member\($0)", .integer($0)) }
      let all = try Sieve.parse(Sieve.text(members, skipping: -1))
      #expect(all.sum == Int64(count * (count - 1) / 2))
      #expect(throws: Refusal.malformed("")) {
        try Sieve.parse(Sieve.text(members + [JSONMember("member0", 1)], skipping: -1))
      }
      for skipped in [0, count / 2, count - 1] {
        let refusal = #expect(throws: Refusal.self) {
          try Sieve.parse(Sieve.text(members, skipping: skipped))
        }
        #expect(refusal?.message == "unknown member member\(skipped)")
      }
    }
  }
}

/// Asks for `member0` to `member199`, the last first, but for the one that it is told to skip.
private struct Sieve: SealedPayload {
  static let kind = DocumentKind.license
  let sum: Int64

  init(reading reader: inout ObjectReader) throws(Refusal) {
    let skipped = try reader.integer("skipped", in: -1...199)
    var sum: Int64 = 0
    for number in (0..<200).reversed() where number != skipped {
      sum += try reader.optionalInteger("member\(number)", in: SealedLimits.counts) ?? 0
    }
    self.sum = sum
  }

  var members: [JSONMember] { [] }

  static func text(_ members: [JSONMember], skipping skipped: Int) -> [UInt8] {
    JSONValue.object(
      [JSONMember("ver", 1), JSONMember("skipped", .integer(skipped))] + members
    ).serialized
  }
}
