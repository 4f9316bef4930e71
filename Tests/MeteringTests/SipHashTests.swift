import Metering
import Testing

@Suite struct SipHashTests {
  @Test func `digests of every length agree with OpenSSL`() throws {
    let key = try #require(SipHash.Key(Array(0..<16)))
    let lines = String(decoding: try TestFiles.bytes("Vectors/siphash128.txt"), as: UTF8.self)
      .split(separator: "\n")
    #expect(lines.count == 64)
    for (length, line) in lines.enumerated() {
      let (first, second) = SipHash.digest(of: Array((0..<64).prefix(length)), key: key)
      let bytes = [first, second].flatMap { word in
        (0..<8).map { UInt8(truncatingIfNeeded: word >> ($0 * 8)) }
      }
      let text = bytes.map { byte in
        let digits = String(byte, radix: 16, uppercase: true)
        return digits.utf8.count == 1 ? "0\(digits)" : digits
      }.joined()
      #expect(text == line, "\(length) bytes")
    }
  }

  @Test func `a key has 16 bytes`() {
    #expect(SipHash.Key(Array(repeating: 0, count: 15)) == nil)
    #expect(SipHash.Key(Array(repeating: 0, count: 17)) == nil)
  }

  @Test func `identities that differ in kind or bytes have other digests`() throws {
    let key = try #require(SipHash.Key(Array(0..<16)))
    let other = try #require(SipHash.Key(Array(1...16)))
    let one = try #require(CollectorIdentity(kind: "a", text: "bc"))
    let two = try #require(CollectorIdentity(kind: "ab", text: "c"))
    // NFC and NFD of é are two collectors.
    let composed = try #require(CollectorIdentity(kind: "a", text: "\u{E9}"))
    let decomposed = try #require(CollectorIdentity(kind: "a", text: "e\u{301}"))
    #expect(CollectorID(one, key: key) == CollectorID(one, key: key))
    #expect(CollectorID(one, key: key) != CollectorID(two, key: key))
    #expect(CollectorID(one, key: key) != CollectorID(one, key: other))
    #expect(composed != decomposed)
    #expect(CollectorID(composed, key: key) != CollectorID(decomposed, key: key))
    #expect(CollectorID(CollectorID(one, key: key).bytes) == CollectorID(one, key: key))
    #expect(CollectorID([1, 2, 3]) == nil)
  }

  @Test func `an identity keeps its bounds`() {
    let long = String(repeating: "x", count: CollectorIdentity.maximumLength)
    #expect(CollectorIdentity(kind: "a", text: long) != nil)
    #expect(CollectorIdentity(kind: "a", text: long + "x") == nil)
    #expect(CollectorIdentity(kind: "a", text: "") == nil)
    for kind in ["", "A", "a b", "é", String(repeating: "a", count: 33)] {
      #expect(CollectorIdentity(kind: kind, text: "x") == nil, "\(kind)")
    }
  }
}
