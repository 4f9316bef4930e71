package import Libcrypto
package import Platform
package import Sealing
package import Storage

/// Why the authority did not do what was asked. Two errors are equal when their codes are.
package struct AuthorityError: Error, Sendable, Equatable, CustomStringConvertible {
  package enum Code: String, Sendable, CaseIterable {
    /// The folder holds no registry.
    case registryMissing = "REGISTRY_MISSING"
    /// Another command is changing the registry.
    case registryInUse = "REGISTRY_IN_USE"
    /// The registry's database cannot be opened, read or written.
    case storeUnavailable = "STORE_UNAVAILABLE"
    /// Rows of the registry contradict each other.
    case registryDamaged = "REGISTRY_DAMAGED"
    /// A file cannot be read or written.
    case fileUnavailable = "FILE_UNAVAILABLE"
    /// What was asked for is not a thing that can be issued.
    case inputInvalid = "INPUT_INVALID"
    /// The registry has no such customer, license, release, key or intent.
    case notFound = "NOT_FOUND"
    /// It exists already.
    case conflict = "CONFLICT"
    /// No key that may sign this is at hand.
    case keyMissing = "KEY_MISSING"
    /// A private key's file cannot be used.
    case keyUnreadable = "KEY_UNREADABLE"
    case passphraseWrong = "PASSPHRASE_WRONG"
    /// No keyset has been published yet.
    case keysetMissing = "KEYSET_MISSING"
    /// The verifier refuses the document that was about to be issued, or one that was given.
    case documentRefused = "DOCUMENT_REFUSED"
    /// An earlier command began to issue something and did not end.
    case intentPending = "INTENT_PENDING"
    /// What is unusual about it was not confirmed.
    case questionsOpen = "QUESTIONS_OPEN"
    /// OpenSSL failed.
    case cryptographyFailed = "CRYPTOGRAPHY_FAILED"
    case clockUnreadable = "CLOCK_UNREADABLE"
  }

  package let code: Code
  /// What happened and what to do. Never holds key material.
  package let message: String
  /// What a sealed document was refused for, where that is the cause.
  package let refusal: Refusal?

  package init(_ code: Code, _ message: String, refusal: Refusal? = nil) {
    self.code = code
    self.message = message
    self.refusal = refusal
  }

  package init(_ error: StorageError) {
    self.init(.storeUnavailable, error.message)
  }

  package init(_ error: PlatformError) {
    let code: Code =
      switch error.code {
      case .clockUnreadable: .clockUnreadable
      case .zoneUnknown: .inputInvalid
      case .notFound, .permissionDenied, .readOnly, .full, .locked, .tooLarge, .notAFile,
        .modeTooLoose, .inputOutput:
        .fileUnavailable
      }
    self.init(code, error.message)
  }

  package init(_ error: LibcryptoError) {
    let code: Code =
      switch error.code {
      case .libraryFailed: .cryptographyFailed
      case .keyUnreadable: .keyUnreadable
      case .passphraseWrong: .passphraseWrong
      }
    self.init(code, error.message)
  }

  /// A document that the verifier refuses.
  package init(_ refusal: Refusal, _ what: String) {
    self.init(.documentRefused, "\(what): \(refusal.description)", refusal: refusal)
  }

  package static func == (left: AuthorityError, right: AuthorityError) -> Bool {
    left.code == right.code
  }

  package var description: String { message }
}
