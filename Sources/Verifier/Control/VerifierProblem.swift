package import Reporting

extension Problem {
  /// The one mapping of the verifier's faults to HTTP.
  package init(_ error: VerifierError) {
    if let refusal = error.refusal {
      self.init(Problem(refusal).code, error.message)
      return
    }
    if let problem = error.problem {
      self.init(problem.code, error.message)
      return
    }
    let code: Code =
      switch error.code {
      case .documentRefused: .malformed
      case .gatewayRefused, .requestRefused, .noLicense, .noGateway: .conflict
      case .stateUnusable, .stateLocked, .storeFull, .commitUnknown, .ledgerUnusable,
        .keyUnusable:
        .storeUnavailable
      case .gatewayUnreachable, .gatewayAnswerUnusable, .addressInUse, .addressUnusable,
        .notServing:
        .notReady
      case .clockUnreadable, .zoneUnknown, .cryptographyFailed: .internalFault
      }
    self.init(code, error.message)
  }
}
