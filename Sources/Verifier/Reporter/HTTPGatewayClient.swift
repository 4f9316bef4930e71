package import AsyncHTTPClient
internal import NIOCore
internal import NIOHTTP1
package import Platform
package import Reporting
internal import Sealing
internal import Serving

/// A gateway reached by HTTP.
package struct HTTPGatewayClient: GatewayClient {
  /// The largest answer that is read.
  private static let maximumAnswer = DocumentKind.statement.maximumFile

  private let transport: GatewayTransport
  private let deadline: Duration
  private let clock: any WallClock

  /// - Parameters:
  ///   - deadline: how long an exchange may take, from the connection to the end of the answer.
  ///   - clock: for a date in an answer without a date of its own.
  package init(
    _ transport: GatewayTransport, deadline: Duration = .seconds(30),
    clock: some WallClock = SystemClock()
  ) {
    self.transport = transport
    self.deadline = deadline
    self.clock = clock
  }

  /// How the client is set up: no redirects, since they would carry usage elsewhere.
  package static var configuration: HTTPClient.Configuration {
    var configuration = HTTPClient.Configuration()
    configuration.redirectConfiguration = .disallow
    // Each exchange has its deadline; silence is bounded by the longest of them, for a gateway computes first.
    configuration.timeout = HTTPClient.Configuration.Timeout(
      connect: .seconds(10), read: .seconds(90))
    configuration.httpVersion = .http1Only
    // How long to wait before another attempt is decided in one place, not here.
    configuration.connectionPool.retryConnectionEstablishment = false
    return configuration
  }

  package func report(
    _ request: ReportRequest, to gateway: GatewayAddress
  ) async -> GatewayReply<ReportAnswer> {
    await post(request.json, to: gateway, "/v1/reports") { try ReportAnswer($0) }
  }

  package func activate(
    _ request: ActivationRequest, at gateway: GatewayAddress
  ) async -> GatewayReply<ActivationAnswer> {
    await post(request.json, to: gateway, "/v1/activations") { try ActivationAnswer($0) }
  }

  package func statement(
    _ request: StatementRequest, at gateway: GatewayAddress
  ) async -> GatewayReply<StatementAnswer> {
    // It may have several MB, and be computed first.
    await post(request.json, to: gateway, "/v1/statements/fetch", within: deadline * 3) {
      try StatementAnswer($0)
    }
  }

  /// Asks whether a gateway is there, and sends nothing of this installation.
  /// - Returns: the status of its answer, and whether that is a gateway's.
  /// - Throws: ``ExchangeFault`` naming the step that failed.
  package func probe(
    _ gateway: GatewayAddress
  ) async throws(ExchangeFault) -> (status: Int, isGateway: Bool) {
    var request = HTTPClientRequest(url: gateway.url("/healthz"))
    request.headers.add(name: "User-Agent", value: Self.agent)
    let raw = try await exchange(request, with: gateway)
    let status = (try? JSONScanner.scan(raw.bytes, maximumDepth: 8))?["status"]?.string
    return (raw.status, raw.status == 200 && status == "ok")
  }

  private static let agent = "tally-verifier"

  private func post<Answer: Sendable & Equatable>(
    _ json: JSONValue, to gateway: GatewayAddress, _ path: String, within limit: Duration? = nil,
    _ read: ([UInt8]) throws -> Answer
  ) async -> GatewayReply<Answer> {
    let url = gateway.url(path)
    var request = HTTPClientRequest(url: url)
    request.method = .POST
    request.headers.add(name: "Content-Type", value: "application/json")
    request.headers.add(name: "User-Agent", value: Self.agent)
    request.body = .bytes(ByteBuffer(bytes: json.serialized))
    let raw: Raw
    do throws(ExchangeFault) { raw = try await exchange(request, with: gateway, limit) } catch {
      return .unreachable("\(url): \(error.step.rawValue): \(error)")
    }
    return Self.reply(status: raw.status, raw.bytes, retryAfter: raw.retryAfter, read)
  }

  private struct Raw: Sendable {
    var status: Int
    var retryAfter: Int64?
    var bytes: [UInt8]
  }

  /// One deadline is over head and body: a gateway that stops halfway does not stop reporting.
  private func exchange(
    _ request: HTTPClientRequest, with gateway: GatewayAddress, _ limit: Duration? = nil
  ) async throws(ExchangeFault) -> Raw {
    let (http, proxy) = transport.route(to: gateway)
    let deadline = limit ?? deadline
    do {
      return try await Deadline.run(deadline) { [clock] in
        let limit = TimeAmount(deadline)
        let response = try await http.execute(request, timeout: limit)
        let body = try await response.body.collect(upTo: Self.maximumAnswer)
        let date = response.headers.first(name: "Date")
        return Raw(
          status: Int(response.status.code),
          retryAfter: response.headers.first(name: "Retry-After").flatMap {
            RetryAfter.seconds($0, date: date, now: try? clock.now())
          },
          bytes: Array(body.readableBytesView))
      }
    } catch { throw ExchangeFault(error, gateway: gateway, proxy: proxy) }
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
}
