internal import CLibcrypto
internal import Sealing
internal import Synchronization

/// A public key made ready to verify: loaded, and with contexts that have its algorithm set.
///
/// Looking up the algorithm and setting its parameters takes a quarter of a verification with 2048 bits.
/// A context is lent to one verification at a time; as many are kept as were needed at once, up to a
/// bound. One that a signature did not verify with is not used again.
final class VerificationKey: Sendable {
  /// More than a machine that verifies on every processor has use for.
  private static let maximum = 32
  private let key: EVPKey
  private let algorithm: SignatureAlgorithm
  private let idle: Mutex<[VerificationContext]>

  /// - Returns: nil for a key that OpenSSL does not load: a point that is not on the curve.
  init?(_ key: PublicKey) {
    guard let loaded = EVPKey(key), let first = VerificationContext(loaded, key.algorithm) else {
      return nil
    }
    self.key = loaded
    algorithm = key.algorithm
    idle = Mutex([first])
  }

  /// Whether the signature verifies.
  func verifies(_ signature: [UInt8], of message: [UInt8]) -> Bool {
    let ready = idle.withLock { $0.popLast() } ?? VerificationContext(key, algorithm)
    guard let context = ready, context.verifies(signature, of: message) else {
      ERR_clear_error()
      return false
    }
    idle.withLock { idle in
      if idle.count < Self.maximum { idle.append(context) }
    }
    return true
  }
}
