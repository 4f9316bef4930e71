package import Logging
internal import ServiceLifecycle
internal import Storage

/// Looks once a minute for what no report shows, for as long as the process serves.
///
/// The first look waits, as that of ``ClosingRounds`` does.
package struct FindingRounds<Time: Clock<Duration>>: Service {
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
    // Cancelled at the end of the process: nothing is left half done, for each finding is one change.
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
      let outcome = try await gateway.findingWatch.look()
      if outcome.silent > 0 { logger.info("\(outcome.silent) installations are silent") }
      if outcome.closedGaps > 0 { logger.info("\(outcome.closedGaps) gaps of chains have closed") }
      for (name, reason) in outcome.obstacles {
        logger.warning("whether \(name) is silent cannot be told: \(reason)")
      }
    } catch let error as StorageError {
      logger.error("store: \(error.message)", metadata: ["code": "\(error.code.rawValue)"])
    } catch {
      logger.error("nothing is looked for: the machine is at fault")
    }
  }
}
