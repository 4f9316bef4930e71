internal import CivilTime
package import Hummingbird
internal import HTTPTypes
internal import Reporting
internal import Sealing
internal import ServiceLifecycle
package import Serving

/// What the command line asks of a running daemon, over its socket. Who can open the socket may ask.
///
/// What waits for a gateway is given up when the daemon ends.
package struct ControlRoutes: Sendable {
  private static let fileLimit = 8 * 1024 * 1024

  private let desk: ControlDesk

  package init(_ desk: ControlDesk) {
    self.desk = desk
  }

  package func add(to router: Router<PeerContext>) {
    EvidenceRoutes(desk: desk).add(to: router)
    StatementRoutes(desk: desk).add(to: router)
    router.only(.get, "/v1/control/status") { request, _ in
      let runs = try Self.runs(request)
      return try await answer { () async throws(VerifierError) in
        try await desk.status(runs: runs)
      }
    }
    router.only(.get, "/v1/control/usage") { request, _ in
      let date = try Self.date(request)
      return try await answer { () async throws(VerifierError) in try await desk.usage(on: date) }
    }
    router.only(.get, "/v1/control/review") { _, _ in
      try await answer { () async throws(VerifierError) in try await desk.review() }
    }
    router.only(.post, "/v1/control/report") { _, _ in
      try await cancelWhenGracefulShutdown {
        try await answer { () async throws(VerifierError) in try await desk.report().json }
      }
    }
    router.only(.post, "/v1/control/activate") { _, _ in
      try await cancelWhenGracefulShutdown {
        try await answer { () async throws(VerifierError) in try await desk.activate().json }
      }
    }
    router.only(.post, "/v1/control/license") { request, _ in
      let file = try await request.bytes(upTo: Self.fileLimit)
      let source = request.uri.queryParameters["source"].map(String.init) ?? "the license file"
      return try await answer { () async throws(VerifierError) in
        let words = try await desk.install(file, source: source)
        return ["installed": .array(words.map { .string($0) })]
      }
    }
  }

  private static func runs(_ request: Request) throws -> Int {
    guard let text = request.uri.queryParameters["runs"] else { return ControlDesk.shownRuns }
    guard let runs = Int(String(text)), ControlDesk.runs.contains(runs) else {
      throw Problem(
        .malformed, "runs must be a whole number from 0 to \(ControlDesk.runs.upperBound)")
    }
    return runs
  }

  private static func date(_ request: Request) throws -> CivilDate? {
    guard let text = request.uri.queryParameters["date"] else { return nil }
    guard let date = CivilDate(String(text)) else {
      throw Problem(.malformed, "date must be a date as 2026-11-21")
    }
    return date
  }

  private func answer(
    _ body: () async throws(VerifierError) -> JSONValue
  ) async throws -> Response {
    do throws(VerifierError) { return Response(json: try await desk.steadily(body)) } catch {
      throw Problem(error)
    }
  }
}
