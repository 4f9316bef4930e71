import CLibcrypto
import Libcrypto
import Sealing
import Testing
import TestSupport

/// RSA signatures by the right key that are not PS256: they verify somewhere, and must not here.
struct PSSVariantTests {
  private enum Padding: Sendable {
    /// PKCS#1 v1.5 with a digest: RS256, RS384, RS512.
    case pkcs1(digest: String)
    /// RSASSA-PSS: OpenSSL's number for the salt (-1 as long as the digest, -2 and -3 as long as fits).
    case pss(digest: String, salt: Int32, mask: String)
    /// The bytes themselves under the private key, with no digest named (a disguise of RS256).
    case raw
  }

  private let key: EVPSigner
  private let crypto = LibcryptoProvider()
  private let message = Array("header.payload".utf8)

  init() throws { key = try ForgingKey.rsa(bits: 2048) }

  /// Signs as a library with other settings would.
  private func signature(_ padding: Padding) throws -> [UInt8] {
    try unsafe key.key.withPointer { pointer in
      let context = try unsafe #require(EVP_MD_CTX_new())
      defer { unsafe EVP_MD_CTX_free(context) }
      var keyContext: OpaquePointer?
      let digest =
        switch padding {
        case .pkcs1(let digest), .pss(let digest, _, _): digest
        case .raw: "SHA256"
        }
      try unsafe #require(
        EVP_DigestSignInit(context, &keyContext, EVP_get_digestbyname(digest), nil, pointer) == 1)
      switch padding {
      case .pkcs1, .raw:
        try unsafe #require(EVP_PKEY_CTX_set_rsa_padding(keyContext, RSA_PKCS1_PADDING) == 1)
      case .pss(_, let salt, let mask):
        try unsafe #require(
          EVP_PKEY_CTX_set_rsa_padding(keyContext, RSA_PKCS1_PSS_PADDING) == 1
            && EVP_PKEY_CTX_set_rsa_pss_saltlen(keyContext, salt) == 1
            && EVP_PKEY_CTX_set_rsa_mgf1_md(keyContext, EVP_get_digestbyname(mask)) == 1)
      }
      var signature = [UInt8](repeating: 0, count: 256)
      var length = signature.count
      try unsafe #require(
        EVP_DigestSign(context, &signature, &length, message, message.count) == 1)
      return Array(signature.prefix(length))
    }
  }

  private static let wrong: [(name: String, padding: Padding)] = [
    ("RS256", .pkcs1(digest: "SHA256")), ("RS384", .pkcs1(digest: "SHA384")),
    ("RS512", .pkcs1(digest: "SHA512")), ("RS1", .pkcs1(digest: "SHA1")), ("raw", .raw),
    ("salt 0", .pss(digest: "SHA256", salt: 0, mask: "SHA256")),
    ("salt 20", .pss(digest: "SHA256", salt: 20, mask: "SHA256")),
    ("salt 31", .pss(digest: "SHA256", salt: 31, mask: "SHA256")),
    ("salt 33", .pss(digest: "SHA256", salt: 33, mask: "SHA256")),
    ("salt as long as fits", .pss(digest: "SHA256", salt: -3, mask: "SHA256")),
    ("MGF1-SHA1", .pss(digest: "SHA256", salt: 32, mask: "SHA1")),
    ("MGF1-SHA384", .pss(digest: "SHA256", salt: 32, mask: "SHA384")),
    ("PS384", .pss(digest: "SHA384", salt: 48, mask: "SHA384")),
    ("PS512", .pss(digest: "SHA512", salt: 64, mask: "SHA512")),
    ("PS384 with a salt of 32", .pss(digest: "SHA384", salt: 32, mask: "SHA256")),
    ("SHA-1 throughout", .pss(digest: "SHA1", salt: 20, mask: "SHA1")),
  ]

  @Test func `the right parameters verify, whoever made the signature`() throws {
    for salt in [Int32(32), -1] {
      let right = try signature(.pss(digest: "SHA256", salt: salt, mask: "SHA256"))
      #expect(crypto.verify(right, of: message, by: key.publicKey))
    }
    let ours = try key.sign(message)
    #expect(crypto.verify(ours, of: message, by: key.publicKey))
  }

  @Test func `every other way to sign with the same key is refused`() throws {
    #expect(Self.wrong.count == 16)
    for (name, padding) in Self.wrong {
      #expect(!crypto.verify(try signature(padding), of: message, by: key.publicKey), "\(name)")
    }
  }

  @Test func `a signature has exactly the length of the modulus`() throws {
    let right = try key.sign(message)
    for wrong in [
      Array(right.dropLast()), Array(right.dropFirst()), right + [0], [0] + right, right + right,
      [],
    ] {
      #expect(!crypto.verify(wrong, of: message, by: key.publicKey), "\(wrong.count) bytes")
    }
    guard case .rsa(let modulus) = key.publicKey else { return }
    for number in [
      [UInt8](repeating: 0, count: 256), [UInt8](repeating: 0xFF, count: 256), modulus,
      [UInt8](repeating: 0, count: 255) + [1],
    ] {
      #expect(!crypto.verify(number, of: message, by: key.publicKey))
    }
  }

  @Test func `one provider verifies under more keys than it remembers`() throws {
    var signers: [EVPSigner] = []
    for seed in UInt8(1)...200 { signers.append(try ForgingKey.ed25519(seed)) }
    let signatures = try signers.map { try $0.sign(message) }
    for _ in 0..<2 {
      for (index, signer) in signers.enumerated() {
        #expect(crypto.verify(signatures[index], of: message, by: signer.publicKey))
        let other = signers[(index + 1) % signers.count]
        #expect(!crypto.verify(signatures[index], of: message, by: other.publicKey))
      }
    }
  }

  @Test func `a point that is not on the curve verifies nothing`() throws {
    // y = 2 has no x on the curve.
    let point = [2] + [UInt8](repeating: 0, count: 31)
    let off = try PublicKey(ed25519: point)
    #expect(!crypto.verify(try ForgingKey.ed25519(1).sign(message), of: message, by: off))
  }
}
