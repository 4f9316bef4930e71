package import Libcrypto
package import Platform
package import Reporting
package import Sealing
package import Storage

/// The verifier cannot do what was asked of it.
package struct VerifierError: Error, Sendable, Equatable, CustomStringConvertible {
  package enum Code: String, Sendable, CaseIterable {
    /// The state folder cannot be read or written.
    case stateUnusable = "STATE_UNUSABLE"
    /// Another process works on the state folder.
    case stateLocked = "STATE_LOCKED"
    /// A key of the state folder is missing, damaged or open to others.
    case keyUnusable = "KEY_UNUSABLE"
    /// The ledger is missing where it must be, or is not this installation's.
    case ledgerUnusable = "LEDGER_UNUSABLE"
    /// No space is left; counting goes on in memory.
    case storeFull = "STORE_FULL"
    /// Whether a write is durable is not known; the process must end.
    case commitUnknown = "COMMIT_UNKNOWN"
    /// A document was refused; ``refusal`` says why.
    case documentRefused = "DOCUMENT_REFUSED"
    case noLicense = "NO_LICENSE"
    /// The license reports to no gateway.
    case noGateway = "NO_GATEWAY"
    case gatewayUnreachable = "GATEWAY_UNREACHABLE"
    /// The gateway answered what cannot be believed or read.
    case gatewayAnswerUnusable = "GATEWAY_ANSWER_UNUSABLE"
    /// The gateway said no; ``problem`` says why.
    case gatewayRefused = "GATEWAY_REFUSED"
    case addressInUse = "ADDRESS_IN_USE"
    case addressUnusable = "ADDRESS_UNUSABLE"
    case clockUnreadable = "CLOCK_UNREADABLE"
    case zoneUnknown = "ZONE_UNKNOWN"
    case cryptographyFailed = "CRYPTOGRAPHY_FAILED"
    case notServing = "NOT_SERVING"
    case requestRefused = "REQUEST_REFUSED"
    /// What a date was counted from is not kept any more.
    case evidenceNotKept = "EVIDENCE_NOT_KEPT"
    /// What is kept of a date is not what its record commits to.
    case evidenceDiffers = "EVIDENCE_DIFFERS"
    /// A bundle's answer is another installation's.
    case answerMisplaced = "ANSWER_MISPLACED"
    /// Samples are asked for whose bytes were dropped by their age.
    case samplesDropped = "SAMPLES_DROPPED"
  }

  package let code: Code
  /// What happened and what to do.
  package let message: String
  package let refusal: Refusal?
  package let problem: Problem?

  package init(
    _ code: Code, _ message: String, refusal: Refusal? = nil, problem: Problem? = nil
  ) {
    self.code = code
    self.message = message
    self.refusal = refusal
    self.problem = problem
  }

  package init(_ error: PlatformError) {
    let code: Code =
      switch error.code {
      case .locked: .stateLocked
      case .full: .storeFull
      case .modeTooLoose: .keyUnusable
      case .clockUnreadable: .clockUnreadable
      case .zoneUnknown: .zoneUnknown
      case .notFound, .permissionDenied, .readOnly, .tooLarge, .notAFile, .inputOutput:
        .stateUnusable
      }
    self.init(code, error.message)
  }

  package init(_ error: StorageError) {
    let code: Code =
      switch error.code {
      case .full: .storeFull
      case .unknown: .commitUnknown
      case .damaged: .ledgerUnusable
      case .unavailable, .readOnly, .schemaTooNew, .notDurable: .stateUnusable
      }
    self.init(code, error.message)
  }

  package init(_ error: LibcryptoError) {
    self.init(.cryptographyFailed, error.message)
  }

  /// - Parameter document: what the refused bytes were taken for, for people.
  package init(_ refusal: Refusal, document: String) {
    self.init(
      .documentRefused, "\(document): \(refusal.code.rawValue): \(refusal.message)",
      refusal: refusal)
  }

  package init(_ problem: Problem) {
    self.init(
      .gatewayRefused, "the gateway answers \(problem.code.rawValue): \(problem.detail)",
      problem: problem)
  }

  /// Whether the answer is "no" rather than "could not".
  package var isRefusal: Bool {
    switch code {
    case .documentRefused, .gatewayRefused, .noLicense, .noGateway, .requestRefused,
      .evidenceNotKept, .evidenceDiffers, .answerMisplaced, .samplesDropped:
      true
    case .stateUnusable, .stateLocked, .keyUnusable, .ledgerUnusable, .storeFull, .commitUnknown,
      .gatewayUnreachable, .gatewayAnswerUnusable, .addressInUse, .addressUnusable,
      .clockUnreadable, .zoneUnknown, .cryptographyFailed, .notServing:
      false
    }
  }

  package static func == (left: VerifierError, right: VerifierError) -> Bool {
    left.code == right.code
  }

  package var description: String { message }
}
