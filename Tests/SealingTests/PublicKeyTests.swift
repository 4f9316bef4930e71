import Libcrypto
import Sealing
import Testing
import TestSupport

/// Keys that OpenSSL would load and that must not be trusted.
struct PublicKeyTests {
  /// The y coordinates of the points of small order, RFC 8032 arithmetic, little endian.
  private static let smallOrder = [
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0100000000000000000000000000000000000000000000000000000000000000",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  ]

  private static let encodings: [[UInt8]] = smallOrder.flatMap { text in
    let digits = text.utf8.compactMap(Hexadecimal.value)
    let point = stride(from: 0, to: 64, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
    return [point, point.dropLast() + [point[31] | 0x80]]
  }

  @Test func `the fourteen encodings of points of small order are no keys`() {
    #expect(Set(Self.encodings).count == 14)
    for point in Self.encodings {
      #expect(throws: Refusal(.keyNotAllowed, "")) { try PublicKey(ed25519: point) }
      let jwk: JSONValue = [
        "crv": "Ed25519", "kty": "OKP", "x": .string(Base64.encode(point, .url)),
      ]
      #expect(throws: Refusal(.keyNotAllowed, "")) { try PublicKey(jwk: jwk) }
    }
  }

  @Test func `a signature whose first half is of small order never verifies`() throws {
    let key = try ForgingKey.ed25519(5)
    let message = Array("message".utf8)
    let signature = try key.sign(message)
    let provider = LibcryptoProvider()
    #expect(provider.verify(signature, of: message, by: key.publicKey))
    for point in Self.encodings {
      #expect(!provider.verify(point + signature[32...], of: message, by: key.publicKey))
      let zero = [UInt8](repeating: 0, count: 32)
      #expect(!provider.verify(point + zero, of: message, by: key.publicKey))
    }
  }

  @Test func `a point that is not reduced is no key`() {
    for first in UInt8(0xED)...0xFF {
      for last in [UInt8(0x7F), 0xFF] {
        let point = [first] + [UInt8](repeating: 0xFF, count: 30) + [last]
        #expect(throws: Refusal(.keyNotAllowed, "")) { try PublicKey(ed25519: point) }
      }
    }
  }

  @Test func `an Ed25519 key has 32 bytes`() {
    for count in [0, 1, 31, 33, 57, 64] {
      #expect(throws: Refusal(.keyNotAllowed, "")) {
        try PublicKey(ed25519: [UInt8](repeating: 9, count: count))
      }
    }
  }

  private static func modulus(bits: Int) -> [UInt8] {
    var bytes = [UInt8](repeating: 0xA5, count: (bits + 7) / 8)
    bytes[0] = UInt8(1 << ((bits - 1) % 8))
    return bytes
  }

  @Test func `an RSA key has from 2048 to 4096 bits`() throws {
    for bits in [8, 512, 1024, 2040, 2047, 4097, 4104, 8192, 16_384] {
      #expect(throws: Refusal(.keyNotAllowed, ""), "\(bits)") {
        try PublicKey(rsaModulus: Self.modulus(bits: bits))
      }
    }
    for bits in [2048, 2049, 3072, 4095, 4096] {
      #expect(try PublicKey(rsaModulus: Self.modulus(bits: bits)).bits == bits)
    }
  }

  @Test func `an RSA modulus is odd and has no leading zeros`() {
    var even = Self.modulus(bits: 2048)
    even[255] = 0xA4
    let padded = [0] + Self.modulus(bits: 2048)
    for modulus in [even, padded, [], [0]] {
      #expect(throws: Refusal(.keyNotAllowed, "")) { try PublicKey(rsaModulus: modulus) }
    }
  }

  /// The product of two primes of 1024 bits, each k * M + (65537^a mod M) with M the product of the
  /// first 126 primes: what the generator of CVE-2017-15361 makes.
  private static let weak = """
    a8d0804a7b28988a13b6dfdc3704e0376708878ebd6a5b95ea66595b1620bd53
    01daeb1de643688c399e9de04217925bd9cdddc4333334197c3174255b8eb2d8
    71fed84c5391da7c38561cb248f23a91ce331a1a8c72b5222b460d9687a86ad2
    27061ee23dab7e4f9bc70cf7718531fcf0f2758b71bc7a79bc78836902e0be62
    6aa811656ee2e6313d9cd84b5f3d31a68b1b3bece0a87984a1440d88f594e8cd
    52542120ef01a16479198de8679222dc1642865bb2348f79ce2ced50f6f72edb
    2759f86113cc63d925c8f3b899bf67700f106c51e74b8e453ea29be0da6eee48
    925d1bf15f78bd504678f81c3a711b99c2573424190c324ee9d60b57d5d71e17
    """

  @Test func `a modulus of the ROCA generator is no key`() throws {
    let digits = Self.weak.utf8.compactMap(Hexadecimal.value)
    let modulus = stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
    try #require(modulus.count == 256)
    #expect(throws: Refusal(.keyNotAllowed, "")) { try PublicKey(rsaModulus: modulus) }
    let jwk: JSONValue = [
      "e": "AQAB", "kty": "RSA", "n": .string(Base64.encode(modulus, .url)),
    ]
    let refusal = #expect(throws: Refusal.self) { try PublicKey(jwk: jwk) }
    #expect(refusal?.message.contains("CVE-2017-15361") == true)
    // One bit away from it the form is gone.
    for index in [100, 200, 254] {
      var other = modulus
      other[index] ^= 4
      #expect(throws: Never.self) { try PublicKey(rsaModulus: other) }
    }
  }

  @Test func `honest moduli have no ROCA fingerprint`() throws {
    for _ in 0..<3 { _ = try ForgingKey.rsa(bits: 2048) }
  }

  private static func rsa(_ exponent: String, bits: Int = 2048) -> JSONValue {
    let modulus = JSONValue.string(Base64.encode(modulus(bits: bits), .url))
    return ["e": .string(exponent), "kty": "RSA", "n": modulus]
  }

  @Test(arguments: ["AQ", "Aw", "BQ", "EQ", "AAEAAQ", "AQAC", "AQABAA", "AAAA", "AQAB=", "aqab"])
  func `an RSA exponent is 65537 in its one spelling`(_ exponent: String) {
    #expect(throws: Refusal(.keyNotAllowed, "")) { try PublicKey(jwk: Self.rsa(exponent)) }
  }

  @Test func `a JWK has exactly the members of its thumbprint`() throws {
    let point = try ForgingKey.ed25519(6).publicKey.jwk["x"]?.string ?? ""
    let members = ["\"crv\":\"Ed25519\"", "\"kty\":\"OKP\"", "\"x\":\"\(point)\""]
    func load(_ text: String) throws -> PublicKey {
      let value = try JSONScanner.scan(Array(text.utf8))
      try value.requireDocumentShape()
      return try PublicKey(jwk: value)
    }
    #expect(throws: Never.self) { try load("{\(members.joined(separator: ","))}") }
    for index in members.indices {
      var left = members
      left.remove(at: index)
      #expect(throws: Refusal.self) { try load("{\(left.joined(separator: ","))}") }
    }
    for more in [
      "\"d\":\"AA\"", "\"use\":\"sig\"", "\"alg\":\"EdDSA\"", "\"kid\":\"AA\"", "\"y\":1",
    ] {
      let text = "{\((members + [more]).joined(separator: ","))}"
      #expect(throws: Refusal.malformed(""), "\(more)") { try load(text) }
    }
  }

  @Test(arguments: ["EC", "oct", "OKP ", "okp", "rsa", "RSA ", "AKP"])
  func `another type of key is not allowed`(_ type: String) {
    let jwk: JSONValue = ["crv": "Ed25519", "kty": .string(type), "x": "AA"]
    #expect(throws: Refusal(.keyNotAllowed, "")) { try PublicKey(jwk: jwk) }
  }

  @Test(arguments: ["X25519", "Ed448", "P-256", "ed25519"])
  func `another curve is not allowed`(_ curve: String) {
    let jwk: JSONValue = ["crv": .string(curve), "kty": "OKP", "x": "AA"]
    #expect(throws: Refusal(.keyNotAllowed, "")) { try PublicKey(jwk: jwk) }
  }

  @Test func `a key survives its JWK`() throws {
    for key in [try ForgingKey.ed25519(7), try ForgingKey.rsa(bits: 2048)] {
      #expect(try PublicKey(jwk: key.publicKey.jwk) == key.publicKey)
    }
  }
}
