internal import HTTPTypes
package import Hummingbird
internal import Metering
internal import Reporting
internal import Sealing
package import Serving

/// The ways in of beats.
///
/// `POST /v1/datakit/usage_trace` and `/v1/admit` ask for no token and are open to the gate's peers;
/// `POST /v1/beats` asks for the installation's token. `/v1/admit` answers 204 or 403, never 5xx: a
/// fault of ours is no reason to refuse a customer's data unless the settings say so.
package struct IntakeRoutes: Sendable {
  /// The longest usage trace, in bytes.
  static let traceLimit = 64 * 1024
  /// The longest body of beats, in bytes.
  static let beatsLimit = 4 * 1024 * 1024
  private static let admitPath = "/v1/admit"

  private let desk: ControlDesk
  private let metrics: VerifierMetrics
  private let settings: IntakeSettings
  private let counter: IntakeCounter
  private let traced: TracedHosts

  /// - Parameter traced: shared by all routes of a daemon, whichever address they are on.
  package init(
    _ desk: ControlDesk, metrics: VerifierMetrics, settings: IntakeSettings, traced: TracedHosts
  ) {
    self.desk = desk
    self.traced = traced
    self.metrics = metrics
    self.settings = settings
    counter = IntakeCounter(desk: desk, metrics: metrics)
  }

  package func add(to router: Router<PeerContext>) {
    router.only(.post, "/v1/datakit/usage_trace") { try await usageTrace($0, $1) }
    router.only(.post, "/v1/beats") { request, _ in try await beats(request) }
    for method in Router<PeerContext>.everyMethod {
      router.on("/v1/admit", method: method) { try admit($0, $1) }
      router.on("/v1/admit/**", method: method) { try admit($0, $1) }
    }
  }

  private var rules: IdentityRules { desk.counting?.identity.rules ?? settings.identity }

  private func usageTrace(_ request: Request, _ context: PeerContext) async throws -> Response {
    try requireAdmitted(context.peer)
    let bytes = try await request.bytes(upTo: Self.traceLimit)
    let rules = rules
    let trace: UsageTrace
    let beat: Beat
    do throws(Refusal) {
      trace = try UsageTrace(bytes)
      beat = try rules.beat(of: trace)
    } catch {
      metrics.malformed.add()
      throw Problem(error)
    }
    do throws(IntakeCounter.Doubt) {
      let arrivals = try counter.take([beat], .usageTrace)
      if trace.saysNoWeight { metrics.weightless.add() }
      if rules.dataKit != .hostname, let host = beat.host {
        traced.note(host, isRefused: arrivals.first == .refused)
      }
    } catch {
      metrics.doubt.add()
      if case .clockUnreadable = error { throw Problem(error) }
    }
    return Response(json: [:])
  }

  private func admit(_ request: Request, _ context: PeerContext) throws -> Response {
    let peer = context.peer
    try requireAdmitted(peer)
    let push = Push(
      headers: request.headers, target: Self.target(request), peer: peer, gate: settings.gate)
    switch push.caller(rules) {
    case .collector(let beat): return admit(beat)
    case .dataKit(let host):
      if isDenied { return deny() }
      return traced.isRefused(host) ? IntakeAnswer.overLimit : IntakeAnswer.admitted
    case .nobody, .malformed:
      metrics.unidentified.add()
      if isDenied { return deny() }
      return settings.unidentified == .admit ? IntakeAnswer.admitted : IntakeAnswer.unidentified
    }
  }

  private func admit(_ beat: Beat) -> Response {
    do throws(IntakeCounter.Doubt) {
      let arrivals = try counter.take([beat], .admit)
      if isDenied { return deny() }
      return arrivals.first == .refused ? IntakeAnswer.overLimit : IntakeAnswer.admitted
    } catch {
      metrics.doubt.add()
      if isDenied { return deny() }
      return settings.doubt == .admit ? IntakeAnswer.admitted : IntakeAnswer.inDoubt
    }
  }

  /// What stands behind `/v1/admit` in the path, with the query: Envoy puts the original request there.
  private static func target(_ request: Request) -> String {
    let uri = request.uri.string
    return uri.utf8.count > admitPath.utf8.count
      ? String(uri.utf8.dropFirst(admitPath.utf8.count)) ?? "" : ""
  }

  private var isDenied: Bool { desk.standing.deniesIntake }

  private func deny() -> Response {
    metrics.denied.add()
    return IntakeAnswer.denied
  }

  private func beats(_ request: Request) async throws -> Response {
    try requireToken(request, desk)
    let bytes = try await request.bytes(upTo: Self.beatsLimit)
    let beats: [Beat]
    do throws(Refusal) { beats = try NativeBeats.parse(bytes) } catch {
      metrics.malformed.add()
      throw Problem(error)
    }
    let arrivals: [Presence.Arrival?]
    do throws(IntakeCounter.Doubt) { arrivals = try counter.take(beats, .beats) } catch {
      throw Problem(error)
    }
    return Response(json: Self.answer(arrivals))
  }

  /// How many were taken, and the places of those that were refused, counted from 1.
  private static func answer(_ arrivals: [Presence.Arrival?]) -> JSONValue {
    let refused = arrivals.indices.filter { arrivals[$0] == .refused }
    var members = [
      JSONMember("taken", .integer(arrivals.count - refused.count)),
      JSONMember("refused", .integer(refused.count)),
    ]
    if !refused.isEmpty {
      members.append(JSONMember("refused_beats", .array(refused.map { .integer($0 + 1) })))
    }
    return .object(members)
  }

  private func requireAdmitted(_ peer: Peer) throws {
    guard settings.gate.admits(peer) else {
      metrics.unlisted.add()
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
