package import Reporting

/// What came back from a gateway.
package enum GatewayReply<Answer: Sendable & Equatable>: Sendable, Equatable {
  case answer(Answer)
  /// It said no, or not now; perhaps when to come back, in seconds.
  case problem(Problem, retryAfter: Int64?)
  /// Nobody answered.
  case unreachable(String)
  /// Something answered what no gateway says, or half of it.
  case unreadable(String, retryAfter: Int64?)
}

/// The far end of the reporter: a gateway over HTTP, or one in the memory of a test.
package protocol GatewayClient: Sendable {
  func report(
    _ request: ReportRequest, to gateway: GatewayAddress
  ) async -> GatewayReply<ReportAnswer>
  func activate(
    _ request: ActivationRequest, at gateway: GatewayAddress
  ) async -> GatewayReply<ActivationAnswer>
  func statement(
    _ request: StatementRequest, at gateway: GatewayAddress
  ) async -> GatewayReply<StatementAnswer>
}
