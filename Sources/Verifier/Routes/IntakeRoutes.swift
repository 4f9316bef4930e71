internal import HTTPTypes
package import Hummingbird
internal import Metering
internal import Platform
internal import Reporting
internal import Sealing
internal import Serving

/// The ways in of beats.
///
/// `POST /v1/datakit/usage_trace` and `/v1/admit` ask for no token and are open to the gate's peers;
/// `POST /v1/beats` asks for the installation's token. `/v1/admit` answers 204 or 403, never 5xx: a
/// fault of ours is no reason to refuse a customer's data.
package struct IntakeRoutes: Sendable {
  private static let traceLimit = 64 * 1024
  private static let beatsLimit = 4 * 1024 * 1024
  /// What a DataKit understands as "beyond its usage".
  private static let beyondUsage: JSONValue = ["error_code": "kodo.beyondDataUsage"]

  private let desk: ControlDesk
  private let metrics: VerifierMetrics
  private let gate: IntakeGate

  package init(_ desk: ControlDesk, metrics: VerifierMetrics, gate: IntakeGate) {
    self.desk = desk
    self.metrics = metrics
    self.gate = gate
  }

  package func add(to router: Router<PeerContext>) {
    router.only(.post, "/v1/datakit/usage_trace") { try await usageTrace($0, $1) }
    router.only(.post, "/v1/beats") { request, _ in try await beats(request) }
    for method in Router<PeerContext>.everyMethod {
      router.on("/v1/admit", method: method) { try await admit($0, $1) }
    }
  }

  private func usageTrace(_ request: Request, _ context: PeerContext) async throws -> Response {
    try requireAdmitted(context)
    let bytes = try await request.bytes(upTo: Self.traceLimit)
    let beat: Beat
    do throws(Refusal) { beat = try UsageTrace.parse(bytes) } catch {
      metrics.count("tally_beats_malformed_total")
      throw Problem(error)
    }
    _ = try take([beat], .usageTrace)
    return Response(json: [:])
  }

  private func admit(_ request: Request, _ context: PeerContext) async throws -> Response {
    try requireAdmitted(context)
    guard let beat = request.headers[.userAgent].flatMap(DataKitUserAgent.parse) else {
      metrics.count("tally_beats_unidentified_total")
      return denied ?? Response(status: .noContent)
    }
    let arrivals = try? take([beat], .admit)
    if let denied { return denied }
    guard arrivals?.first != .refused else {
      return Response(json: Self.beyondUsage, status: .forbidden)
    }
    return Response(status: .noContent)
  }

  /// The answer where the license has the verdict enforced at the intake, and it denies.
  private var denied: Response? {
    guard desk.standing.deniesIntake else { return nil }
    metrics.count("tally_intake_denied_total")
    return Response(json: Self.beyondUsage, status: .forbidden)
  }

  private func beats(_ request: Request) async throws -> Response {
    try requireToken(request, desk)
    let bytes = try await request.bytes(upTo: Self.beatsLimit)
    let beats: [Beat]
    do throws(Refusal) { beats = try NativeBeats.parse(bytes) } catch {
      metrics.count("tally_beats_malformed_total")
      throw Problem(error)
    }
    guard let arrivals = try take(beats, .beats) else {
      throw Problem(.notReady, "no license is installed: nothing is counted yet")
    }
    let refused = arrivals.count { $0 == .refused }
    return Response(json: [
      "taken": .integer(beats.count - refused), "refused": .integer(refused),
    ])
  }

  /// - Returns: what became of the beats, nil where nothing is counted.
  private func take(
    _ beats: [Beat], _ way: VerifierMetrics.Way
  ) throws -> [Presence.Arrival?]? {
    guard let keeper = desk.counting?.keeper else {
      metrics.count("tally_beats_uncounted_total", beats.count)
      return nil
    }
    let arrivals: [Presence.Arrival?]
    do throws(PlatformError) { arrivals = try keeper.take(beats) } catch {
      throw Problem(.notReady, error.message)
    }
    metrics.took(beats.count, way)
    let refused = arrivals.count { $0 == .refused }
    if refused > 0 { metrics.count("tally_beats_refused_total", refused) }
    return arrivals
  }

  private func requireAdmitted(_ context: PeerContext) throws {
    guard gate.admits(context.peer) else {
      throw Problem(
        .forbidden,
        "this path is open to this machine and to listed proxies: list the peer in the setting "
          + "intake-from")
    }
  }
}

/// Refuses a request without the installation's token.
func requireToken(_ request: Request, _ desk: ControlDesk) throws {
  guard
    SecretComparison.areEqual(try request.bearerToken(), desk.installation.keys.token)
  else {
    throw Problem(.unauthorized, "the token is not the one of this installation")
  }
}
