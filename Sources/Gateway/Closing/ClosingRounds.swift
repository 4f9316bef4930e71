package import Logging
internal import Reporting
internal import ServiceLifecycle
internal import Storage

/// Looks once a minute for dates to close, for as long as the process serves.
///
/// The first look waits: what gathered at the sites while the gateway was down comes before it.
package struct ClosingRounds<Time: Clock<Duration>>: Service {
  private let gateway: Gateway
  private let time: Time
  private let logger: Logger

  private static var patience: Duration { .seconds(GatewayApplication.patienceToClose) }
  private static var interval: Duration { .seconds(60) }

  package init(gateway: Gateway, time: Time, logger: Logger) {
    self.gateway = gateway
    self.time = time
    self.logger = logger
  }

  package func run() async throws {
    // Cancelled at the end of the process: nothing is left half done, for each date is one change.
    try? await cancelWhenGracefulShutdown {
      try await time.sleep(for: Self.patience)
      while true {
        await look()
        try await time.sleep(for: Self.interval)
      }
    }
  }

  private func look() async {
    do {
      let outcome = try await gateway.closer.closeDue()
      if outcome.closed > 0 { logger.info("closed \(outcome.closed) dates without a day record") }
      for (name, reason) in outcome.obstacles {
        logger.warning("dates of \(name) are not closed: \(reason)")
      }
    } catch let problem as Problem {
      logger.warning("no dates are closed: \(problem.detail)")
    } catch let error as StorageError {
      logger.error("store: \(error.message)", metadata: ["code": "\(error.code.rawValue)"])
    } catch {
      logger.error("no dates are closed: the machine is at fault")
    }
  }
}
