package import Logging
internal import ServiceLifecycle
internal import Storage

/// Looks once an hour for what comes with time, for as long as the process serves.
package struct EventRounds<Time: Clock<Duration>>: Service {
  private let gateway: Gateway
  private let time: Time
  private let logger: Logger

  private static var interval: Duration { .seconds(3600) }

  package init(gateway: Gateway, time: Time, logger: Logger) {
    self.gateway = gateway
    self.time = time
    self.logger = logger
  }

  package func run() async throws {
    // Cancelled at the end of the process: each page of lines is one change, and looked at again.
    try? await cancelWhenGracefulShutdown {
      while true {
        await look()
        try await time.sleep(for: Self.interval)
      }
    }
  }

  private func look() async {
    do {
      let count = try await gateway.dueEvents.announce()
      if count > 0 { logger.info("announced \(count) events") }
      try await gateway.dueEvents.forget()
    } catch is CancellationError {
      return
    } catch let error as StorageError {
      logger.error("store: \(error.message)", metadata: ["code": "\(error.code.rawValue)"])
    } catch {
      logger.error("no events are announced: the machine is at fault")
    }
  }
}
