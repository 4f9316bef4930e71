import Libcrypto
import Sealing
import Testing
import TestSupport

/// What mail and editors do to a file, and what must come out of it.
struct ArmourTests {
  static let blocks = [
    ArmourBlock(kind: .keyset, document: "{\"payload\":\"e30\",\"signatures\":[]}"),
    ArmourBlock(kind: .license, document: "eyJhbGciOiJFZERTQSJ9.e30.AAAA-_AAAA" + filler),
  ]
  private static let filler = String(repeating: "x", count: 60)

  private static func read(_ text: String) -> Result<[ArmourBlock], Refusal> {
    Result { () throws(Refusal) in try Armour.read(Array(text.utf8)) }
  }

  private static func lines(_ change: (String) -> String) -> String {
    Armour.write(blocks).split(separator: "\n", omittingEmptySubsequences: false)
      .map { change(String($0)) }.joined(separator: "\n")
  }

  @Test func `a file is BEGIN, lines of 64 columns, a checksum and END`() {
    let block = ArmourBlock(kind: .license, document: String(repeating: "a", count: 60))
    let row = String(repeating: "YWFh", count: 16)
    #expect(
      Armour.write([block])
        == "-----BEGIN TALLY LICENSE-----\n\(row)\nYWFhYWFhYWFhYWFh\n=1f98bd29\n"
        + "-----END TALLY LICENSE-----\n")
  }

  @Test func `every kind of document survives, of every small length`() throws {
    for kind in DocumentKind.allCases {
      for count in 1...100 {
        let blocks = [ArmourBlock(kind: kind, document: String(repeating: "q", count: count))]
        #expect(try Armour.read(Array(Armour.write(blocks).utf8)) == blocks)
      }
    }
  }

  private static let harmless: [(what: String, text: String)] = [
    ("line ends of Windows", lines { $0 + "\r" }),
    ("line ends of old Macs", Armour.write(blocks).replacing("\n", with: "\r")),
    ("blank lines", lines { $0 + "\n\n" }),
    ("blank lines of spaces", lines { $0 + "\n  \t\n" }),
    ("indentation", lines { "    " + $0 }),
    ("tabs", lines { "\t" + $0 }),
    ("spaces at the end", lines { $0 + "  " }),
    ("quoting", lines { "> " + $0 }),
    ("quoting twice", lines { ">> " + $0 }),
    ("quoting of quoting", lines { "> > > " + $0 }),
    ("all dashes eaten", lines { $0.replacing("-----", with: "") }),
    ("dashes turned into one", lines { $0.replacing("-----", with: "\u{2014}") }),
    ("dashes turned into en dashes", lines { $0.replacing("--", with: "\u{2013}") }),
    ("dashes set as a list", lines { $0.hasPrefix("-----") ? "- " + $0 : $0 }),
    ("a byte order mark", "\u{FEFF}" + Armour.write(blocks)),
    (
      "prose around it",
      "Dear customer,\r\n\r\nhere is your license - keep it.\r\n\r\n" + Armour.write(blocks)
        + "\r\n-- \r\nThe vendor\r\nTALLY is a trademark of somebody or other.\r\n"
    ),
    ("our name in prose", "Your TALLY license:\n" + Armour.write(blocks) + "TALLY Ltd\n"),
    ("prose between", Armour.write([blocks[0]]) + "and now\n" + Armour.write([blocks[1]])),
    ("no final line feed", String(Armour.write(blocks).dropLast())),
    ("other columns", lines { $0.count == 64 ? "\($0.prefix(13))\n\($0.dropFirst(13))" : $0 }),
  ]

  @Test func `what mail does to text does no harm`() {
    #expect(Self.harmless.count == 20)
    for (what, text) in Self.harmless {
      #expect((try? Self.read(text).get()) == Self.blocks, "\(what)")
    }
  }

  @Test func `a bare document is taken as it is`() throws {
    let vendor = try SlotVendor()
    let license = try vendor.seal(Slot<LicenseKind>())
    let keyset = try ForgedDocument.keyset(vendor.keyset, signedBy: [vendor.root])
    for (text, kind) in [(license, DocumentKind.license), (keyset, .keyset)] {
      let block = [ArmourBlock(kind: kind, document: text)]
      for around in [("", ""), ("", "\n"), ("", "\r\n"), ("\n  ", "\n\n"), ("\u{FEFF}", "")] {
        #expect(try Armour.read(Array((around.0 + text + around.1).utf8)) == block)
      }
    }
  }

  @Test func `a bare document says why it is none of ours`() throws {
    let kid = try SlotVendor().root.thumbprint
    let cases: [(header: String, refusal: Refusal)] = [
      (#"{"alg":"EdDSA","kid":"\#(kid)","typ":"JWT"}"#, Refusal(.wrongKind, "JWT")),
      (#"{"alg":"none","kid":"\#(kid)","typ":"tally-license+jwt"}"#, .malformed("header.alg")),
      (
        #"{"alg":"EdDSA","kid":"\#(kid)","typ":"tally-license+jwt","jku":"x"}"#,
        .malformed("header.jku")
      ),
    ]
    #expect(cases.count == 3)
    for (header, expected) in cases {
      let text = Base64.encode(Array(header.utf8), .url) + ".e30.AAAA\n"
      let refusal = #expect(throws: Refusal.self) { try Self.read(text).get() }
      #expect(refusal == expected)
      #expect(refusal?.message.contains(expected.message) == true, "\(header)")
    }
  }

  @Test(arguments: ["", "\n", "   ", "hello", "{", "{}", "a.b.c", "..", "\u{FEFF}", "=0a0b0c"])
  func `a file without any document is malformed`(_ text: String) {
    #expect(throws: Refusal.malformed("")) { try Self.read(text).get() }
  }

  @Test func `bytes that are no text are damaged`() {
    for bytes in [[0xFF, 0xFE, 0x00], [0x80], Array("abc".utf8) + [0xC0, 0xAF]] as [[UInt8]] {
      #expect(throws: Refusal(.damaged, "")) { try Armour.read(bytes) }
    }
  }

  @Test func `what is torn apart or mixed up is damaged`() {
    let first = Armour.write([Self.blocks[0]])
    let second = Armour.write([Self.blocks[1]])
    let body = second.split(separator: "\n").map(String.init)
    let torn = [
      first + body[0], body.dropLast().joined(separator: "\n"),
      body.dropFirst().joined(separator: "\n"), first + body.dropFirst().joined(separator: "\n"),
      body[0] + "\n" + first, (body + [body[0]]).joined(separator: "\n"),
      second.replacing("END TALLY LICENSE", with: "END TALLY RELEASE"),
      second.replacing("BEGIN TALLY LICENSE", with: "BEGIN TALLY RELEASE"),
      second.replacing("BEGIN TALLY LICENSE", with: "BEGIN TALLY LICENCE"),
      second.replacing("=", with: ""),
      ([body[0], body[1]] + [body[1]] + body[2...])
        .joined(separator: "\n"),
      [body[0], body[2], body[1], body[3], body[4]].joined(separator: "\n"),
      [body[0], body[1], body[3], body[4]].joined(separator: "\n"),
    ]
    #expect(body.count == 5)
    for text in torn {
      #expect(throws: Refusal(.damaged, ""), "\(text)") { try Self.read(text).get() }
    }
  }

  @Test func `a block far larger than its document may be is refused while it is read`() {
    let row = String(repeating: "A", count: 64) + "\n"
    let text =
      "-----BEGIN TALLY LICENSE-----\n" + String(repeating: row, count: 3000)
      + "=00000000\n-----END TALLY LICENSE-----\n"
    #expect(throws: Refusal.malformed("")) { try Self.read(text).get() }
  }
}
