import Sealing
import Testing

/// An object that is written at once has the bytes of its tree.
struct JSONBytesTests {
  private static let numbers: [Int64] = [
    0, 1, -1, 9, 10, -10, 99, 100, 1_700_000_000, .max, .min, .max - 1, .min + 1,
  ]
  private static let texts = [
    "", "plain", "\"", "\\", "\n\r\t\u{0}\u{1F}", "\u{7F}", "\u{E9}e\u{301}", "\u{6C99}\u{1F600}",
    "</script>",
    String(repeating: "long ", count: 500) + "\"",
  ]

  private static func write(_ sink: inout some MemberSink) {
    for number in numbers { sink.add("n", number: number) }
    for text in texts {
      sink.add("t", text: text)
    }
    sink.add("none", text: nil)
    sink.add("none", number: nil)
    sink.add("none", nil as JSONValue?)
    sink.add("value", ["a": [1, true, .null], "b": .object([])])
    sink.add("empty", [Int]()) { _, _ in }
    sink.add("hollow", [1, 2]) { _, _ in }
    sink.add("list", [1, 2, 3]) { number, inner in
      inner.add("number", number: Int64(number))
      inner.add("inside", [number]) { $1.add("deep", number: Int64($0)) }
      inner.add("after", text: "it")
    }
    sink.add("object") { inner in
      inner.add("one", number: 1)
      inner.add("none") { _ in }
      inner.add("two", number: 2)
    }
    sink.add("last", number: 1)
  }

  @Test func `whatever its members are`() {
    #expect(JSONBytes { Self.write(&$0) }.bytes == JSONValue { Self.write(&$0) }.serialized)
    #expect(JSONBytes { _ in }.bytes == Array("{}".utf8))
  }
}
