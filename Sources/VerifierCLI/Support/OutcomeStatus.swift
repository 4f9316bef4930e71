internal import Reporting
internal import Sealing
internal import Terminal
internal import Verifier

/// How a command ends that has spoken with a gateway.
enum OutcomeStatus {
  /// 0 where it is done or nothing is to be done, 1 where the gateway said no, 2 where it could not be
  /// asked or something may change by itself.
  static func status(of code: String) -> ExitStatus {
    switch ReporterOutcome.Known(rawValue: code) {
    case .receipted, .activated, .replaced, .offline, .exported: return .success
    case .noLicense, .noGateway: return .refused
    case .unreachable, .unusable, .storeFull: return .fault
    case nil: break
    }
    guard let problem = Problem.Code(rawValue: code) else { return .fault }
    return Problem(problem, "").retryable ? .fault : .refused
  }

  /// Ends the command with the status of the outcome that an answer of the desk names.
  static func require(_ json: JSONValue) throws(CommandError) {
    let code = json["outcome"]?.string ?? ""
    let status = status(of: code)
    guard status != .success else { return }
    let chinese =
      VerifierError.Code(rawValue: code)?.chinese
      ?? Problem.Code(rawValue: code).map { "网关拒绝了请求：\($0.chinese)" }
    throw CommandError(
      status, "\(code): \(json["detail"]?.string ?? "no more is known")", chinese: chinese)
  }
}
