import Sealing
import Testing

struct Base64Tests {
  /// RFC 4648 section 10, and one text with both letters in which the alphabets differ.
  private static let known: [(bytes: [UInt8], standard: String, url: String)] = [
    ([], "", ""),
    (Array("f".utf8), "Zg==", "Zg"),
    (Array("fo".utf8), "Zm8=", "Zm8"),
    (Array("foo".utf8), "Zm9v", "Zm9v"),
    (Array("foob".utf8), "Zm9vYg==", "Zm9vYg"),
    (Array("fooba".utf8), "Zm9vYmE=", "Zm9vYmE"),
    (Array("foobar".utf8), "Zm9vYmFy", "Zm9vYmFy"),
    ([0xFB, 0xEF, 0xBE, 0xFF, 0xFF, 0xFF], "++++////", "----____"),
  ]

  @Test func `known texts are written and read`() {
    for (bytes, standard, url) in Self.known {
      #expect(Base64.encode(bytes, .standard) == standard)
      #expect(Base64.encode(bytes, .url) == url)
      #expect(Base64.decode(standard.utf8, .standard) == bytes)
      #expect(Base64.decode(url.utf8, .url) == bytes)
    }
    #expect(Self.known.count == 8)
  }

  @Test(arguments: [
    "Zg==", "Zm8=", "Zg=", "=", "A", "AAAAA", "Zm9v=", "Zm 9v", " Zm9v", "Zm9v ", "Zm9v\n",
    "Zm9v\r\n", "Zm\n9v", "Zm9+", "Zm9/", "Zm9v.", "Zm9é", "Zm\u{0}v", "Zm9v====", "%5A",
  ])
  func `base64url takes no padding, white space or other letter`(_ text: String) {
    #expect(Base64.decode(text.utf8, .url) == nil)
  }

  @Test(arguments: [
    "Zg", "Zg=", "Zm8", "Zm9vYg", "Zm-v", "Zm_v", "Zg=a", "=Zg=", "Z===", "====", "Zm9v====",
    "Zm9v\n", "Zm 9",
  ])
  func `base64 takes no missing padding, white space or other letter`(_ text: String) {
    #expect(Base64.decode(text.utf8, .standard) == nil)
  }

  @Test func `of all spellings of the same bytes only the canonical one is read`() {
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
    var readable = 0
    for last in alphabet {
      if Base64.decode([UInt8(ascii: "A"), last], .url) != nil { readable += 1 }
    }
    #expect(readable == 4)
    readable = 0
    for last in alphabet {
      if Base64.decode([UInt8(ascii: "A"), UInt8(ascii: "A"), last], .url) != nil { readable += 1 }
    }
    #expect(readable == 16)
  }

  @Test func `all short byte strings survive both alphabets`() {
    for first in 0...255 {
      for count in 0...4 {
        let bytes = (0..<count).map { UInt8(truncatingIfNeeded: first + $0 * 97) }
        #expect(Base64.decode(Base64.encodedBytes(bytes, .url), .url) == bytes)
        #expect(Base64.decode(Base64.encodedBytes(bytes, .standard), .standard) == bytes)
      }
    }
  }

  @Test func `a digest is 32 bytes in canonical base64url and nothing else`() {
    let text = String(repeating: "A", count: 43)
    #expect(Digest(base64URL: text)?.text == text)
    for wrong in ["", String(text.dropLast()), text + "A", text + "=", text.dropLast() + "B"] {
      #expect(Digest(base64URL: wrong) == nil, "\(wrong)")
    }
  }
}
