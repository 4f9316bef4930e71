package import Logging
internal import Reporting
internal import ServiceLifecycle
internal import Storage

/// Looks again and again, for as long as the process serves; a look that fails is told, and the next one
/// comes all the same.
package struct Rounds<Time: Clock<Duration>>: Service {
  private let patience: Duration
  private let interval: Duration
  private let failure: String
  private let time: Time
  private let logger: Logger
  private let look: @Sendable () async throws -> Void

  /// - Parameters:
  ///   - patience: before the first look.
  ///   - interval: between two looks.
  ///   - failure: what is not done when a look fails, for people.
  ///   - look: may be cancelled at any instant: what it has begun is one change, or is looked at again.
  init(
    after patience: Duration = .zero, every interval: Duration, failure: String, time: Time,
    logger: Logger, look: @escaping @Sendable () async throws -> Void
  ) {
    self.patience = patience
    self.interval = interval
    self.failure = failure
    self.time = time
    self.logger = logger
    self.look = look
  }

  package func run() async throws {
    // Cancelled at the end of the process.
    try? await cancelWhenGracefulShutdown {
      if patience > .zero { try await time.sleep(for: patience) }
      while true {
        await round()
        try await time.sleep(for: interval)
      }
    }
  }

  private func round() async {
    do { try await look() } catch is CancellationError { return } catch let problem as Problem {
      logger.warning("\(failure): \(problem.detail)")
    } catch let error as StorageError {
      logger.error("store: \(error.message)", metadata: ["code": "\(error.code.rawValue)"])
    } catch {
      logger.error("\(failure): the machine is at fault")
    }
  }
}

extension Rounds {
  /// What gathered at the sites while the gateway was down comes before it is looked for what is missing.
  private static var patience: Duration { .seconds(GatewayApplication.patienceToClose) }

  /// Closes dates, once a minute.
  package static func closing(gateway: Gateway, time: Time, logger: Logger) -> Rounds {
    Rounds(
      after: patience, every: .seconds(60), failure: "no dates are closed", time: time,
      logger: logger
    ) {
      let outcome = try await gateway.closer.closeDue()
      if outcome.closed > 0 { logger.info("closed \(outcome.closed) dates without a day record") }
      for (name, reason) in outcome.obstacles {
        logger.warning("dates of \(name) are not closed: \(reason)")
      }
    }
  }

  /// Finds what no report shows, once a minute.
  package static func finding(gateway: Gateway, time: Time, logger: Logger) -> Rounds {
    Rounds(
      after: patience, every: .seconds(60), failure: "nothing is looked for", time: time,
      logger: logger
    ) {
      let outcome = try await gateway.findingWatch.look()
      if outcome.silent > 0 { logger.info("\(outcome.silent) installations are silent") }
      if outcome.closedGaps > 0 { logger.info("\(outcome.closedGaps) gaps of chains have closed") }
      for (name, reason) in outcome.obstacles {
        logger.warning("whether \(name) is silent cannot be told: \(reason)")
      }
    }
  }

  /// Announces what comes with time, and forgets what is old, once an hour.
  package static func announcing(gateway: Gateway, time: Time, logger: Logger) -> Rounds {
    Rounds(every: .seconds(3600), failure: "no events are announced", time: time, logger: logger) {
      let outcome = try await gateway.dueEvents.announce()
      if outcome.announced > 0 { logger.info("announced \(outcome.announced) events") }
      for (line, reason) in outcome.obstacles {
        logger.warning("events of line \(line) are not announced: \(reason)")
      }
      try await gateway.dueEvents.forget()
    }
  }
}
