import Metering
import Sealing
import Testing

/// Bodies read in one pass come out as those that are read value by value.
@Suite struct BeatScannerTests {
  private func compare(_ body: [UInt8]) throws -> Bool {
    guard let beats = BeatScanner.scan(body) else { return false }
    let text = String(decoding: body, as: UTF8.self)
    let general = try? NativeBeats.parseGenerally(body)
    try #require(general == beats, "\(text)")
    return true
  }

  @Test(arguments: [
    #"{"collector":"a"}"#, #"[{"collector":"a"}]"#, " [ ] ", "[]\n",
    #"{"collector":"a","kind":"otel","weight":4,"bye":true,"version":"1","host":"h","run":"r"}"#,
    #"{"run":"r","host":"h","version":"1","bye":false,"weight":65535,"kind":"b","collector":"a"}"#,
    "\n{\"collector\":\"a\"}\r\n \n\t{ \"collector\" : \"b\" , \"weight\" : 12 } \n",
    "[ {\n\"collector\" : \"a\"\n}\n,\n{\"collector\":\"主机-1\",\"host\":\"é\"}]",
    #"{"collector":"abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJ !#$%&'()*+,-./:;<=>?@[]^_`{|}~"}"#,
    #"{"collector":"a","version":"","host":""}"#,
  ])
  func `the common form is read in one pass`(_ body: String) throws {
    #expect(try compare(Array(body.utf8)))
  }

  @Test(arguments: [
    "", " ", "{}", "null", #"{"collector":""}"#, #"{"collector":"a\u0062"}"#,
    #"{"collector":"a"},"#,
    #"{"collector":"a","collector":"a"}"#, #"{"collector":"a","weight":1.5}"#, "[",
    #"{"collector":"a","weight":01}"#, #"{"collector":"a","weight":-1}"#, #"{"collector":"a"}x"#,
    #"{"collector":"a","weight":0}"#, #"{"collector":"a","weight":65536}"#,
    #"{"collector":"a","weight":1234567890}"#,
    #"{"collector":"a""#,
    #"{"collector":"a","bye":1}"#, #"{"collector":"a","new":{"b":[1]}}"#, #"{"collector":"a",}"#,
    #"{"collector":"a","kind":""}"#, #"{"collector":"a","kind":"A"}"#, "[{\"collector\":\"a\"},]",
    "{\"collector\":\"a\u{7F}\"}", "{\"collector\":\"a\tb\"}", "{\n\"collector\":\"a\"}",
    #"{"collector":"a"}{"collector":"b"}"#, #"{"collector":"a","bye":tru}"#, #"{"collectors":"a"}"#,
    #"[{"collector":"a"}]{"collector":"a"}"#, #"{"collector":"a","weight":"2"}"#, "\u{FEFF}[]",
  ])
  func `any other form is left to the general reader`(_ body: String) {
    #expect(BeatScanner.scan(Array(body.utf8)) == nil)
  }

  @Test func `bytes that are not UTF-8 are left to the general reader`() {
    let text = Array(#"{"collector":"ab"}"#.utf8)
    for bad in [[0xFF], [0xC3], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xE4, 0xB8]] as [[UInt8]] {
      #expect(BeatScanner.scan(text.prefix(15) + bad + text.dropFirst(15)) == nil)
    }
  }

  @Test func `a name is taken up to its greatest length, and notes up to theirs`() throws {
    for length in [1, 7, 8, 9, 63, 64, 65, CollectorIdentity.maximumLength] {
      let name = String(repeating: "n", count: length)
      #expect(try compare(Array("{\"collector\":\"\(name)\"}".utf8)))
    }
    for length in [255, 256, 257] {
      let host = String(repeating: "h", count: length)
      let body = Array("{\"collector\":\"a\",\"host\":\"\(host)\"}".utf8)
      #expect(try compare(body))
      #expect(BeatScanner.scan(body)?.first?.host == (length > 256 ? nil : host))
    }
    let long = String(repeating: "n", count: CollectorIdentity.maximumLength + 1)
    #expect(BeatScanner.scan(Array("{\"collector\":\"\(long)\"}".utf8)) == nil)
  }

  @Test func `a body of more than ten thousand beats is left to the general reader`() {
    let line = "{\"collector\":\"a\"}\n"
    #expect(BeatScanner.scan(Array(String(repeating: line, count: 10_000).utf8))?.count == 10_000)
    #expect(BeatScanner.scan(Array(String(repeating: line, count: 10_001).utf8)) == nil)
  }

  private static let names = [
    #""collector":"a""#, #""collector":"host-1.example.com""#, #""collector":"主机""#,
    #""kind":"otel""#,
  ]
  private static let members = [
    #""kind":"datakit""#, #""kind":"otel""#, #""weight":1"#, #""weight":4096"#, #""weight":2.5"#,
    #""bye":true"#, #""bye":false"#, #""version":"1.80.0""#, #""host":"h""#, #""run":"r\n""#,
    #""new":null"#, #""host":7"#, #""collector" : "spaced""#, #""k\u0069nd":"x""#,
  ]

  @Test func `random bodies, and bytes of them changed, come out as they do in general`() throws {
    var random = SeededRandom(seed: 4)
    var scanned = 0
    for _ in 0..<20_000 {
      let objects = (0..<Int.random(in: 1...4, using: &random)).map { _ in
        let others = Self.members.shuffled(using: &random)
          .prefix(Int.random(in: 0...2, using: &random))
        let members = [Self.names.randomElement(using: &random) ?? ""] + others
        return "{\(members.joined(separator: [",", ", "].randomElement(using: &random) ?? ","))}"
      }
      let isArray = random.chance(1, in: 3)
      let text = isArray ? "[\(objects.joined(separator: ","))]" : objects.joined(separator: "\n")
      var body = Array(text.utf8)
      if random.chance(1, in: 2) {
        let index = Int.random(in: body.indices, using: &random)
        let other = #"{}[]",: \ax1"#.utf8.randomElement(using: &random) ?? 0
        body[index] = random.chance(1, in: 4) ? UInt8.random(in: 0...255, using: &random) : other
      }
      if try compare(body) { scanned += 1 }
    }
    #expect(scanned > 1000)
  }
}
