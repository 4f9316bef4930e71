internal import CLibcrypto
package import Sealing
internal import Synchronization

/// The system's OpenSSL as the ``Cryptography`` of the pure targets.
///
/// Copies share the keys that one of them has loaded.
package struct LibcryptoProvider: Cryptography {
  private let keys = LoadedKeys()

  package init() { OpenSSL.prepare() }

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

/// Public keys made ready, so that whoever verifies many documents under a few keys loads each once.
private final class LoadedKeys: Sendable {
  /// More than a keyset and its roots have; a gateway's installations push each other out.
  private static let maximum = 64
  /// So few are found sooner by looking than by a table, which a program that verifies three documents
  /// and ends would first have to make ready.
  private let loaded = Mutex<[(key: PublicKey, form: VerificationKey)]>([])

  /// - Returns: nil for a key that OpenSSL does not load: a point that is not on the curve.
  subscript(key: PublicKey) -> VerificationKey? {
    if let known = loaded.withLock({ loaded in loaded.first { $0.key == key }?.form }) {
      return known
    }
    guard let new = VerificationKey(key) else { return nil }
    loaded.withLock { loaded in
      if loaded.count >= Self.maximum { loaded.removeAll(keepingCapacity: true) }
      loaded.append((key, new))
    }
    return new
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
