internal import CLibcrypto
internal import Sealing

/// What OpenSSL needs to verify with one key, set up once and used for one verification after the other.
// Unchecked: whoever verifies with a context owns it alone, see VerificationKey.
@safe final class VerificationContext: @unchecked Sendable {
  @unsafe private enum Form {
    /// `EVP_MD_CTX`: the signature covers the message itself.
    case message(OpaquePointer)
    /// `EVP_PKEY_CTX`: the signature covers the message's SHA-256.
    case digest(OpaquePointer)
  }

  private let form: Form

  /// - Returns: nil for what OpenSSL cannot set up.
  init?(_ key: EVPKey, _ algorithm: SignatureAlgorithm) {
    switch algorithm {
    case .edDSA:
      guard let context = unsafe EVP_MD_CTX_new() else { return nil }
      unsafe form = .message(context)
      let isSet = unsafe key.withPointer {
        unsafe EVP_DigestVerifyInit(context, nil, nil, nil, $0) == 1
      }
      guard isSet else { return nil }
    case .ps256:
      guard let context = unsafe key.withPointer({ unsafe EVP_PKEY_CTX_new($0, nil) }) else {
        return nil
      }
      unsafe form = .digest(context)
      guard unsafe EVP_PKEY_verify_init(context) == 1,
        unsafe EVP_PKEY_CTX_set_signature_md(context, EVPDigest.sha256.pointer) == 1,
        unsafe PSSParameters.set(on: context)
      else { return nil }
    }
  }

  deinit {
    switch unsafe form {
    case .message(let context): unsafe EVP_MD_CTX_free(context)
    case .digest(let context): unsafe EVP_PKEY_CTX_free(context)
    }
  }

  /// Whether the signature verifies; OpenSSL's queue of errors is left as it is.
  func verifies(_ signature: [UInt8], of message: [UInt8]) -> Bool {
    switch unsafe form {
    case .message(let context):
      // With neither digest nor key it begins anew with those it has.
      return unsafe EVP_DigestVerifyInit(context, nil, nil, nil, nil) == 1
        && EVP_DigestVerify(context, signature, signature.count, message, message.count) == 1
    case .digest(let context):
      return unsafe withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 32) { digest in
        unsafe EVP_Digest(
          message, message.count, digest.baseAddress, nil, EVPDigest.sha256.pointer, nil) == 1
          && EVP_PKEY_verify(context, signature, signature.count, digest.baseAddress, 32) == 1
      }
    }
  }
}
