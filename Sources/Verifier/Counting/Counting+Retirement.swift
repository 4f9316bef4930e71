internal import CivilTime
internal import Metering

/// When to look for what is kept no longer: at the start, then each so often, and again in each turn
/// while there is more of it.
struct RetirementSchedule: Sendable {
  private static let pause: Int64 = 600_000

  private var next: Int64?

  /// - Parameter now: milliseconds of the boot-time clock.
  mutating func isDue(at now: Int64) -> Bool { next.map { now >= $0 } ?? true }

  /// Everything was looked at, and there may be more.
  mutating func looked(hasMore: Bool, at now: Int64) {
    next = hasMore ? now : now + Self.pause
  }
}

extension Counting {
  /// For so many days the evidence of a closed date is kept.
  package static let evidenceDays: Int64 = 400

  /// The most segments and samples that are dropped in one turn: commits of the journal wait no longer
  /// than some tenths of a second.
  private static let segments = 2000
  private static let samples = 200

  /// Drops what is kept no longer, a piece in each turn.
  ///
  /// The time of evidence is the floor: what the vendor has signed, and the seconds at work since. A
  /// wall clock that was set forward drops nothing; one that was set back keeps it longer.
  func retire(_ journal: Journal) async throws(VerifierError) {
    let now = installation.time.milliseconds
    guard retirement.isDue(at: now) else { return }
    var hasMore = try await installation.ledger.dropSamples(limit: Self.samples)
    if let floor = installation.time.floor, let horizon = try await horizon(floor) {
      let hasEvidence = try await journal.dropEvidence(
        before: horizon, at: floor, limit: Self.segments)
      hasMore = hasMore || hasEvidence
    }
    retirement.looked(hasMore: hasMore, at: now)
  }

  /// The first date of which evidence is kept.
  private func horizon(_ floor: Int64) async throws(VerifierError) -> CivilDate? {
    guard let keeper, let zone = try await installation.working()?.zone else { return nil }
    return min(zone.date(at: floor), keeper.openDate).adding(days: -Self.evidenceDays)
  }
}
