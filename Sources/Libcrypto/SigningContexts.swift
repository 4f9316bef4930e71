internal import CLibcrypto
internal import Sealing
internal import Synchronization

/// An Ed25519 key made ready to sign: contexts that have it set, each lent to one signature at a time.
///
/// One that could not sign is not used again.
final class SigningContexts: Sendable {
  /// More than a machine that signs on every processor has use for.
  private static let maximum = 32
  private let key: EVPKey
  private let idle = Mutex<[Context]>([])

  init(_ key: EVPKey) { self.key = key }

  /// - Throws: ``LibcryptoError`` `LIBRARY_FAILED`.
  func sign(_ message: [UInt8]) throws(LibcryptoError) -> [UInt8] {
    guard let context = idle.withLock({ $0.popLast() }) ?? Context(key),
      let signature = context.sign(message)
    else { throw LibcryptoError(.libraryFailed, "OpenSSL could not sign") }
    idle.withLock { idle in
      if idle.count < Self.maximum { idle.append(context) }
    }
    return signature
  }

  // Unchecked: whoever signs with a context owns it alone.
  @safe private final class Context: @unchecked Sendable {
    private let pointer: OpaquePointer

    /// - Returns: nil for what OpenSSL cannot set up.
    init?(_ key: EVPKey) {
      guard let pointer = unsafe EVP_MD_CTX_new() else { return nil }
      unsafe self.pointer = pointer
      let isSet = unsafe key.withPointer {
        unsafe EVP_DigestSignInit(pointer, nil, nil, nil, $0) == 1
      }
      guard isSet else { return nil }
    }

    deinit { unsafe EVP_MD_CTX_free(pointer) }

    func sign(_ message: [UInt8]) -> [UInt8]? {
      var signature = [UInt8](repeating: 0, count: 64)
      var length = signature.count
      // With neither digest nor key it begins anew with those it has.
      guard unsafe EVP_DigestSignInit(pointer, nil, nil, nil, nil) == 1,
        unsafe EVP_DigestSign(pointer, &signature, &length, message, message.count) == 1
      else { return nil }
      return length == signature.count ? signature : nil
    }
  }
}
