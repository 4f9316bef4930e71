internal import CLibcrypto
package import Sealing

/// Owns one `EVP_PKEY`.
// Unchecked: the key is never changed after it is made, and OpenSSL's reference count is atomic.
@safe package final class EVPKey: @unchecked Sendable {
  private let pointer: OpaquePointer

  /// Takes over the caller's reference.
  package init?(owning pointer: OpaquePointer?) {
    guard let pointer = unsafe pointer else { return nil }
    unsafe self.pointer = pointer
  }

  deinit { unsafe EVP_PKEY_free(pointer) }

  /// Lends the pointer to one call.
  package func withPointer<Result>(_ body: (OpaquePointer) throws -> Result) rethrows -> Result {
    try withExtendedLifetime(self) { try unsafe body(pointer) }
  }

  /// Loads a public key that has already passed the checks of ``PublicKey``.
  convenience init?(_ key: PublicKey) {
    switch key {
    case .ed25519(let point):
      unsafe self.init(
        owning: EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nil, point, point.count))
    case .rsa(let modulus):
      let der = SubjectPublicKeyInfo.rsa(modulus: modulus)
      let pointer: OpaquePointer? = unsafe der.withUnsafeBufferPointer { buffer in
        var cursor = buffer.baseAddress
        return unsafe d2i_PUBKEY(nil, &cursor, der.count)
      }
      unsafe self.init(owning: pointer)
    }
  }

  /// The checked public half.
  /// - Throws: ``LibcryptoError`` `KEY_UNREADABLE` for a key of another kind or one that must not be
  ///   trusted.
  package func publicKey() throws(LibcryptoError) -> PublicKey {
    do throws(Refusal) {
      let kind = unsafe EVP_PKEY_get_base_id(pointer)
      if kind == EVP_PKEY_ED25519 {
        var point = [UInt8](repeating: 0, count: 32)
        var length = point.count
        guard unsafe EVP_PKEY_get_raw_public_key(pointer, &point, &length) == 1 else {
          throw Refusal.malformed("the key has no public half")
        }
        return try PublicKey(ed25519: point)
      }
      guard kind == EVP_PKEY_RSA else {
        throw Refusal.malformed("the key is neither Ed25519 nor RSA")
      }
      guard try rsaNumber("e") == [1, 0, 1] else {
        throw Refusal.malformed("the RSA key's exponent must be 65537")
      }
      return try PublicKey(rsaModulus: rsaNumber("n"))
    } catch {
      throw LibcryptoError(.keyUnreadable, error.message)
    }
  }

  /// A number of an RSA key, big endian without leading zeros.
  private func rsaNumber(_ name: String) throws(Refusal) -> [UInt8] {
    var number: OpaquePointer?
    guard unsafe EVP_PKEY_get_bn_param(pointer, name, &number) == 1, let number = unsafe number
    else { throw .malformed("the RSA key has no number \(name)") }
    defer { unsafe BN_free(number) }
    let size = (unsafe BN_num_bits(number) + 7) / 8
    guard (1...1024).contains(size) else { throw .malformed("the RSA key is too large") }
    var bytes = [UInt8](repeating: 0, count: Int(size))
    guard unsafe BN_bn2bin(number, &bytes) == size else {
      throw .malformed("the RSA key cannot be read")
    }
    return bytes
  }

  /// Signs with the algorithm of the key.
  package func sign(
    _ message: [UInt8], _ algorithm: SignatureAlgorithm
  ) throws(LibcryptoError) -> [UInt8] {
    guard let context = unsafe EVP_MD_CTX_new() else {
      throw LibcryptoError(.libraryFailed, "OpenSSL could not make a context")
    }
    defer { unsafe EVP_MD_CTX_free(context) }
    var keyContext: OpaquePointer?
    let digest = unsafe algorithm == .ps256 ? EVPDigest.sha256.pointer : nil
    guard unsafe EVP_DigestSignInit(context, &keyContext, digest, nil, pointer) == 1,
      unsafe algorithm == .edDSA || PSSParameters.set(on: keyContext)
    else { throw LibcryptoError(.libraryFailed, "OpenSSL could not begin to sign") }
    var signature = [UInt8](repeating: 0, count: 512)
    var length = signature.count
    guard unsafe EVP_DigestSign(context, &signature, &length, message, message.count) == 1 else {
      throw LibcryptoError(.libraryFailed, "OpenSSL could not sign")
    }
    return Array(signature.prefix(length))
  }
}

/// RSASSA-PSS as RFC 7518 section 3.5 fixes it for PS256: nothing is taken from the signature.
enum PSSParameters {
  static func set(on context: OpaquePointer?) -> Bool {
    unsafe EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) == 1
      && EVP_PKEY_CTX_set_rsa_pss_saltlen(context, 32) == 1
      && EVP_PKEY_CTX_set_rsa_mgf1_md(context, EVP_sha256()) == 1
  }
}

/// The X.509 form of a public key (RFC 5280, RFC 8017 appendix A), in DER.
enum SubjectPublicKeyInfo {
  private static let rsaAlgorithm: [UInt8] = [
    0x30, 0x0D, 0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x01, 0x05, 0x00,
  ]

  static func rsa(modulus: [UInt8]) -> [UInt8] {
    let exponent: [UInt8] = [0x01, 0x00, 0x01]
    let positive = (modulus.first ?? 0) & 0x80 != 0 ? [0] + modulus : modulus
    let key = element(0x30, element(0x02, positive) + element(0x02, exponent))
    return element(0x30, rsaAlgorithm + element(0x03, [0] + key))
  }

  private static func element(_ tag: UInt8, _ content: [UInt8]) -> [UInt8] {
    let count = content.count
    if count < 0x80 { return [tag, UInt8(count)] + content }
    if count < 0x100 { return [tag, 0x81, UInt8(count)] + content }
    return [tag, 0x82, UInt8(count >> 8 & 0xFF), UInt8(count & 0xFF)] + content
  }
}
