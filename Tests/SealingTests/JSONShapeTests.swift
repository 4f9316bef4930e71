import Sealing
import Testing

/// What a sealed document must be beyond the grammar.
struct JSONShapeTests {
  private static func shaped(_ text: String) throws(Refusal) -> JSONValue {
    let value = try JSONScanner.scan(Array(text.utf8))
    try value.requireDocumentShape()
    return value
  }

  @Test(arguments: [
    "{\"a\":1,\"a\":1}", "{\"a\":1,\"\\u0061\":2}", "{\"\\u0061\":1,\"\\u0061\":2}",
    "{\"o\":{\"a\":1,\"a\":2}}", "[{\"a\":1,\"a\":2}]", "{\"\":1,\"\":2}",
    "{\"/\":1,\"\\/\":2}", "{\"\\ud83d\\ude00\":1,\"😀\":2}",
  ])
  func `a member that stands twice is malformed`(_ text: String) {
    #expect(throws: Refusal.malformed("")) { try Self.shaped(text) }
  }

  @Test func `spellings that only look alike are different members`() throws {
    let composed = "{\"\u{E9}\":1,\"e\u{301}\":2}"
    let value = try Self.shaped(composed)
    #expect(value["\u{E9}"]?.integer == 1)
    #expect(value["e\u{301}"]?.integer == 2)
  }

  @Test(arguments: [
    "1.0", "1e2", "1E2", "-0", "0.5", "9223372036854775808", "-9223372036854775809",
    "1e-2", "100000000000000000000",
  ])
  func `a number that is not a whole one in canonical form is malformed`(_ text: String) {
    #expect(throws: Refusal.malformed("")) { try Self.shaped("[\(text)]") }
  }

  @Test(arguments: [
    ("0", Int64(0)), ("-1", -1), ("9223372036854775807", .max), ("-9223372036854775808", .min),
  ])
  func `a whole number keeps its value`(_ text: String, _ value: Int64) throws {
    #expect(try Self.shaped(text).integer == value)
  }

  @Test func `null has no place in a document`() {
    #expect(throws: Refusal.malformed("")) { try Self.shaped("{\"a\":null}") }
  }

  @Test func `nesting is bounded where it is said to be`() throws {
    for depth in 1...12 {
      let text = String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
      let isAccepted = (try? JSONScanner.scan(Array(text.utf8), maximumDepth: 8)) != nil
      #expect(isAccepted == (depth <= 8), "\(depth)")
    }
  }

  @Test func `a million open brackets are refused without a deep stack`() {
    let text = [UInt8](repeating: UInt8(ascii: "["), count: 1_000_000)
    #expect(throws: Refusal.malformed("")) { try JSONScanner.scan(text) }
  }

  @Test func `members left over are refused by name`() throws {
    var reader = try ObjectReader(try Self.shaped("{\"known\":1,\"other\":2}"), at: "part")
    _ = try reader.integer("known", in: 0...9)
    let refusal = #expect(throws: Refusal.self) { try reader.end() }
    #expect(refusal?.message.contains("part.other") == true)
  }
}
