internal import Billing
internal import Hummingbird
internal import Reporting
internal import Sealing
internal import ServiceLifecycle
internal import Serving

/// What the command line asks of the vendor's statements, over the socket.
struct StatementRoutes: Sendable {
  let desk: ControlDesk

  func add(to router: Router<PeerContext>) {
    router.only(.post, "/v1/control/statement") { request, _ in
      guard let month = request.uri.queryParameters["month"].flatMap({ Month(String($0)) }) else {
        throw Problem(.malformed, "month must be a month as 2026-11")
      }
      return try await cancelWhenGracefulShutdown {
        try await answer { () async throws(VerifierError) in
          try await desk.statement(of: month).json
        }
      }
    }
    router.only(.post, "/v1/control/statement/check") { request, _ in
      let file = try await request.bytes(upTo: Statement.kind.maximumFile)
      let source = request.uri.queryParameters["source"].map(String.init) ?? "the statement"
      return try await answer { () async throws(VerifierError) in
        try await desk.check(statement: file, source: source).json
      }
    }
  }

  private func answer(
    _ body: () async throws(VerifierError) -> JSONValue
  ) async throws -> Response {
    do throws(VerifierError) { return Response(json: try await desk.steadily(body)) } catch {
      throw Problem(error)
    }
  }
}
