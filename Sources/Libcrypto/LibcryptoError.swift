/// A fault of the cryptographic library or of a private key given to it; never a signature that does
/// not verify.
package struct LibcryptoError: Error, Sendable, Equatable, CustomStringConvertible {
  package enum Code: String, Sendable, CaseIterable {
    /// OpenSSL failed where it must not: out of memory, no randomness.
    case libraryFailed = "LIBRARY_FAILED"
    /// The text is no private key of a kind that is used here.
    case keyUnreadable = "KEY_UNREADABLE"
    /// The passphrase does not open the key.
    case passphraseWrong = "PASSPHRASE_WRONG"
  }

  package let code: Code
  package let message: String

  package init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }

  package static func == (left: LibcryptoError, right: LibcryptoError) -> Bool {
    left.code == right.code
  }

  package var description: String { message }
}
