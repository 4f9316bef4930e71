internal import Logging
internal import Sealing
internal import Synchronization

/// What belongs to one installation, and changes as a whole when another takes its place.
package struct DeskPost: Sendable {
  package let installation: Installation
  package let reporter: Reporter
  package let standing: StandingKeeper
}

/// The installation that stands now: whoever asks twice may get two.
package final class DeskSlot: Sendable {
  private let post: Mutex<DeskPost>

  package init(_ post: DeskPost) {
    self.post = Mutex(post)
  }

  package var current: DeskPost { post.withLock { $0 } }

  func put(_ new: DeskPost) {
    post.withLock { $0 = new }
  }
}

extension ControlDesk {
  /// Does something that reads the installation's ledger; once more where another installation took the
  /// place meanwhile, for then the old ledger was closed under it.
  func steadily<Value: Sendable>(
    _ body: () async throws(VerifierError) -> Value
  ) async throws(VerifierError) -> Value {
    let before = installation.name
    do throws(VerifierError) { return try await body() } catch {
      // Whoever holds the door may be about to change it.
      try await exclusively(door) { () async throws(VerifierError) in }
      guard installation.name != before else { throw error }
      return try await body()
    }
  }
}

/// Makes what belongs to an installation: its keeper of the standing, and its reporter.
struct PostMaker: Sendable {
  let client: any GatewayClient
  let counting: Counting?
  let findings: OwnFindings
  let live: LiveSettings
  let tally: ReportTally
  /// Told when something may have to be reported.
  let changed: @Sendable () -> Void
  /// The second in progress, for signs of life.
  let now: @Sendable () -> Int64?
  /// Held by the desk: a reporter that held it would hold itself.
  private(set) weak var succession: SuccessionSlot?
  let logger: Logger

  func make(_ installation: Installation) async throws(VerifierError) -> DeskPost {
    let standing = StandingKeeper(installation, findings: findings, logger: logger)
    let reporter = try await Reporter(
      installation, client: client, hooks: hooks(standing), live: live, logger: logger)
    return DeskPost(installation: installation, reporter: reporter, standing: standing)
  }

  private func hooks(_ standing: StandingKeeper) -> Reporter.Hooks {
    Reporter.Hooks(
      now: now,
      receipted: { instant in
        counting?.keeper?.confirm(by: instant)
        await standing.refresh(counting?.keeper?.view)
      },
      installed: { _ in
        do throws(VerifierError) { try await counting?.apply() } catch {
          logger.error("a new license is not applied", metadata: ["cause": "\(error.message)"])
        }
        await standing.refresh(counting?.keeper?.view)
        changed()
      },
      damaged: { damage in
        findings.renote(damage)
        await standing.refresh(counting?.keeper?.view)
      },
      ran: { tally.note($0) },
      forked: { [weak succession] origin async throws(VerifierError) in
        try await succession?.current?.run(origin)
      })
  }
}

/// Where the reporter of any installation finds how it is succeeded, once all is wired.
final class SuccessionSlot: Sendable {
  private let slot = Mutex<Succession?>(nil)

  var current: Succession? { slot.withLock { $0 } }

  func put(_ succession: Succession) {
    slot.withLock { $0 = succession }
  }
}
