package import Hummingbird
package import Logging
package import Serving
internal import Storage

/// One installation at work: everything that `serve` runs, wired together but not yet running.
package struct VerifierDaemon: Sendable {
  package let desk: ControlDesk
  package let counting: Counting
  package var reporter: Reporter { desk.reporter }
  package var standing: StandingKeeper { desk.standing }
  package let metrics: VerifierMetrics
  package let logger: Logger
  /// Rung when there is something to report.
  package let bell: Doorbell
  package let live: LiveSettings
  /// Looks after the license file of the settings.
  package let watcher: LicenseWatcher
  private let intake: IntakeSettings
  private let traced = TracedHosts()

  /// Wires the daemon and brings counting up to the present.
  /// - Throws: ``VerifierError``: a journal that is damaged, a clock or zone that cannot be read.
  package init(
    _ installation: Installation, client: some GatewayClient,
    intake: IntakeSettings = IntakeSettings(),
    live: LiveSettings = LiveSettings(LiveSettings.Values()), logger: Logger
  ) async throws(VerifierError) {
    let findings = OwnFindings(damage: installation.damage)
    let counting = Counting(
      installation, findings: findings, pace: live.current.pace,
      identity: intake.identity, logger: logger)
    let bell = Doorbell()
    let metrics = VerifierMetrics()
    desk = try await ControlDesk(
      installation, client: client, counting: counting, findings: findings, live: live,
      logger: logger, now: { counting.keeper?.view.now }, changed: { bell.ring() })
    self.counting = counting
    self.bell = bell
    self.intake = intake
    self.logger = logger
    self.live = live
    self.metrics = metrics
    watcher = LicenseWatcher(desk, live: live, logger: logger)
    try await counting.apply()
    await desk.standing.refresh(counting.keeper?.view)
  }

  /// One turn of the counter, and what follows from it.
  package func step() async throws(VerifierError) {
    try await exclusively(desk.door) { () async throws(VerifierError) in
      if let fault = desk.findings.fault { throw fault }
      let outcome = try await counting.step()
      for entry in outcome.appended { await reporter.appended(entry) }
      if !outcome.appended.isEmpty { bell.ring() }
      if outcome.closedDay {
        try await counting.apply()
        await standing.refresh(counting.keeper?.view)
      }
    }
  }

  /// What is done each minute: the floor is saved, and everything judged again.
  package func minute() async throws(VerifierError) {
    try await exclusively(desk.door) { () async throws(VerifierError) in
      try await saveFloor()
      if counting.keeper == nil {
        try await unlessFull("counting has not begun") { () async throws(VerifierError) in
          try await counting.apply()
        }
      }
      await standing.refresh(counting.keeper?.view)
    }
  }

  /// Commits what is left, the floor and the standing; counting has ended.
  package func finish() async throws(VerifierError) {
    try await exclusively(desk.door) { () async throws(VerifierError) in
      let view = counting.keeper?.view
      try await counting.finish()
      try await saveFloor()
      await standing.refresh(view)
      if let fault = desk.findings.fault { throw fault }
      do throws(StorageError) { try desk.installation.ledger.database.settle() } catch {
        throw VerifierError(error)
      }
    }
  }

  /// Reports whatever is due, and counts how it ended.
  /// - Throws: ``VerifierError`` as ``ControlDesk/pass(_:force:)`` does.
  package func report() async throws(VerifierError) -> Reporter.Pass {
    try await desk.pass(.serve)
  }

  private func saveFloor() async throws(VerifierError) {
    guard let floor = desk.installation.time.floor else { return }
    try await unlessFull("the floor is not saved") { () async throws(VerifierError) in
      try await desk.installation.ledger.saveFloor(floor)
    }
  }

  /// Does what can be done later as well where no space is left for it now.
  private func unlessFull(
    _ loss: Logger.Message, _ body: () async throws(VerifierError) -> Void
  ) async throws(VerifierError) {
    do throws(VerifierError) { try await body() } catch {
      guard error.code == .storeFull else { throw error }
      logger.error(loss, metadata: ["cause": "\(error.message)"])
    }
  }

  /// The routes of the network address.
  package func intakeRouter() -> Router<PeerContext> {
    let router = Router(context: PeerContext.self)
    router.add(middleware: ProblemMiddleware())
    IntakeRoutes(desk, metrics: metrics, settings: intake, traced: traced).add(to: router)
    CollectorRoutes(desk).add(to: router)
    ObservationRoutes(desk, metrics: metrics).add(to: router)
    return router
  }

  /// The routes of the socket: those of the network address, and control.
  package func socketRouter() -> Router<PeerContext> {
    let router = intakeRouter()
    ControlRoutes(desk).add(to: router)
    CollectorRoutes(desk).addControl(to: router)
    return router
  }
}
