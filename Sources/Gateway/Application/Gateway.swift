package import Billing
package import LibcryptoIssuing
package import Logging
package import Platform
package import Reporting
internal import Sealing
internal import Serving

/// The gateway's services, joined to one store, one trust and one clock.
package struct Gateway: Sendable {
  package let store: any LedgerStore
  package let trust: GatewayTrust
  package let reports: ReportService
  package let activations: ActivationService
  package let publications: PublicationService
  package let statements: StatementService
  package let counter: StatementCounter
  package let closer: DateCloser
  package let decisions: DecisionService
  package let installations: InstallationService
  package let findings: FindingService
  package let findingWatch: FindingWatch
  package let tokens: TokenService
  package let webhooks: WebhookService
  package let dueEvents: DueEvents
  package let metrics = GatewayMetrics()
  private let seal: GatewaySeal
  private let clock: any WallClock

  /// - Parameters:
  ///   - perInstallation: reports of one installation a minute, and statements that it asks for; 0 for
  ///     any number.
  ///   - closesFrom: from when on dates are closed that nobody reports, and installations found silent.
  package init(
    store: any LedgerStore, trust: GatewayTrust, key: VendorKey, clock: any WallClock,
    perInstallation: Int64 = 0, closesFrom: Int64 = .min
  ) {
    self.store = store
    self.trust = trust
    self.clock = clock
    let seal = GatewaySeal(key, trust)
    self.seal = seal
    let shelf = LicenseShelf(store, trust)
    func pace() -> RateLimiter<Thumbprint>? {
      perInstallation > 0 ? RateLimiter(perMinute: perInstallation) : nil
    }
    reports = ReportService(
      store: store, trust: trust, seal: seal, shelf: shelf, clock: clock, pace: pace())
    closer = DateCloser(
      store: store, shelf: shelf, seal: seal, clock: clock, metrics: metrics, opensAt: closesFrom)
    activations = ActivationService(
      store: store, trust: trust, seal: seal, shelf: shelf, clock: clock)
    publications = PublicationService(store: store, trust: trust, shelf: shelf, clock: clock)
    statements = StatementService(
      store: store, shelf: shelf, clock: clock, closer: closer, seal: seal)
    decisions = DecisionService(
      store: store, seal: seal, closer: closer, statements: statements, clock: clock)
    counter = StatementCounter(
      store: store, trust: trust, seal: seal, statements: statements, clock: clock, pace: pace())
    installations = InstallationService(store: store, shelf: shelf)
    findings = FindingService(store: store, clock: clock)
    findingWatch = FindingWatch(
      store: store, shelf: shelf, clock: clock, metrics: metrics, opensAt: closesFrom)
    tokens = TokenService(store: store, clock: clock)
    webhooks = WebhookService(store: store, clock: clock)
    dueEvents = DueEvents(store: store, shelf: shelf, clock: clock)
  }

  /// Lends what brings events to endpoints.
  /// - Parameter deadline: how long one request may take.
  package func lendCourier(
    logger: Logger, deadline: Duration = .seconds(10),
    _ body: (WebhookCourier) async throws -> Void
  ) async throws {
    try await WebhookSender.lend(clock: clock, deadline: deadline) { sender in
      try await body(
        WebhookCourier(
          store: store, clock: clock, metrics: metrics, sender: sender, logger: logger))
    }
  }

  /// Seals a statement.
  /// - Throws: ``Problem`` `TOO_LARGE`, `NOT_READY`.
  package func sealed(_ statement: Statement) throws(Problem) -> String {
    try seal.statement(statement)
  }

  /// Why the gateway's key may not seal at an instant, nil if it may.
  package func sealObstacle(at instant: Int64) -> String? { seal.obstacle(at: instant) }

  /// The present, nil where the clock cannot be read.
  var now: Int64? { try? clock.now() }

  /// Why requests cannot be served at present, nil if they can.
  package func obstacle() async -> String? {
    guard let now = try? clock.now() else { return "the clock cannot be read" }
    if let obstacle = seal.obstacle(at: now) { return obstacle }
    guard (try? await store.read({ try $0.position() })) != nil else {
      return "the store cannot be read: see the log"
    }
    return nil
  }
}
