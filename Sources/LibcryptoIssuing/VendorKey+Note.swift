package import Libcrypto
package import Sealing

/// Notes that a key signs for its owner alone.
///
/// The header names a type that is no document's kind: what is signed so is never taken for a document,
/// and no document's signature for a note.
extension VendorKey {
  /// Signs a note.
  /// - Returns: the signature in base64url.
  /// - Throws: ``LibcryptoError``.
  package func signNote(_ note: [UInt8]) throws(LibcryptoError) -> String {
    Base64.encode(try sign(noteInput(note)), .url)
  }

  /// Whether this key has signed a note.
  package func hasSigned(_ note: [UInt8], _ signature: String) -> Bool {
    publicKey.hasSigned(note, signature)
  }

  private func noteInput(_ note: [UInt8]) -> [UInt8] { publicKey.noteInput(note) }
}

extension PublicKey {
  private static let noteType = "tally-intent+jwt"

  /// Whether the private half of this key has signed a note.
  package func hasSigned(_ note: [UInt8], _ signature: String) -> Bool {
    guard let signature = Base64.decode(signature.utf8, .url) else { return false }
    return LibcryptoProvider().verify(signature, of: noteInput(note), by: self)
  }

  fileprivate func noteInput(_ note: [UInt8]) -> [UInt8] {
    let header = ProtectedHeader(
      algorithm: algorithm, key: thumbprint(using: LibcryptoProvider()), type: Self.noteType)
    return Base64.encodedBytes(header.serialized, .url) + [UInt8(ascii: ".")]
      + Base64.encodedBytes(note, .url)
  }
}
