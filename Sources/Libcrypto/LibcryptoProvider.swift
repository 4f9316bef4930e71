internal import CLibcrypto
package import Sealing
internal import Synchronization

/// The system's OpenSSL as the ``Cryptography`` of the pure targets.
///
/// Copies share the keys that one of them has loaded.
package struct LibcryptoProvider: Cryptography {
  private let keys: any ReadyKeys

  package init() {
    OpenSSL.prepare()
    keys = FewReadyKeys()
  }

  /// One for whoever verifies under very many keys.
  /// - Parameter count: how many are kept ready; each takes 2 KiB.
  package init(remembering count: Int) {
    OpenSSL.prepare()
    keys = ManyReadyKeys(most: count)
  }

  package func sha256(_ bytes: [UInt8]) -> Digest {
    var digest = [UInt8](repeating: 0, count: 32)
    let done = unsafe EVP_Digest(
      bytes, bytes.count, &digest, nil, EVPDigest.sha256.pointer, nil)
    return Self.digest(digest, done == 1)
  }

  package func hmacSHA256(key: [UInt8], _ message: [UInt8]) -> Digest {
    var digest = [UInt8](repeating: 0, count: 32)
    var length: UInt32 = 32
    let done = unsafe HMAC(
      EVP_sha256(), key, Int32(clamping: key.count), message, message.count, &digest, &length)
    return Self.digest(digest, unsafe done != nil)
  }

  /// SHA-256 of bytes in memory fails only where OpenSSL itself is broken (no default provider); no
  /// answer could then be believed, so the process ends rather than giving one.
  private static func digest(_ bytes: [UInt8], _ done: Bool) -> Digest {
    guard done, let digest = Digest(bytes) else {
      preconditionFailure("OpenSSL offers no SHA-256: its installation is broken")
    }
    return digest
  }

  package func verify(_ signature: [UInt8], of message: [UInt8], by key: PublicKey) -> Bool {
    switch key {
    case .ed25519:
      guard signature.count == 64, !Ed25519Point.isSmallOrder(signature[..<32])
      else { return false }
    case .rsa(let modulus):
      guard signature.count == modulus.count else { return false }
    }
    return keys[key]?.verifies(signature, of: message) ?? false
  }
}

/// Bytes from the system's cryptographic random generator.
package enum SecureRandom {
  /// - Throws: ``LibcryptoError`` `LIBRARY_FAILED` when there is no randomness to be had.
  package static func bytes(_ count: Int) throws(LibcryptoError) -> [UInt8] {
    OpenSSL.prepare()
    var bytes = [UInt8](repeating: 0, count: count)
    guard unsafe RAND_bytes(&bytes, Int32(clamping: count)) == 1 else {
      throw LibcryptoError(.libraryFailed, "OpenSSL has no randomness to give")
    }
    return bytes
  }
}
