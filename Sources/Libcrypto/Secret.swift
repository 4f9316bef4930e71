internal import CLibcrypto

/// Bytes that are overwritten when nobody holds them any more: passphrases.
///
/// What this cannot reach: copies that Swift made before the bytes came here (an array that grew, an
/// array held twice: overwriting one then writes to a copy), registers and pages that were swapped out.
/// Whoever reads a secret reserves its space first, keeps one array and hands that over.
// Unchecked: the bytes are written once, in init, before the object is shared.
@safe package final class Secret: @unchecked Sendable {
  private let storage: UnsafeMutableBufferPointer<UInt8>

  /// Copies the bytes and overwrites the caller's.
  package init(taking bytes: inout [UInt8]) {
    unsafe storage = .allocate(capacity: bytes.count)
    _ = unsafe storage.initialize(from: bytes)
    Self.wipe(&bytes)
  }

  deinit {
    unsafe OPENSSL_cleanse(storage.baseAddress, storage.count)
    unsafe storage.deallocate()
  }

  package var isEmpty: Bool { unsafe storage.isEmpty }

  /// Lends the bytes to one call.
  package func withBytes<Result>(_ body: (UnsafeBufferPointer<UInt8>) throws -> Result) rethrows
    -> Result
  {
    try withExtendedLifetime(self) {
      try unsafe body(UnsafeBufferPointer(storage))
    }
  }

  /// Overwrites bytes that were secret, and empties the array.
  ///
  /// The array must be held once; a second holder would keep its bytes.
  package static func wipe(_ bytes: inout [UInt8]) {
    unsafe bytes.withUnsafeMutableBytes { unsafe OPENSSL_cleanse($0.baseAddress, $0.count) }
    bytes.removeAll()
  }
}
