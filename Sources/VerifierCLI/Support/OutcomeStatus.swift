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
    throw CommandError(
      status, "\(code): \(json["detail"]?.string ?? "no more is known")", chinese: chinese(code))
  }

  /// What an outcome means, in Chinese; nil where nothing but its detail says it.
  static func chinese(_ code: String) -> String? {
    switch ReporterOutcome.Known(rawValue: code) {
    case .receipted: return "全部记录都有回执"
    case .activated: return "已激活"
    case .replaced: return "另一个安装已接替本安装"
    case .offline: return "许可证不通过网络上报"
    case .exported: return "已写出离线数据包"
    case .noLicense, .noGateway, .unreachable, .unusable, .storeFull, nil: break
    }
    return VerifierError.Code(rawValue: code)?.chinese
      ?? Problem.Code(rawValue: code).map { "网关拒绝了请求：\($0.chinese)" }
  }
}
