import Foundation
import Libcrypto
import Sealing
import Testing

/// Examples of the standards.
struct StandardVectorTests {
  private struct Example: Decodable {
    struct Input: Decodable {
      struct Key: Decodable {
        let x: String
        let d: String
      }
      let payload: String
      let key: Key
    }
    struct Signing: Decodable {
      let sigInput: String
      let sig: String

      enum CodingKeys: String, CodingKey {
        case sigInput = "sig-input"
        case sig
      }
    }
    struct Output: Decodable {
      let compact: String
    }
    let input: Input
    let signing: Signing
    let output: Output
  }

  private let example: Example
  private let crypto = LibcryptoProvider()

  init() throws {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("Vectors/jose-cookbook/jws.json")
    example = try JSONDecoder().decode(Example.self, from: Data(contentsOf: file))
  }

  private func key() throws -> PublicKey {
    try PublicKey(jwk: ["crv": "Ed25519", "kty": "OKP", "x": .string(example.input.key.x)])
  }

  @Test func `the key of RFC 8037 has the thumbprint of its appendix A-3`() throws {
    #expect(
      try key().thumbprint(using: crypto).text == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k")
  }

  @Test func `the signature of RFC 8037 appendix A-5 verifies`() throws {
    let signature = try #require(Base64.decode(example.signing.sig.utf8, .url))
    let input = Array(example.signing.sigInput.utf8)
    #expect(crypto.verify(signature, of: input, by: try key()))
    #expect(!crypto.verify(signature, of: input + [0], by: try key()))
    #expect(!crypto.verify(signature + [0], of: input, by: try key()))
    #expect(!crypto.verify([], of: input, by: try key()))
    for index in signature.indices {
      var changed = signature
      changed[index] ^= 1
      #expect(!crypto.verify(changed, of: input, by: try key()))
    }
  }

  @Test func `the secret half of RFC 8037 has its public half`() throws {
    let seed = try #require(Base64.decode(example.input.key.d.utf8, .url))
    #expect(try InstallationKey(seed: seed).publicKey == key())
  }

  @Test func `the document of RFC 8037 is none of ours for want of a key's name and a kind`() {
    #expect(throws: Refusal.malformed("")) {
      try UnverifiedDocument(Array(example.output.compact.utf8), as: .license)
    }
  }

  @Test func `digests are those of FIPS 180-4`() {
    #expect(
      Hexadecimal.encode(crypto.sha256(Array("abc".utf8)).bytes)
        == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    #expect(
      Hexadecimal.encode(crypto.sha256([]).bytes)
        == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
  }

  @Test func `message authentication is that of RFC 4231`() {
    let short = crypto.hmacSHA256(
      key: Array("Jefe".utf8), Array("what do ya want for nothing?".utf8))
    #expect(
      Hexadecimal.encode(short.bytes)
        == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")
    let long = crypto.hmacSHA256(
      key: [UInt8](repeating: 0xAA, count: 131),
      Array("Test Using Larger Than Block-Size Key - Hash Key First".utf8))
    #expect(
      Hexadecimal.encode(long.bytes)
        == "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54")
    #expect(crypto.hmacSHA256(key: [], []).bytes.count == 32)
  }
}
