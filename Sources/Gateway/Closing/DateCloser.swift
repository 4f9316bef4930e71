internal import Billing
package import CivilTime
package import Licensing
package import Platform
internal import Reporting
package import Sealing
internal import Storage

/// Closes dates whose day record did not come, so that their statements can become final.
///
/// What is due follows from the ledger and the clock alone: run twice, or after a restart, it closes
/// nothing twice and leaves nothing out.
package struct DateCloser: Sendable {
  private let store: any LedgerStore
  private let shelf: LicenseShelf
  private let seal: GatewaySeal
  private let clock: any WallClock
  private let metrics: GatewayMetrics
  /// Before this instant nothing is closed.
  private let opensAt: Int64

  /// How many installations are asked for at a time.
  private static let page = 100
  /// How long an installation is left alone whose dates cannot be told, in seconds.
  private static let pause: Int64 = 86_400

  /// - Parameter opensAt: from when on dates are closed: what gathered at the sites while the gateway was
  ///   down comes before it.
  package init(
    store: any LedgerStore, shelf: LicenseShelf, seal: GatewaySeal, clock: any WallClock,
    metrics: GatewayMetrics, opensAt: Int64
  ) {
    self.opensAt = opensAt
    self.store = store
    self.shelf = shelf
    self.seal = seal
    self.clock = clock
    self.metrics = metrics
  }

  /// What came of looking.
  package struct Outcome: Sendable, Equatable {
    /// How many dates were closed.
    package var closed = 0
    /// Why nothing can be said of an installation's dates.
    package var obstacles: [Thumbprint: String] = [:]
  }

  /// Looks at every installation that is due, of one line or of all.
  /// - Throws: ``Problem``, `StorageError`.
  package func closeDue(of line: LineID? = nil) async throws -> Outcome {
    let now = try clock.now()
    if let obstacle = seal.obstacle(at: now) { throw Problem(.notReady, obstacle) }
    var outcome = Outcome()
    guard now >= opensAt else { return outcome }
    while true {
      let due = try await store.read { try $0.looks(due: now, of: line, limit: Self.page) }
      // All of a page at once: their changes share commits.
      try await withThrowingTaskGroup(of: (Thumbprint, Finding).self) { group in
        for name in due { group.addTask { (name, try await look(at: name, now)) } }
        for try await (name, finding) in group {
          switch finding {
          case .closed(let dates): outcome.closed += dates
          case .obstacle(let reason): outcome.obstacles[name] = reason
          }
        }
      }
      guard due.count == Self.page else { return outcome }
    }
  }

  private enum Finding: Sendable {
    case closed(Int)
    case obstacle(String)
  }

  /// Each look moves the installation's next one beyond now: the loop above ends.
  private func look(at name: Thumbprint, _ now: Int64) async throws -> Finding {
    let reason: String
    do {
      return .closed(try await closeDue(of: name, now))
    } catch let error as BillingError {
      reason = error.message
    } catch let problem as Problem {
      reason = problem.detail
    } catch let error as StorageError where error.code == .damaged {
      // One row that cannot be read keeps nobody else's dates open.
      reason = error.message
    }
    try await store.change { try $0.setLook(at: now + Self.pause, of: name) }
    return .obstacle(reason)
  }

  private func closeDue(of name: Thumbprint, _ now: Int64) async throws -> Int {
    guard let state = try await store.state(of: name) else { return 0 }
    let desk = try desk(try await shelf.terms(of: state.installation.line), now)
    // Mostly nothing is due: that is seen beside the writer.
    let look = try await store.read { try desk.look(at: name, in: $0) }
    guard !look.due.isEmpty || look.isLast else {
      try await store.change { try $0.setLook(at: look.next, of: name) }
      return 0
    }
    let dates = try await store.change { try desk.closeDue(of: name, in: $0) }
    metrics.closed(dates.count)
    return dates.count
  }

  /// Closes, because staff say so, every open date of an installation up to one.
  /// - Returns: the dates closed, in order.
  /// - Throws: ``Problem`` `NOT_FOUND`, `CONFLICT`.
  package func close(
    _ name: Thumbprint, through last: CivilDate, by: String, why: String
  ) async throws -> [CivilDate] {
    let now = try clock.now()
    guard let installation = try await store.state(of: name)?.installation else {
      throw InstallationService.notFound(name)
    }
    let desk = try desk(try await shelf.terms(of: installation.line), now)
    guard last < desk.zone.date(at: now) else {
      throw Problem(.conflict, "\(last) is not over yet: name a date before today")
    }
    do {
      let dates = try await store.change {
        guard let known = try $0.state(of: name)?.installation else {
          throw InstallationService.notFound(name)
        }
        return try desk.close(known, through: last, by: by, why: why, in: $0)
      }
      metrics.closed(dates.count)
      return dates
    } catch let error as BillingError { throw Problem(.conflict, error.message) }
  }

  private func desk(_ terms: LineTerms, _ now: Int64) throws(Problem) -> ClosingDesk {
    guard !terms.licenses.isEmpty else {
      throw Problem(
        .notFound, "no license of line \(terms.line) is known here: publish it first")
    }
    guard let zone = terms.zone else {
      throw Problem(
        .internalFault,
        "the time zone of line \(terms.line) is not on this machine: install tzdata")
    }
    return ClosingDesk(terms: terms, zone: zone, seal: seal, now: now)
  }
}
