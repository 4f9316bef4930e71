package import Hummingbird
package import Logging
internal import Serving

/// One installation at work: everything that `serve` runs, wired together but not yet running.
package struct VerifierDaemon: Sendable {
  package let desk: ControlDesk
  package let counting: Counting
  package let reporter: Reporter
  package let standing: StandingKeeper
  package let metrics: VerifierMetrics
  package let logger: Logger
  /// Rung when there is something to report.
  package let bell: Doorbell
  private let gate: IntakeGate

  /// Wires the daemon and brings counting up to the present.
  /// - Throws: ``VerifierError``: a journal that is damaged, a clock or zone that cannot be read.
  package init(
    _ installation: Installation, client: some GatewayClient, gate: IntakeGate = .thisMachine,
    pace: SampleSchedule.Pace = SampleSchedule.Pace(), logger: Logger
  ) async throws(VerifierError) {
    let findings = OwnFindings(damage: installation.damage)
    let standing = StandingKeeper(installation, findings: findings, logger: logger)
    let counting = Counting(installation, findings: findings, pace: pace, logger: logger)
    let bell = Doorbell()
    let hooks = Reporter.Hooks(
      now: { counting.keeper?.view.now },
      receipted: { instant in
        counting.keeper?.confirm(by: instant)
        await standing.refresh(counting.keeper?.view)
      },
      installed: { _ in
        do throws(VerifierError) { try await counting.apply() } catch {
          logger.error("a new license is not applied", metadata: ["cause": "\(error.message)"])
        }
        await standing.refresh(counting.keeper?.view)
        bell.ring()
      },
      damaged: { damage in
        findings.note(damage)
        await standing.refresh(counting.keeper?.view)
      })
    let reporter = try await Reporter(
      installation, client: client, hooks: hooks, interval: pace.interval, logger: logger)
    desk = ControlDesk(
      installation, reporter: reporter, standing: standing, counting: counting,
      findings: findings, changed: { bell.ring() })
    self.counting = counting
    self.reporter = reporter
    self.standing = standing
    self.bell = bell
    self.gate = gate
    self.logger = logger
    metrics = VerifierMetrics()
    try await counting.apply()
    await standing.refresh(counting.keeper?.view)
  }

  /// One turn of the counter, and what follows from it.
  package func step() async throws(VerifierError) {
    let outcome = try await counting.step()
    for entry in outcome.appended { await reporter.appended(entry) }
    if !outcome.appended.isEmpty { bell.ring() }
    if outcome.closedDay {
      try await counting.apply()
      await standing.refresh(counting.keeper?.view)
    }
  }

  /// What is done each minute: the floor is saved, and everything judged again.
  package func minute() async throws(VerifierError) {
    try await saveFloor()
    if counting.keeper == nil {
      try await unlessFull("counting has not begun") { () async throws(VerifierError) in
        try await counting.apply()
      }
    }
    await standing.refresh(counting.keeper?.view)
  }

  /// Commits what is left, the floor and the standing; counting has ended.
  package func finish() async throws(VerifierError) {
    let view = counting.keeper?.view
    try await counting.finish()
    try await saveFloor()
    await standing.refresh(view)
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
    IntakeRoutes(desk, metrics: metrics, gate: gate).add(to: router)
    ObservationRoutes(desk, metrics: metrics).add(to: router)
    return router
  }

  /// The routes of the socket: those of the network address, and control.
  package func socketRouter() -> Router<PeerContext> {
    let router = intakeRouter()
    ControlRoutes(desk).add(to: router)
    return router
  }
}
