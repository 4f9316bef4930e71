internal import Libcrypto
package import Logging
internal import Metering
internal import Platform

/// What a person asks of an installation: the same through the socket of a daemon and on an opened
/// state folder.
package struct ControlDesk: Sendable {
  package let installation: Installation
  package let reporter: Reporter
  package let standing: StandingKeeper
  /// Nil where no daemon counts.
  package let counting: Counting?
  package let findings: OwnFindings

  private let changed: @Sendable () -> Void

  /// - Parameter changed: told when documents or receipts may have changed.
  package init(
    _ installation: Installation, reporter: Reporter, standing: StandingKeeper,
    counting: Counting?, findings: OwnFindings, changed: @escaping @Sendable () -> Void = {}
  ) {
    self.changed = changed
    self.installation = installation
    self.reporter = reporter
    self.standing = standing
    self.counting = counting
    self.findings = findings
  }

  /// A desk on an opened state folder, for one command.
  package static func direct(
    _ installation: Installation, client: some GatewayClient, logger: Logger
  ) async throws(VerifierError) -> ControlDesk {
    let findings = OwnFindings(damage: installation.damage)
    let standing = StandingKeeper(installation, findings: findings, logger: logger)
    let last = try await lastSecond(installation)
    let hooks = Reporter.Hooks(now: { last }, damaged: { findings.note($0) })
    let reporter = try await Reporter(installation, client: client, hooks: hooks, logger: logger)
    return ControlDesk(
      installation, reporter: reporter, standing: standing, counting: nil, findings: findings)
  }

  /// The last second that was watched: what a sign of life says where no daemon counts. Nothing was
  /// ever watched before the first one; then it is the present.
  private static func lastSecond(
    _ installation: Installation
  ) async throws(VerifierError) -> Int64? {
    guard Files.exists(installation.folder.journal) else { return installation.time.wall }
    let journal = try Journal(
      path: installation.folder.journal, evidenceKey: installation.keys.evidence,
      using: LibcryptoProvider())
    return try await journal.content()?.state.name ?? installation.time.wall
  }

  /// Installs the documents of a file.
  /// - Returns: one line for each change.
  package func install(
    _ file: [UInt8], source: String
  ) async throws(VerifierError) -> [String] {
    let words = try await installation.shelf.take(ShelfOffer(file: file, source: source))
    try await settle()
    return words
  }

  /// Activates the installation; once it is, says so again.
  package func activate() async throws(VerifierError) -> ReporterOutcome {
    guard let current = try await installation.current() else {
      throw VerifierError(.noLicense, "no license is installed: run license install FILE first")
    }
    let activation = await installation.shelf.content.activation
    if activation != nil && !current.needsActivation {
      return ReporterOutcome(.activated, "this installation is activated already")
    }
    let outcome = try await reporter.activateNow()
    try await settle()
    return outcome
  }

  /// Reports what has no receipt yet, and records that it ran.
  package func report() async throws(VerifierError) -> ReportRun {
    let pass = try await reporter.pass(.command, force: true)
    try await settle()
    guard let run = pass.run else {
      throw VerifierError(.noLicense, "no license is installed: run license install FILE first")
    }
    return run
  }

  /// What follows from a change of documents: counting, verdict, standing.
  private func settle() async throws(VerifierError) {
    try await counting?.apply()
    await standing.refresh(counting?.keeper?.view)
    changed()
  }
}
