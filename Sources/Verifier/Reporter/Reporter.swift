internal import Libcrypto
internal import Licensing
package import Logging
internal import Metering
internal import Reporting
internal import Sealing

/// Sends what has no receipt yet, keeps the receipts, and takes what the gateway brings.
///
/// ``ReporterState`` decides; this carries out. One pass runs at a time, whoever asked for it.
package actor Reporter {
  /// What the reporter tells its surroundings.
  package struct Hooks: Sendable {
    /// The name of the second in progress, for signs of life; nil where nothing is counted.
    package var now: @Sendable () -> Int64?
    /// A receipt was stored that the gateway issued at that instant.
    package var receipted: @Sendable (Int64) async -> Void
    /// Documents were installed.
    package var installed: @Sendable ([String]) async -> Void
    /// The gateway holds other records than the ledger.
    package var damaged: @Sendable (LedgerDamage) async -> Void
    /// A pass has come to its end.
    package var ran: @Sendable (ReportRun) -> Void
    /// The chain has ended: another installation is to take the place of this one. It returns once that
    /// stands, with what was done; nil where nobody does such a thing.
    package var forked:
      @Sendable (ReportRun.Origin) async throws(VerifierError) -> Replacement.Report?

    package init(
      now: @escaping @Sendable () -> Int64? = { nil },
      receipted: @escaping @Sendable (Int64) async -> Void = { _ in },
      installed: @escaping @Sendable ([String]) async -> Void = { _ in },
      damaged: @escaping @Sendable (LedgerDamage) async -> Void = { _ in },
      ran: @escaping @Sendable (ReportRun) -> Void = { _ in },
      forked:
        @escaping @Sendable (ReportRun.Origin) async throws(VerifierError) -> Replacement.Report? =
        { _ in nil }
    ) {
      self.now = now
      self.receipted = receipted
      self.installed = installed
      self.damaged = damaged
      self.ran = ran
      self.forked = forked
    }
  }

  /// What a pass came to.
  package struct Pass: Sendable, Equatable {
    /// Nil where nothing was to be sent.
    package var run: ReportRun?
    /// When to look again, in milliseconds of the boot-time clock; nil for when something happens.
    package var next: Int64?
    /// Another installation has taken the place of this one, and has a reporter of its own.
    package var isReplaced = false
  }

  let installation: Installation
  let client: any GatewayClient
  let hooks: Hooks
  let logger: Logger
  private let live: LiveSettings
  private let random: @Sendable () -> UInt64
  private(set) var state: ReporterState
  private let turnstile = Turnstile()
  private var isReplaced = false

  /// - Parameters:
  ///   - live: where to report, and in `realtime` mode how old the last answer may be before a sign of
  ///     life is sent.
  ///   - random: chance, for pauses.
  package init(
    _ installation: Installation, client: some GatewayClient, hooks: Hooks,
    live: LiveSettings, logger: Logger,
    random: @escaping @Sendable () -> UInt64 = { UInt64.random(in: 0...UInt64.max) }
  ) async throws(VerifierError) {
    self.installation = installation
    self.client = client
    self.hooks = hooks
    self.logger = logger
    self.live = live
    self.random = random
    state = ReporterState(
      head: try await installation.ledger.head().seq,
      receipted: try await installation.ledger.receipts().through)
  }

  /// How many records have no receipt.
  package var backlog: Int64 { state.backlog }
  package var halt: ReporterState.Halt? { state.halt }

  /// The ledger has grown.
  package func appended(_ entry: LedgerEntry) {
    grown(to: entry.seq)
  }

  /// The ledger may have grown before anyone said so.
  func grown(to head: Int64) {
    state.appended(head: head, at: installation.time.milliseconds)
  }

  /// Does everything that is due.
  /// - Parameter force: ask the gateway even if nothing is.
  /// - Throws: ``VerifierError`` of the ledger; what the gateway does is in the run. `NOT_SERVING` where
  ///   the task was cancelled while it waited or reported.
  package func pass(
    _ origin: ReportRun.Origin, force: Bool = false
  ) async throws(VerifierError) -> Pass {
    try await enter()
    defer { turnstile.leave() }
    guard !isReplaced else { return Pass(isReplaced: true) }
    guard let license = try await configure() else {
      return Pass(
        run: try await close(origin, force ? ReporterOutcome(.noLicense) : nil, records: 0),
        next: nil)
    }
    if force { state.force() }
    var outcome: ReporterOutcome? = force ? ReporterOutcome(.offline) : nil
    var records: Int64 = 0
    while true {
      switch state.next(at: installation.time.milliseconds) {
      case .wait(let next):
        return Pass(run: try await close(origin, outcome, records: records), next: next)
      case .activate:
        outcome = try await undisturbed { () async throws(VerifierError) in
          try await activate(license)
        }
      case .report(let from, let limit):
        let done = try await undisturbed { () async throws(VerifierError) in
          try await report(license, from: from, limit: limit)
        }
        outcome = done.outcome
        records += done.records
      case .replace:
        outcome = try await undisturbed { () async throws(VerifierError) in
          try await replace(origin)
        }
        if isReplaced { return Pass(isReplaced: true) }
      }
    }
  }

  /// Activates, whether or not the license asks for it.
  package func activateNow() async throws(VerifierError) -> ReporterOutcome {
    try await enter()
    defer { turnstile.leave() }
    guard !isReplaced else { throw Self.replaced }
    guard let license = try await configure() else { return ReporterOutcome(.noLicense) }
    return try await undisturbed { () async throws(VerifierError) in
      try await activate(license)
    }
  }

  /// Does what is in flight; a fault does not leave it so.
  private func undisturbed<Value: Sendable>(
    _ body: () async throws(VerifierError) -> Value
  ) async throws(VerifierError) -> Value {
    do throws(VerifierError) { return try await body() } catch {
      fail(.other(retryAfter: nil))
      throw error
    }
  }

  /// Records what a pass came to. Without space for it that is only logged: counting goes on.
  func close(
    _ origin: ReportRun.Origin, _ outcome: ReporterOutcome?, records: Int64
  ) async throws(VerifierError) -> ReportRun? {
    guard let outcome else { return nil }
    let run = ReportRun(
      at: installation.time.wall ?? 0, origin: origin, records: records, outcome: outcome.code,
      detail: outcome.detail)
    guard !Task.isCancelled else { throw Self.ending }
    hooks.ran(run)
    do throws(VerifierError) { try await installation.ledger.record(run) } catch {
      guard error.code == .storeFull else { throw error }
      logger.error("a report is not recorded", metadata: ["cause": "\(error.message)"])
    }
    return run
  }

  private func configure() async throws(VerifierError) -> WorkingLicense? {
    guard let license = try await installation.working() else { return nil }
    let reporting = license.payload.reporting
    state.configure(
      mode: reporting.mode,
      pace: Self.pace(of: reporting.mode, installation.name, live.current.pace.interval),
      needsActivation: license.needsActivation)
    return license
  }

  /// How often to report. In daily mode every installation has its own minutes after midnight.
  private static func pace(
    of mode: ReportingMode, _ installation: Thumbprint, _ interval: Int64
  ) -> ReporterState.Pace {
    switch mode {
    case .realtime: ReporterState.Pace(alive: interval, delay: 0)
    case .daily, .offline:
      ReporterState.Pace(
        alive: 86_400_000, delay: Int64(installation.digest.bytes[0]) * 3500)
    }
  }

  /// The address to report to.
  func gateway(_ license: License) throws(VerifierError) -> GatewayAddress {
    try live.surroundings(installation).gateway(of: license)
  }

  func succeed(through seq: Int64) {
    state.received(through: seq, at: installation.time.milliseconds, jitter: random())
  }

  func succeedActivating() { state.activated() }

  func succeedReplacing() { isReplaced = true }

  func refuseReplacing() {
    state.replacementRefused(at: installation.time.milliseconds, jitter: random())
  }

  func fail(_ failure: ReporterState.Failure) {
    state.failed(failure, at: installation.time.milliseconds, jitter: random())
  }

  func enter() async throws(VerifierError) {
    do throws(CancellationError) { try await turnstile.enter() } catch { throw Self.ending }
  }

  func leave() { turnstile.leave() }

  /// - Throws: ``VerifierError`` `NOT_SERVING` where another installation has taken this one's place.
  func requireStanding() throws(VerifierError) {
    guard !isReplaced else { throw Self.replaced }
  }

  private static var replaced: VerifierError {
    VerifierError(.notServing, "another installation has just taken this one's place: ask again")
  }

  private static var ending: VerifierError {
    VerifierError(.notServing, "serve is ending: ask again once it runs")
  }
}
