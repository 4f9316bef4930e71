internal import Libcrypto
internal import Licensing
internal import Metering
package import Platform
package import Reporting
package import Sealing
package import Serving

/// Takes reports: examines them, has them committed, and answers with a receipt.
package struct ReportService: Sendable {
  private let store: any LedgerStore
  private let trust: GatewayTrust
  private let seal: GatewaySeal
  private let shelf: LicenseShelf
  private let clock: any WallClock
  private let pace: RateLimiter<Thumbprint>?
  private let cryptography = LibcryptoProvider(remembering: 8192)

  /// - Parameter pace: how often one installation may report.
  package init(
    store: any LedgerStore, trust: GatewayTrust, seal: GatewaySeal, shelf: LicenseShelf,
    clock: any WallClock, pace: RateLimiter<Thumbprint>? = nil
  ) {
    self.pace = pace
    self.store = store
    self.trust = trust
    self.seal = seal
    self.shelf = shelf
    self.clock = clock
  }

  /// Answers once everything that the answer names is durable.
  ///
  /// A sign of life stands in place of records; beside records it adds nothing and is not looked at.
  /// - Throws: ``Problem``.
  package func take(_ request: ReportRequest) async throws -> ReportAnswer {
    guard let state = try await store.state(of: request.installation) else {
      throw Problem(
        .notActivated, "installation \(request.installation) is not activated here: activate it")
    }
    let terms = try await shelf.terms(of: state.installation.line)
    try terms.requireZone()
    let view = trust.view
    let ledger = IntakeLedger(
      installation: state.installation.thumbprint, terms: terms, seal: seal,
      root: view.set.root, now: try clock.now())
    let outcome: IntakeOutcome
    if request.records.isEmpty {
      outcome = try await takeAlive(request, state, ledger)
    } else {
      let signer = IncomingRecord.Signer(
        key: state.installation.key, thumbprint: state.installation.thumbprint,
        cryptography: cryptography)
      let batch = try ExaminedBatch(request.records, by: signer)
      try requirePace(request.installation)
      outcome = try await store.change { try ledger.take(batch, in: $0) }
    }
    switch outcome {
    case .refused(let problem): throw problem
    case .acknowledged(let results, let receipt):
      let delivery = BackChannel.delivery(
        terms, holder: terms.holder(state.installation.license), view, have: request.have)
      return ReportAnswer(results: results, receipt: receipt.jws, delivery: delivery)
    }
  }

  private func takeAlive(
    _ request: ReportRequest, _ state: InstallationState, _ ledger: IntakeLedger
  ) async throws -> IntakeOutcome {
    guard let text = request.alive else {
      throw Problem(.malformed, "a report carries records or a sign of life")
    }
    let alive: Verified<Alive>
    do throws(Refusal) {
      let own = InstallationSeal(
        key: state.installation.key, cryptography: cryptography)
      alive = try own.open(Array(text.utf8))
    } catch { throw Problem(error) }
    guard alive.payload.installation == state.installation.thumbprint else {
      throw Problem(.malformed, "the sign of life names another installation")
    }
    try requirePace(request.installation)
    return try await store.change { try ledger.take(alive, in: $0) }
  }

  /// Asked once the installation's own seal is verified: nobody else uses its allowance up.
  private func requirePace(_ installation: Thumbprint) throws(Problem) {
    guard let seconds = pace?.wait(of: installation, at: Edge.microseconds) else { return }
    throw .tooFast("reports of this installation", seconds)
  }
}
