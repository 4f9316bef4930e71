internal import Metering
internal import Platform
internal import Reporting
internal import Sealing
internal import Serving

/// Hands beats to the counter, by whichever way they came, and counts what became of them.
struct IntakeCounter: Sendable {
  let desk: ControlDesk
  let metrics: VerifierMetrics

  /// Why beats could not be taken.
  enum Doubt: Error {
    /// There is no license to count by.
    case notCounting
    case clockUnreadable(String)
  }

  /// - Returns: what became of each beat, nil for a bye.
  func take(
    _ beats: [Beat], _ way: VerifierMetrics.Way
  ) throws(Doubt) -> [Presence.Arrival?] {
    guard let keeper = desk.counting?.keeper else {
      metrics.count("tally_beats_uncounted_total", beats.count)
      throw .notCounting
    }
    let arrivals: [Presence.Arrival?]
    do throws(PlatformError) { arrivals = try keeper.take(beats) } catch {
      throw .clockUnreadable(error.message)
    }
    metrics.took(beats.count, way)
    let refused = arrivals.count { $0 == .refused }
    if refused > 0 { metrics.refused.add(refused) }
    return arrivals
  }
}

extension Problem {
  /// Beats that could not be taken, for whoever can send them again.
  init(_ doubt: IntakeCounter.Doubt) {
    switch doubt {
    case .notCounting:
      self.init(.notReady, "no license is installed: nothing is counted yet")
    case .clockUnreadable(let message): self.init(.notReady, message)
    }
  }
}
