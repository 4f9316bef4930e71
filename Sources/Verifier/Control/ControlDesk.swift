internal import Libcrypto
internal import Licensing
package import Logging
internal import Metering
internal import Platform
internal import Sealing

/// What a person asks of an installation: the same through the socket of a daemon and on an opened
/// state folder.
package struct ControlDesk: Sendable {
  /// The installation that stands now.
  package var installation: Installation { slot.current.installation }
  package var reporter: Reporter { slot.current.reporter }
  package var standing: StandingKeeper { slot.current.standing }
  /// Nil where no daemon counts.
  package let counting: Counting?
  package let findings: OwnFindings
  /// How attempts to report have ended since the process began.
  package let tally = ReportTally()
  /// What became of the files that the process looks at again and again.
  package let files = WatchedFiles()

  /// Held by whoever changes the installation's files, besides the reporter.
  let door = Turnstile()
  private let slot: DeskSlot
  private let succession = SuccessionSlot()
  private let changed: @Sendable () -> Void

  /// Wires a desk and what it reports with.
  /// - Parameters:
  ///   - now: the second in progress, for signs of life; nil where nothing is counted.
  ///   - changed: told when documents or receipts may have changed.
  package init(
    _ installation: Installation, client: some GatewayClient, counting: Counting?,
    findings: OwnFindings, live: LiveSettings, logger: Logger,
    now: @escaping @Sendable () -> Int64?, changed: @escaping @Sendable () -> Void = {}
  ) async throws(VerifierError) {
    self.counting = counting
    self.findings = findings
    self.changed = changed
    let maker = PostMaker(
      client: client, counting: counting, findings: findings, live: live, tally: tally,
      changed: changed, now: now, succession: succession, logger: logger)
    slot = DeskSlot(try await maker.make(installation))
    succession.put(Succession(slot: slot, maker: maker, door: door))
  }

  /// A desk on an opened state folder, for one command.
  package static func direct(
    _ installation: Installation, client: some GatewayClient, logger: Logger
  ) async throws(VerifierError) -> ControlDesk {
    let last = try await lastSecond(installation)
    let surroundings = installation.surroundings
    return try await ControlDesk(
      installation, client: client, counting: nil,
      findings: OwnFindings(damage: installation.damage),
      live: LiveSettings(
        LiveSettings.Values(gateway: surroundings.gateway, egress: surroundings.egress)),
      logger: logger, now: { last })
  }

  /// The last second that was watched: what a sign of life says where no daemon counts. Nothing was
  /// ever watched before the first one; then it is the present. A journal that is damaged says nothing.
  private static func lastSecond(
    _ installation: Installation
  ) async throws(VerifierError) -> Int64? {
    guard Files.exists(installation.folder.journal) else { return installation.time.wall }
    do throws(VerifierError) {
      let journal = try Journal(
        path: installation.folder.journal, evidenceKey: installation.keys.evidence,
        using: LibcryptoProvider())
      return try await journal.lastSecond() ?? installation.time.wall
    } catch {
      guard error.code == .ledgerUnusable else { throw error }
      return nil
    }
  }

  /// Installs the documents of a file.
  /// - Returns: one line for each change.
  package func install(
    _ file: [UInt8], source: String
  ) async throws(VerifierError) -> [String] {
    try await exclusively(door) { () async throws(VerifierError) in
      let words = try await installation.shelf.take(ShelfOffer(file: file, source: source))
      try await settle()
      return words
    }
  }

  /// Activates the installation; once it is, says so again.
  /// - Throws: ``VerifierError`` `REQUEST_REFUSED` under a license with which nothing dials.
  package func activate() async throws(VerifierError) -> ReporterOutcome {
    guard let license = try await installation.working() else {
      throw VerifierError(.noLicense, "no license is installed: run license install FILE first")
    }
    guard license.payload.reporting.mode != .offline else {
      throw VerifierError(
        .requestRefused,
        "this license reports by file and nothing dials: run tally-verifier usage export --enrol "
          + "--out FILE, and tally-verifier usage import with the vendor's answer")
    }
    let activation = await installation.shelf.content.activation
    if activation != nil && !license.needsActivation {
      return ReporterOutcome(.activated, "this installation is activated already")
    }
    let outcome = try await reporter.activateNow()
    try await exclusively(door) { () async throws(VerifierError) in try await settle() }
    return outcome
  }

  /// Reports what has no receipt yet, and records that it ran.
  package func report() async throws(VerifierError) -> ReportRun {
    let pass = try await pass(.command, force: true)
    try await exclusively(door) { () async throws(VerifierError) in try await settle() }
    guard let run = pass.run else {
      throw VerifierError(.noLicense, "no license is installed: run license install FILE first")
    }
    return run
  }

  /// Does everything that is due, by the installation that stands then.
  /// - Throws: ``VerifierError`` as ``Reporter/pass(_:force:)`` does.
  package func pass(
    _ origin: ReportRun.Origin, force: Bool = false
  ) async throws(VerifierError) -> Reporter.Pass {
    while true {
      let pass = try await reporter.pass(origin, force: force)
      if !pass.isReplaced { return pass }
    }
  }

  /// What follows from a change of documents that was made elsewhere.
  func settleDocuments() async throws(VerifierError) {
    try await exclusively(door) { () async throws(VerifierError) in try await settle() }
  }

  /// What follows from a change of documents: counting, verdict, standing.
  private func settle() async throws(VerifierError) {
    try await counting?.apply()
    await standing.refresh(counting?.keeper?.view)
    changed()
  }
}
