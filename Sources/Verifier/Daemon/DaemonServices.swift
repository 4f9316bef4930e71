internal import Logging
internal import ServiceLifecycle

/// Turns the counter, twice a second, until the service group ends; then commits what is left.
///
/// Cancelled, it commits the journal all the same: the group gave up on another service.
package struct CountingService: Service, CustomStringConvertible {
  /// The name that logs show; a dump of what it holds has no place there.
  package var description: String { "counting" }

  private static let turn: Int64 = 500
  private static let minute: Int64 = 60_000

  private let daemon: VerifierDaemon

  package init(_ daemon: VerifierDaemon) {
    self.daemon = daemon
  }

  package func run() async throws {
    let bell = Doorbell()
    try await withGracefulShutdownHandler {
      do { try await turn(bell) } catch {
        // A write that was cancelled was rolled back: it is done again below.
        guard Task.isCancelled else { throw error }
      }
    } onGracefulShutdown: {
      bell.ring()
    }
    guard Task.isCancelled else { return try await daemon.finish() }
    // A task of its own: what is committed in a cancelled one is rolled back.
    try await Task { [daemon] in
      try await exclusively(daemon.desk.door) { () async throws(VerifierError) in
        try await daemon.counting.finish()
      }
    }.value
  }

  private func turn(_ bell: Doorbell) async throws {
    var minute = daemon.desk.installation.time.milliseconds
    while !Task.isShuttingDownGracefully && !Task.isCancelled {
      try await daemon.step()
      let now = daemon.desk.installation.time.milliseconds
      if now - minute >= Self.minute {
        minute = now
        try await daemon.minute()
      }
      await bell.wait(atMost: Self.turn)
    }
  }
}

/// Reports whatever is due, until the service group ends.
package struct ReportingService: Service, CustomStringConvertible {
  /// The name that logs show; a dump of what it holds has no place there.
  package var description: String { "reporting" }

  private static let longestWait: Int64 = 60_000

  private let daemon: VerifierDaemon

  package init(_ daemon: VerifierDaemon) {
    self.daemon = daemon
  }

  /// A request that is in flight when the group ends is given up: what it would have told is told by
  /// the next one.
  package func run() async throws {
    try await cancelWhenGracefulShutdown {
      while !Task.isCancelled {
        guard let pass = try await attempt() else { return }
        if let run = pass.run {
          daemon.logger.debug("reported", metadata: ["outcome": "\(run.outcome)"])
        }
        let now = daemon.desk.installation.time.milliseconds
        let wait = pass.next.map { $0 - now } ?? Self.longestWait
        await daemon.bell.wait(atMost: min(max(wait, 10), Self.longestWait))
      }
    }
  }

  /// - Returns: nil when the service ends meanwhile.
  private func attempt() async throws -> Reporter.Pass? {
    do { return try await daemon.report() } catch {
      if Task.isCancelled { return nil }
      throw error
    }
  }
}
