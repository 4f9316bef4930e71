/// Why bytes were not accepted: a value, not a fault.
///
/// A refusal answers "no"; a program that cannot tell (an unreadable file, a broken clock) reports an
/// error of its own instead. Two refusals are equal when their codes are.
package struct Refusal: Error, Sendable, Equatable, CustomStringConvertible {
  /// The stable code, as it appears in verdicts, problem documents and Docs/Errors.
  package enum Code: String, Sendable, CaseIterable {
    case damaged = "DAMAGED"
    case malformed = "MALFORMED"
    case unsupportedVersion = "UNSUPPORTED_VERSION"
    case wrongKind = "WRONG_KIND"
    case unknownKey = "UNKNOWN_KEY"
    case keyNotAllowed = "KEY_NOT_ALLOWED"
    case keyRevoked = "KEY_REVOKED"
    case keysetTooOld = "KEYSET_TOO_OLD"
    case signatureInvalid = "SIGNATURE_INVALID"
  }

  package let code: Code
  /// What happened and what to do, for a person. Never holds key material or a document's text.
  package let message: String

  package init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }

  package static func malformed(_ message: String) -> Refusal {
    Refusal(.malformed, message)
  }

  package static func == (left: Refusal, right: Refusal) -> Bool {
    left.code == right.code
  }

  package var description: String {
    "\(code.rawValue): \(message)"
  }
}
