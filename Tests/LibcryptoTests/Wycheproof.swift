import Foundation
import Sealing

/// A file of Wycheproof, see Vectors/README.md.
struct Wycheproof: Decodable {
  struct Group: Decodable {
    struct Key: Decodable {
      let pk: String?
      let modulus: String?
      let publicExponent: String?
    }

    struct Test: Decodable {
      let tcId: Int
      let comment: String
      let msg: String
      let sig: String
      let result: String
    }

    let publicKey: Key
    let publicKeyDer: String
    let tests: [Test]
  }

  let numberOfTests: Int
  let testGroups: [Group]

  static func load(_ name: String) throws -> Wycheproof {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("Vectors/wycheproof/\(name)_test.json")
    return try JSONDecoder().decode(Wycheproof.self, from: Data(contentsOf: file))
  }
}

extension Wycheproof.Group {
  /// The group's key as our loader takes it; the exponent is held to be 65537 by a JWK.
  func key() throws(Refusal) -> PublicKey {
    if let point = publicKey.pk { return try PublicKey(ed25519: point.hexadecimal) }
    let modulus = (publicKey.modulus ?? "").hexadecimal.drop { $0 == 0 }
    let exponent = (publicKey.publicExponent ?? "").hexadecimal.drop { $0 == 0 }
    return try PublicKey(
      jwk: [
        "e": .string(Base64.encode(exponent, .url)), "kty": "RSA",
        "n": .string(Base64.encode(modulus, .url)),
      ])
  }
}

extension String {
  /// The bytes that the digits say; a digit too many is dropped.
  var hexadecimal: [UInt8] {
    let digits = utf8.compactMap(Hexadecimal.value)
    return stride(from: 0, to: digits.count - 1, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
  }
}
