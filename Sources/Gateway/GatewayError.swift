package import Libcrypto
package import Platform
package import StartupCheck
package import Storage

/// Why the gateway cannot start, go on, or do what a command asks. Two errors are equal when their codes
/// are. What a client is refused for is a ``Problem`` instead.
package struct GatewayError: Error, Sendable, Equatable, CustomStringConvertible {
  package enum Code: String, Sendable, CaseIterable {
    case settingInvalid = "SETTING_INVALID"
    case addressInUse = "ADDRESS_IN_USE"
    case addressUnusable = "ADDRESS_UNUSABLE"
    /// Another gateway runs on the same folder.
    case stateInUse = "STATE_IN_USE"
    case stateUnusable = "STATE_UNUSABLE"
    case storeUnavailable = "STORE_UNAVAILABLE"
    /// A commit may or may not be durable.
    case commitUnknown = "COMMIT_UNKNOWN"
    case keyUnusable = "KEY_UNUSABLE"
    case passphraseWrong = "PASSPHRASE_WRONG"
    case keysetUnusable = "KEYSET_UNUSABLE"
    /// The keyset does not let the gateway's key seal.
    case keyNotInKeyset = "KEY_NOT_IN_KEYSET"
    /// The certificate, its key or the clients' authority cannot be used.
    case tlsUnusable = "TLS_UNUSABLE"
    case trustRoot = "TRUST_ROOT"
    case clockUnreadable = "CLOCK_UNREADABLE"
    case notFound = "NOT_FOUND"
  }

  package let code: Code
  /// What happened and what to do. Never holds key material.
  package let message: String

  package init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }

  package init(_ error: StorageError) {
    self.init(error.code == .unknown ? .commitUnknown : .storeUnavailable, error.message)
  }

  /// - Parameter what: what could not be done, for people.
  package init(_ error: PlatformError, _ what: Code) {
    let code: Code =
      switch error.code {
      case .locked: .stateInUse
      case .clockUnreadable: .clockUnreadable
      case .notFound, .permissionDenied, .readOnly, .full, .tooLarge, .notAFile, .modeTooLoose,
        .zoneUnknown, .inputOutput:
        what
      }
    self.init(code, error.message)
  }

  package init(_ error: LibcryptoError, file: String) {
    self.init(
      error.code == .passphraseWrong ? .passphraseWrong : .keyUnusable, "\(file): \(error.message)")
  }

  package init(_ error: StartupCheckError) {
    self.init(.trustRoot, error.message)
  }

  package static func == (left: GatewayError, right: GatewayError) -> Bool {
    left.code == right.code
  }

  package var description: String { message }
}
