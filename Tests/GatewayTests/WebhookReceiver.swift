import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Logging
import NIOCore
import Synchronization

/// An endpoint on this machine that behaves as a test says, and remembers what came.
final class WebhookReceiver: Sendable {
  enum Behaviour: Sendable {
    case answer(Int, retryAfter: String? = nil)
    /// Sends the client elsewhere.
    case redirect
    /// Answers once something holds.
    case waits(@Sendable () -> Bool)
    /// Never answers while the test runs.
    case hang
    /// 200, and a body that does not end.
    case endless
  }

  struct Message: Sendable {
    let path: String
    let id: String
    let timestamp: String
    let signature: String
    let body: String
  }

  private struct State {
    var behaviour = Behaviour.answer(204)
    var messages: [Message] = []
    var isOver = false
  }

  private let state = Mutex(State())

  var messages: [Message] { state.withLock { $0.messages } }

  func behave(_ behaviour: Behaviour) { state.withLock { $0.behaviour = behaviour } }

  private var isOver: Bool { state.withLock { $0.isOver } }

  /// Plays while it listens; `body` gets the URL without a path.
  func play<Value: Sendable>(
    _ body: @escaping @Sendable (String) async throws -> Value
  ) async throws -> Value {
    let router = Router(context: BasicRequestContext.self)
    router.post("**") { request, _ in try await self.take(request) }
    router.get("**") { request, _ in try await self.take(request) }
    var logger = Logger(label: "receiver") { _ in SwiftLogNoOpLogHandler() }
    logger.logLevel = .critical
    let application = Application(
      router: router,
      configuration: ApplicationConfiguration(address: .hostname("127.0.0.1", port: 0)),
      logger: logger)
    return try await application.test(.live) { client in
      defer { self.state.withLock { $0.isOver = true } }
      guard let port = client.port else { throw TestInstallation.Missing() }
      return try await body("http://127.0.0.1:\(port)")
    }
  }

  private func take(_ request: Request) async throws -> Response {
    let bytes = try await request.body.collect(upTo: 1 << 20)
    func header(_ name: String) -> String {
      HTTPField.Name(name).flatMap { request.headers[$0] } ?? ""
    }
    let message = Message(
      path: request.uri.path, id: header("webhook-id"), timestamp: header("webhook-timestamp"),
      signature: header("webhook-signature"), body: String(buffer: bytes))
    let behaviour = state.withLock { state in
      state.messages.append(message)
      return state.behaviour
    }
    switch behaviour {
    case .answer(let code, let retryAfter):
      var response = Response(status: .init(code: code))
      if let retryAfter { response.headers[.retryAfter] = retryAfter }
      return response
    case .redirect:
      return Response(status: .temporaryRedirect, headers: [.location: "/elsewhere"])
    case .waits(let holds):
      while !isOver, !holds() { try await Task.sleep(for: .milliseconds(5)) }
      return Response(status: .ok)
    case .hang:
      while !isOver { try await Task.sleep(for: .milliseconds(5)) }
      return Response(status: .ok)
    case .endless:
      return Response(
        status: .ok,
        body: ResponseBody { writer in
          let part = ByteBuffer(repeating: 0x20, count: 4096)
          while !self.isOver { try await writer.write(part) }
          try await writer.finish(nil)
        })
    }
  }
}
