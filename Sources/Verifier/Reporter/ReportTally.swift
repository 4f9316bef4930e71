internal import Synchronization

/// Counts how attempts to report have ended, whoever asked for them.
package final class ReportTally: Sendable {
  private let counts = Mutex<[String: Int64]>([:])

  package init() {}

  package func note(_ run: ReportRun) {
    counts.withLock { $0[run.outcome, default: 0] += 1 }
  }

  /// How many there were, by their code.
  package var byOutcome: [String: Int64] { counts.withLock { $0 } }
}
