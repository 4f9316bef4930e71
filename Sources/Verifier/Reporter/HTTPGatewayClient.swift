package import AsyncHTTPClient
internal import NIOCore
internal import NIOHTTP1
package import Reporting
internal import Sealing

/// A gateway reached by HTTP.
package struct HTTPGatewayClient: GatewayClient {
  /// The largest answer that is read.
  private static let maximumAnswer = 16 * 1024 * 1024

  private let http: HTTPClient
  private let deadline: Duration

  /// - Parameter deadline: how long an exchange may take, from the connection to the end of the answer.
  package init(_ http: HTTPClient, deadline: Duration = .seconds(30)) {
    self.http = http
    self.deadline = deadline
  }

  /// How the client is set up: no redirects, since they would carry usage elsewhere.
  package static var configuration: HTTPClient.Configuration {
    var configuration = HTTPClient.Configuration()
    configuration.redirectConfiguration = .disallow
    configuration.timeout = HTTPClient.Configuration.Timeout(
      connect: .seconds(10), read: .seconds(30))
    configuration.httpVersion = .http1Only
    // How long to wait before another attempt is decided in one place, not here.
    configuration.connectionPool.retryConnectionEstablishment = false
    return configuration
  }

  package func report(
    _ request: ReportRequest, to gateway: GatewayAddress
  ) async -> GatewayReply<ReportAnswer> {
    await post(request.json, to: gateway.url("/v1/reports")) { try ReportAnswer($0) }
  }

  package func activate(
    _ request: ActivationRequest, at gateway: GatewayAddress
  ) async -> GatewayReply<ActivationAnswer> {
    await post(request.json, to: gateway.url("/v1/activations")) { try ActivationAnswer($0) }
  }

  private func post<Answer: Sendable & Equatable>(
    _ json: JSONValue, to url: String, _ read: ([UInt8]) throws -> Answer
  ) async -> GatewayReply<Answer> {
    var request = HTTPClientRequest(url: url)
    request.method = .POST
    request.headers.add(name: "Content-Type", value: "application/json")
    request.headers.add(name: "User-Agent", value: "tally-verifier")
    request.body = .bytes(ByteBuffer(bytes: json.serialized))
    let raw: Raw
    do { raw = try await exchange(request) } catch {
      return .unreachable("\(url): \(Self.describe(error))")
    }
    return Self.reply(status: raw.status, raw.bytes, retryAfter: raw.retryAfter, read)
  }

  private struct Raw: Sendable {
    var status: Int
    var retryAfter: Int64?
    var bytes: [UInt8]
  }

  /// One deadline is over head and body: a gateway that stops halfway does not stop reporting.
  private func exchange(_ request: HTTPClientRequest) async throws -> Raw {
    try await Deadline.run(deadline) { [http, deadline] in
      let limit = TimeAmount(deadline)
      let response = try await http.execute(request, timeout: limit)
      let body = try await response.body.collect(upTo: Self.maximumAnswer)
      return Raw(
        status: Int(response.status.code),
        retryAfter: response.headers.first(name: "Retry-After").flatMap { Int64($0) },
        bytes: Array(body.readableBytesView))
    }
  }

  /// What status and body come to.
  package static func reply<Answer: Sendable & Equatable>(
    status: Int, _ bytes: [UInt8], retryAfter: Int64?,
    _ read: ([UInt8]) throws -> Answer
  ) -> GatewayReply<Answer> {
    let retryAfter = retryAfter.map { max(0, $0) }
    guard status == 200 else {
      if let problem = Problem(bytes) { return .problem(problem, retryAfter: retryAfter) }
      return .unreadable("HTTP \(status) without a problem document", retryAfter: retryAfter)
    }
    do { return .answer(try read(bytes)) } catch {
      return .unreadable("\(error)", retryAfter: retryAfter)
    }
  }

  private static func describe(_ error: any Error) -> String {
    if error is Deadline.Exceeded { return "no whole answer in time" }
    if let error = error as? HTTPClientError { return error.shortDescription }
    if let error = error as? IOError { return error.description }
    return "no connection (\(type(of: error)))"
  }
}
