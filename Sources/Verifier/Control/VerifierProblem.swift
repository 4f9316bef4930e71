package import Reporting
internal import Sealing

extension Problem {
  /// The member that carries the verifier's own code to its own command line.
  fileprivate static let reason = "reason"

  /// The one mapping of the verifier's faults to HTTP.
  package init(_ error: VerifierError) {
    let facts = [JSONMember(Self.reason, .string(error.code.rawValue))]
    if let refusal = error.refusal {
      self.init(Problem(refusal).code, error.message, facts: facts)
      return
    }
    if let problem = error.problem {
      self.init(problem.code, error.message, facts: facts)
      return
    }
    let code: Code =
      switch error.code {
      case .documentRefused: .malformed
      case .gatewayRefused, .requestRefused, .noLicense, .noGateway, .evidenceNotKept,
        .evidenceDiffers, .answerMisplaced, .samplesDropped:
        .conflict
      case .stateUnusable, .stateLocked, .storeFull, .commitUnknown, .ledgerUnusable,
        .keyUnusable:
        .storeUnavailable
      case .gatewayUnreachable, .gatewayAnswerUnusable, .addressInUse, .addressUnusable,
        .notServing:
        .notReady
      case .clockUnreadable, .zoneUnknown, .cryptographyFailed: .internalFault
      }
    self.init(code, error.message, facts: facts)
  }
}

extension VerifierError {
  /// What a daemon answered to its own command line: the code that it names, where it names one.
  init(answered problem: Problem) {
    let reason = problem.facts.first { $0.name == Problem.reason }?.value.string
    guard let code = reason.flatMap({ Code(rawValue: $0) }), code.isItsOwn else {
      self.init(
        problem.status < 500 ? .requestRefused : .stateUnusable, problem.detail,
        problem: problem)
      return
    }
    self.init(code, problem.detail)
  }
}

extension VerifierError.Code {
  /// Whether what it means does not lie in a document or problem that it came with.
  fileprivate var isItsOwn: Bool {
    switch self {
    case .noLicense, .noGateway, .requestRefused, .evidenceNotKept, .evidenceDiffers,
      .answerMisplaced, .samplesDropped:
      true
    case .documentRefused, .gatewayRefused, .stateUnusable, .stateLocked, .keyUnusable,
      .ledgerUnusable, .storeFull, .commitUnknown, .gatewayUnreachable, .gatewayAnswerUnusable,
      .addressInUse, .addressUnusable, .clockUnreadable, .zoneUnknown, .cryptographyFailed,
      .notServing:
      false
    }
  }
}
