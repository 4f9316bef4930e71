internal import Billing
internal import Libcrypto
internal import Licensing
internal import Metering
internal import Platform
package import Reporting
internal import Sealing
internal import Serving

/// Hands installations the sealed statements of their own lines.
///
/// Rules:
/// 1. Who asks is whose key sealed the sign of life; what else the request says is not believed.
/// 2. The sign of life is of now: one that somebody kept is no use a little later.
/// 3. Only an installation that has its place is answered, and only with the statement of the line that it
///    was activated for: the line is the ledger's word, never the request's.
/// 4. A final statement goes out as it is kept; another is sealed as of now. That takes work for the whole
///    line, so all its installations share one allowance.
package struct StatementCounter: Sendable {
  private let store: any LedgerStore
  private let trust: GatewayTrust
  private let seal: GatewaySeal
  private let statements: StatementService
  private let clock: any WallClock
  private let pace: RateLimiter<Thumbprint>?
  private let drafts: RateLimiter<LineID>?

  /// How many statements of one line are computed a minute for its installations.
  package static let draftsPerMinute: Int64 = 60

  /// - Parameter pace: how often one installation may ask, nil for as often as it likes.
  init(
    store: any LedgerStore, trust: GatewayTrust, seal: GatewaySeal, statements: StatementService,
    clock: any WallClock, pace: RateLimiter<Thumbprint>?
  ) {
    self.store = store
    self.trust = trust
    self.seal = seal
    self.statements = statements
    self.clock = clock
    self.pace = pace
    drafts = pace.map { _ in RateLimiter(perMinute: Self.draftsPerMinute) }
  }

  /// - Throws: ``Problem`` `MALFORMED`, `NOT_ACTIVATED`, `UNKNOWN_KEY`, `SIGNATURE_INVALID`, `FORBIDDEN`,
  ///   `RATE_LIMITED`, `TOO_LARGE`, and as ``StatementService/statement(of:in:)-(LineID,_)`` does.
  package func fetch(_ request: StatementRequest) async throws -> StatementAnswer {
    guard let month = Month(request.month) else {
      throw Problem(.malformed, "month must be a month such as 2026-11")
    }
    guard let state = try await store.state(of: request.installation) else {
      throw Problem(
        .notActivated, "installation \(request.installation) is not activated here: activate it")
    }
    let installation = state.installation
    try requireSeal(request, of: installation)
    guard installation.holdsSeat else {
      throw Problem(
        .notActivated,
        "installation \(request.installation) has no place any more: ask the vendor for the "
          + "statement")
    }
    let line = installation.line
    // What is final is handed on as it is kept. What must be computed costs more.
    let sealed: String
    if let final = try await statements.final(of: line, in: month) {
      sealed = final
    } else {
      if let seconds = drafts?.wait(of: line, at: Edge.microseconds) {
        throw Problem.tooFast("requests of this line for a statement that is not final", seconds)
      }
      let shown = try await statements.asOfNow(of: line, in: month)
      sealed = try shown.sealed ?? seal.statement(shown.statement)
    }
    let view = trust.view
    let keysets = view.chain.filter { $0.epoch > request.have.epoch ?? 0 }
    return StatementAnswer(
      statement: sealed,
      delivery: Delivery(keysets: keysets.map(\.text)))
  }

  private func requireSeal(
    _ request: StatementRequest, of installation: Installation
  ) throws {
    let alive: Alive
    do throws(Refusal) {
      let own = InstallationSeal(key: installation.key, cryptography: LibcryptoProvider())
      alive = try own.open(Array(request.alive.utf8), as: Alive.self).payload
    } catch { throw Problem(error) }
    guard alive.installation == installation.thumbprint else {
      throw Problem(.malformed, "the sign of life names another installation")
    }
    // Asked once the installation's own seal is verified: nobody else uses its allowance up.
    if let seconds = pace?.wait(of: installation.thumbprint, at: Edge.microseconds) {
      throw Problem.tooFast("requests of this installation", seconds)
    }
    let now = try clock.now()
    let (distance, overflow) = alive.at.subtractingReportingOverflow(now)
    guard !overflow, distance.magnitude <= StatementRequest.patience.magnitude else {
      throw Problem(
        .forbidden,
        "the sign of life is not of now: the installation's clock and the gateway's may be at most "
          + "\(StatementRequest.patience) s apart, set the clock")
    }
  }
}
