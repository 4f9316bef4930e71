internal import HTTPTypes
package import Hummingbird
internal import Licensing
internal import Reporting
internal import Sealing
package import Serving

/// The verdict, health and metrics.
package struct ObservationRoutes: Sendable {
  private let desk: ControlDesk
  private let metrics: VerifierMetrics

  package init(_ desk: ControlDesk, metrics: VerifierMetrics) {
    self.desk = desk
    self.metrics = metrics
  }

  package func add(to router: Router<PeerContext>) {
    router.only(.get, "/v1/verdict") { request, _ in try await verdict(request) }
    router.only(.get, "/healthz") { _, _ in Self.alive }
    router.only(.get, "/readyz") { _, _ in try ready() }
    router.only(.get, "/metrics") { _, _ in try await exposition() }
  }

  /// The process lives: no state is asked for it.
  private static let alive = Response(json: ["status": "ok"])

  /// The verdict of this moment; 503 where there can be none.
  private func verdict(_ request: Request) async throws -> Response {
    try requireToken(request, desk)
    let judgement = await desk.standing.refresh(
      desk.counting?.keeper?.view, writes: false)
    guard case .verdict = judgement else {
      return Response(json: ControlDesk.json(judgement), status: .serviceUnavailable)
    }
    return Response(json: ControlDesk.json(judgement))
  }

  private func ready() throws -> Response {
    guard desk.isReady else {
      throw Problem(
        .notReady,
        desk.counting?.keeper == nil
          ? "no license is installed: run license install FILE"
          : "commits do not go through: free space in the state folder")
    }
    return Response(json: ["status": "ready"])
  }

  private func exposition() async throws -> Response {
    do throws(VerifierError) {
      try await desk.steadily { () async throws(VerifierError) in try await desk.measure(metrics) }
    } catch { throw Problem(error) }
    return Response(
      bytes: Array(metrics.registry.text().utf8), type: "text/plain; version=0.0.4")
  }
}
