package import AsyncHTTPClient
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
package import Platform
internal import Sealing
internal import ServiceLifecycle
internal import Serving

/// What became of one request to an endpoint.
package enum WebhookAnswer: Sendable, Equatable {
  /// It answered.
  case status(Int64, retryAfter: Int64?)
  /// No answer: why, for people.
  case none(String)
  /// The process is being told to stop, and waits no longer.
  case brokenOff
}

/// Sends messages to endpoints.
///
/// Rules:
/// 1. The certificate of an `https` endpoint must be valid for its name; no redirect is followed.
/// 2. The status is the answer. Of a body little is read and nothing kept, however much comes.
/// 3. A request has 10 s; once the process is told to stop, 3 s.
package struct WebhookSender: Sendable {
  private let http: HTTPClient
  private let clock: any WallClock
  private let deadline: Duration

  private static let drain = Duration.seconds(3)
  /// How much of a body is read, and how long: whoever answers little keeps the connection.
  private static let bodyLimit = 16 * 1024
  private static let bodyPatience = Duration.seconds(1)

  package init(_ http: HTTPClient, clock: any WallClock, deadline: Duration = .seconds(10)) {
    self.http = http
    self.clock = clock
    self.deadline = deadline
  }

  package static var configuration: HTTPClient.Configuration {
    var configuration = HTTPClient.Configuration()
    configuration.redirectConfiguration = .disallow
    configuration.timeout = HTTPClient.Configuration.Timeout(
      connect: .seconds(5), read: .seconds(10))
    configuration.httpVersion = .http1Only
    configuration.connectionPool.retryConnectionEstablishment = false
    configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit =
      WebhookCourier.atOnce
    return configuration
  }

  /// Lends a sender, whose connections are closed afterwards.
  package static func lend<Value: Sendable>(
    clock: any WallClock, deadline: Duration = .seconds(10),
    _ body: (WebhookSender) async throws -> Value
  ) async throws -> Value {
    let http = HTTPClient(
      eventLoopGroupProvider: .singleton, configuration: Self.configuration)
    let value: Result<Value, any Error>
    do {
      value = .success(try await body(WebhookSender(http, clock: clock, deadline: deadline)))
    } catch { value = .failure(error) }
    // What is open is cut: nobody waits for it any more.
    try? await http.shutdown()
    return try value.get()
  }

  /// Sends a message once.
  package func send(
    _ message: WebhookMessage, to url: String, signedBy secrets: [WebhookSecret]
  ) async -> WebhookAnswer {
    guard let now = try? clock.now() else { return .none("the clock cannot be read") }
    var request = HTTPClientRequest(url: url)
    request.method = .POST
    request.headers.add(name: "content-type", value: "application/json")
    request.headers.add(name: "user-agent", value: "tally-gateway")
    for header in message.headers(signedBy: secrets, at: now) {
      request.headers.add(name: header.name, value: header.value)
    }
    request.body = .bytes(ByteBuffer(bytes: message.body))
    let ready = request
    return await withTaskGroup(of: WebhookAnswer?.self) { group in
      group.addTask { await exchange(ready) }
      group.addTask {
        do {
          try await gracefulShutdown()
          try await Task.sleep(for: Self.drain)
        } catch { return nil }
        return .brokenOff
      }
      defer { group.cancelAll() }
      // The first that is not nil: nil comes from a task that was cancelled.
      while let answer = await group.next() {
        if let answer { return answer }
      }
      return .brokenOff
    }
  }

  private func exchange(_ request: HTTPClientRequest) async -> WebhookAnswer? {
    do {
      let response = try await Deadline.run(deadline) { [http, deadline] in
        try await http.execute(request, timeout: TimeAmount(deadline))
      }
      let date = response.headers.first(name: "date")
      let retryAfter = response.headers.first(name: "retry-after").flatMap {
        RetryAfter.seconds($0, date: date, now: try? clock.now())
      }
      // A body that does not end, or is cut, changes nothing in the answer.
      try? await Deadline.run(Self.bodyPatience) {
        var count = 0
        for try await part in response.body {
          count += part.readableBytes
          if count > Self.bodyLimit { return }
        }
      }
      return .status(Int64(response.status.code), retryAfter: retryAfter)
    } catch is CancellationError {
      return nil
    } catch { return .none(Self.words(error)) }
  }

  private static let late: [HTTPClientError] = [
    .cancelled, .deadlineExceeded, .readTimeout, .connectTimeout,
  ]

  /// What happened, for people: never the URL, which may be a secret of its own.
  private static func words(_ error: any Error) -> String {
    switch error {
    case is Deadline.Exceeded: "no answer in time"
    case let error as HTTPClientError where Self.late.contains(error): "no answer in time"
    case let error as HTTPClientError: error.shortDescription
    case let error as NIOConnectionError where error.connectionErrors.isEmpty:
      "the name has no address"
    case is NIOConnectionError, is IOError: "nothing takes the connection"
    case let error where "\(type(of: error))".contains("SSL"):
      "TLS fails: the certificate must be valid, and for this name"
    default: "no connection (\(type(of: error)))"
    }
  }
}
