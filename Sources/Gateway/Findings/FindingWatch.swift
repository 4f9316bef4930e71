internal import Licensing
package import Platform
internal import Reporting
package import Sealing
internal import Storage

/// Looks for what no report shows: installations that are silent, gaps of chains that have closed.
///
/// What is found follows from the ledger and the clock alone: run twice, by several gateways, or after a
/// restart, it notes nothing twice and leaves nothing out.
package struct FindingWatch: Sendable {
  private let store: any LedgerStore
  private let shelf: LicenseShelf
  private let clock: any WallClock
  private let metrics: GatewayMetrics
  /// Before this instant nobody is silent.
  private let opensAt: Int64

  /// How many installations are asked for at a time.
  private static let page = 100
  /// How long an installation is left alone whose row cannot be read.
  private static let pause: Int64 = 86_400
  /// How long nothing more must have come of a gap that has closed, in seconds: who makes gaps again and
  /// again is told of six times an hour at the most.
  package static let settling: Int64 = 600

  /// - Parameter opensAt: from when on silence is told: while the gateway was down nobody was heard.
  package init(
    store: any LedgerStore, shelf: LicenseShelf, clock: any WallClock, metrics: GatewayMetrics,
    opensAt: Int64
  ) {
    self.store = store
    self.shelf = shelf
    self.clock = clock
    self.metrics = metrics
    self.opensAt = opensAt
  }

  /// What came of looking.
  package struct Outcome: Sendable, Equatable {
    /// How many silences were opened or have become longer.
    package var silent = 0
    /// How many gaps were resolved.
    package var closedGaps = 0
    /// Why nothing can be said of an installation.
    package var obstacles: [Thumbprint: String] = [:]
  }

  /// Looks at everything that is due, and counts what is not resolved.
  /// - Throws: `StorageError`, `PlatformError`.
  package func look() async throws -> Outcome {
    let now = try clock.now()
    var outcome = Outcome()
    if now >= opensAt { try await lookForSilence(now, &outcome) }
    try await clearGaps(now, &outcome)
    metrics.found(try await store.read { try $0.unresolvedFindings() })
    return outcome
  }

  private enum Look: Sendable {
    case noted(FindingChange?)
    case obstacle(String)
  }

  private func lookForSilence(_ now: Int64, _ outcome: inout Outcome) async throws {
    while true {
      let due = try await store.read { try $0.watches(due: now, limit: Self.page) }
      // All of a page at once: their changes share commits. Each look moves the next one beyond now.
      try await withThrowingTaskGroup(of: (Thumbprint, Look).self) { group in
        for name in due { group.addTask { (name, try await look(at: name, now)) } }
        for try await (name, look) in group {
          switch look {
          case .noted(.opened?), .noted(.escalated?): outcome.silent += 1
          case .noted(.counted?), .noted(nil): break
          case .obstacle(let reason): outcome.obstacles[name] = reason
          }
        }
      }
      guard due.count == Self.page else { return }
    }
  }

  private func look(at name: Thumbprint, _ now: Int64) async throws -> Look {
    do {
      guard let line = try await store.state(of: name)?.installation.line else {
        return .noted(nil)
      }
      let awaited = try await shelf.terms(of: line).awaited(at: now)
      return .noted(
        try await store.change {
          try SilenceDesk(now: now).look(at: name, awaited: awaited, in: $0)
        })
    } catch let error as StorageError where error.code == .damaged {
      // One row that cannot be read keeps nobody else unwatched.
      try await store.change { try $0.setWatch(at: now + Self.pause, of: name) }
      return .obstacle(error.message)
    }
  }

  private func clearGaps(_ now: Int64, _ outcome: inout Outcome) async throws {
    while true {
      let closed = try await store.read {
        try $0.closedGaps(before: now - Self.settling, limit: Self.page)
      }
      guard !closed.isEmpty else { return }
      outcome.closedGaps += try await store.change { ledger in
        // Another gateway may have been here meanwhile, or another report.
        let still = Set(try ledger.closedGaps(before: now - Self.settling, limit: Self.page))
        for id in still {
          guard let finding = try ledger.finding(id) else { continue }
          try SilenceDesk(now: now).clear(finding, in: ledger)
        }
        return still.count
      }
      guard closed.count == Self.page else { return }
    }
  }
}
