internal import CLibcrypto
package import Libcrypto
package import Sealing

/// Compact JWS of any header, payload and signature: what an attacker can send.
///
/// `Seal` writes only right headers; a test of what is refused needs wrong ones.
package enum ForgedDocument {
  /// A document with the header as written, signed with the key's own algorithm whatever it says.
  package static func jws(
    header: String, payload: [UInt8], signedBy key: EVPSigner
  ) throws -> String {
    let input = signingInput(header: header, payload: payload)
    return "\(input).\(Base64.encode(try key.sign(Array(input.utf8)), .url))"
  }

  /// A document with the header and signature as given.
  package static func jws(header: String, payload: [UInt8], signature: [UInt8]) -> String {
    "\(signingInput(header: header, payload: payload)).\(Base64.encode(signature, .url))"
  }

  /// A document of a kind with the right header.
  package static func jws(
    _ kind: DocumentKind, payload: [UInt8], signedBy key: EVPSigner
  ) throws -> String {
    try Seal.seal(payload, kind: kind, by: key)
  }

  /// The text that a signature covers.
  package static func signingInput(header: String, payload: [UInt8]) -> String {
    "\(Base64.encode(Array(header.utf8), .url)).\(Base64.encode(payload, .url))"
  }

  /// A header with exactly the right members; the values stand as JSON, not as text.
  package static func header(
    algorithm: String = "\"EdDSA\"", kid: String, type: String, more: String = ""
  ) -> String {
    "{\"alg\":\(algorithm),\"kid\":\(kid),\"typ\":\(type)\(more)}"
  }

  /// A keyset sealed by the keys, in the form that carries several signatures.
  package static func keyset(_ keyset: Keyset, signedBy keys: [EVPSigner]) throws -> String {
    let payload = keyset.json.serialized
    return KeysetDocument.text(
      payload: payload, signatures: try keys.map { try KeysetDocument.sign(payload, by: $0) })
  }
}

/// Private keys that sign whatever a test gives them.
package enum ForgingKey {
  /// OpenSSL did not make the key.
  package struct Failure: Error {
    package init() {}
  }

  /// The Ed25519 key whose seed is that byte 32 times: the same one in every run.
  package static func ed25519(_ byte: UInt8) throws -> EVPSigner {
    let seed = [UInt8](repeating: byte, count: 32)
    let key = unsafe EVPKey(
      owning: EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nil, seed, seed.count))
    guard let key else { throw Failure() }
    return try EVPSigner(key)
  }

  /// A new RSA key of any size.
  package static func rsa(bits: Int) throws -> EVPSigner {
    guard let context = unsafe EVP_PKEY_CTX_new_id(EVP_PKEY_RSA, nil) else { throw Failure() }
    defer { unsafe EVP_PKEY_CTX_free(context) }
    var pointer: OpaquePointer?
    guard unsafe EVP_PKEY_keygen_init(context) == 1,
      unsafe EVP_PKEY_CTX_set_rsa_keygen_bits(context, Int32(bits)) == 1,
      unsafe EVP_PKEY_keygen(context, &pointer) == 1,
      let key = unsafe EVPKey(owning: pointer)
    else { throw Failure() }
    return try EVPSigner(key)
  }
}
