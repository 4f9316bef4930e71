/// A public key that is fit to verify sealed documents.
///
/// Libraries load keys that must not be trusted: 512-bit RSA, an exponent of 1, Ed25519 points of small
/// order under which one signature fits many messages. Whatever is not refused here can be used.
package enum PublicKey: Hashable, Sendable {
  /// 32 bytes: a canonically encoded point that is not of small order.
  case ed25519([UInt8])
  /// The modulus, big endian without leading zeros, odd, of 2048 to 4096 bits; the exponent is 65537.
  case rsa(modulus: [UInt8])

  private static let exponent = "AQAB"

  /// Reads a JWK (RFC 7517, RFC 8037) with exactly the members that its thumbprint covers.
  /// - Throws: ``Refusal`` `MALFORMED` for another form, `KEY_NOT_ALLOWED` for a key that must not be
  ///   trusted.
  package init(jwk: JSONValue, at path: String = "jwk") throws(Refusal) {
    var reader = try ObjectReader(jwk, at: path)
    let type = try reader.string("kty")
    if type.isSameBytes(as: "OKP") {
      guard try reader.string("crv").isSameBytes(as: "Ed25519") else {
        throw Refusal(.keyNotAllowed, "\(path).crv must be Ed25519")
      }
      let point = try reader.base64URL("x", maximum: 64)
      try reader.end()
      try self.init(ed25519: point)
    } else if type.isSameBytes(as: "RSA") {
      let exponent = try reader.string("e", maximum: 1024)
      let modulus = try reader.base64URL("n", maximum: 4096)
      try reader.end()
      guard exponent.isSameBytes(as: Self.exponent) else {
        throw Refusal(.keyNotAllowed, "the RSA key's exponent must be 65537")
      }
      try self.init(rsaModulus: modulus)
    } else {
      throw Refusal(.keyNotAllowed, "\(path).kty must be OKP or RSA")
    }
  }

  /// Takes the 32 bytes of an Ed25519 public key.
  /// - Throws: ``Refusal`` `KEY_NOT_ALLOWED`.
  package init(ed25519 point: [UInt8]) throws(Refusal) {
    guard point.count == 32 else {
      throw Refusal(.keyNotAllowed, "an Ed25519 key has 32 bytes, not \(point.count)")
    }
    guard Ed25519Point.isCanonical(point), !Ed25519Point.isSmallOrder(point) else {
      throw Refusal(.keyNotAllowed, "the Ed25519 key is of small order or not canonical")
    }
    self = .ed25519(point)
  }

  /// Takes an RSA modulus in big-endian bytes.
  /// - Throws: ``Refusal`` `KEY_NOT_ALLOWED`.
  package init(rsaModulus modulus: [UInt8]) throws(Refusal) {
    guard let first = modulus.first, first != 0, let last = modulus.last, last & 1 == 1 else {
      throw Refusal(.keyNotAllowed, "the RSA modulus must be odd, without leading zeros")
    }
    let bits = modulus.count * 8 - first.leadingZeroBitCount
    guard (2048...4096).contains(bits) else {
      throw Refusal(.keyNotAllowed, "an RSA key has 2048 to 4096 bits, not \(bits)")
    }
    guard !RSAModulus.hasROCAFingerprint(modulus) else {
      throw Refusal(
        .keyNotAllowed,
        "the RSA key comes from a chip whose keys can be factored (CVE-2017-15361): make another")
    }
    self = .rsa(modulus: modulus)
  }

  /// The last bytes of a key tell as many apart as any table holds.
  package func hash(into hasher: inout Hasher) {
    let bytes =
      switch self {
      case .ed25519(let point): point
      case .rsa(let modulus): modulus
      }
    hasher.combine(bytes.count)
    hasher.combine(bytes.suffix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) })
    hasher.combine(bytes.dropLast(8).suffix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) })
  }

  /// The one algorithm that the key verifies.
  package var algorithm: SignatureAlgorithm {
    switch self {
    case .ed25519: .edDSA
    case .rsa: .ps256
    }
  }

  /// The key's size in bits.
  package var bits: Int {
    switch self {
    case .ed25519: 256
    case .rsa(let modulus): modulus.count * 8 - (modulus.first?.leadingZeroBitCount ?? 0)
    }
  }

  /// The JWK with exactly the members of RFC 7638, in its order: the bytes that the thumbprint covers.
  package var jwk: JSONValue {
    switch self {
    case .ed25519(let point):
      ["crv": "Ed25519", "kty": "OKP", "x": .string(Base64.encode(point, .url))]
    case .rsa(let modulus):
      ["e": .string(Self.exponent), "kty": "RSA", "n": .string(Base64.encode(modulus, .url))]
    }
  }

  /// The RFC 7638 thumbprint.
  package func thumbprint(using cryptography: some Cryptography) -> Thumbprint {
    Thumbprint(cryptography.sha256(jwk.serialized))
  }
}

extension ObjectReader {
  /// Bytes in canonical base64url.
  package mutating func base64URL(_ name: String, maximum: Int) throws(Refusal) -> [UInt8] {
    guard let bytes = Base64.decode(try string(name, maximum: maximum).utf8, .url) else {
      throw .malformed("\(self.name(name)) must be canonical base64url")
    }
    return bytes
  }
}
