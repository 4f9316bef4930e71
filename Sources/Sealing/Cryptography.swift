/// The primitives that the pure targets are given: digests and signature verification.
///
/// One implementation calls OpenSSL; none of the functions keeps state or fails on any input.
package protocol Cryptography: Sendable {
  /// SHA-256 (FIPS 180-4).
  func sha256(_ bytes: [UInt8]) -> Digest
  /// HMAC with SHA-256 (RFC 2104).
  func hmacSHA256(key: [UInt8], _ message: [UInt8]) -> Digest
  /// Whether the signature of the message verifies under the key, with the key's one algorithm:
  /// Ed25519 (RFC 8032), or RSASSA-PSS with SHA-256, MGF1-SHA-256 and a salt of 32 bytes (RFC 8017).
  func verify(_ signature: [UInt8], of message: [UInt8], by key: PublicKey) -> Bool
}

/// A private key as the pure targets see it: something that signs and knows its public half.
package protocol DocumentSigner: Sendable {
  associatedtype Failure: Error
  var publicKey: PublicKey { get }
  var thumbprint: Thumbprint { get }
  /// Signs with the key's one algorithm.
  func sign(_ message: [UInt8]) throws(Failure) -> [UInt8]
}

/// The signature algorithms (RFC 7518, RFC 8037). Every other one is refused before a key is looked up.
package enum SignatureAlgorithm: String, Sendable, CaseIterable {
  case edDSA = "EdDSA"
  case ps256 = "PS256"
}
