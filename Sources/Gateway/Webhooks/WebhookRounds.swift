package import Logging
internal import ServiceLifecycle
internal import Storage
internal import Synchronization

/// Looks once a second for events to bring, for as long as the process serves.
///
/// Told to stop, it begins nothing more and waits for what is on its way, 3 s at most.
package struct WebhookRounds<Time: Clock<Duration>>: Service {
  private let gateway: Gateway
  private let time: Time
  private let logger: Logger

  private static var interval: Duration { .seconds(1) }

  package init(gateway: Gateway, time: Time, logger: Logger) {
    self.gateway = gateway
    self.time = time
    self.logger = logger
  }

  package func run() async throws {
    try await gateway.lendCourier(logger: logger) { courier in
      let busy = BusyEndpoints()
      await withDiscardingTaskGroup { group in
        var isGoing = true
        while isGoing {
          for webhook in await due(courier) where busy.begin(webhook) {
            group.addTask {
              await courier.deliver(to: webhook)
              busy.end(webhook)
            }
          }
          isGoing = await pause()
        }
      }
    }
  }

  /// - Returns: false once the process is told to stop.
  private func pause() async -> Bool {
    do {
      let time = time
      try await cancelWhenGracefulShutdown { try await time.sleep(for: Self.interval) }
      return !Task.isShuttingDownGracefully
    } catch { return false }
  }

  private func due(_ courier: WebhookCourier) async -> [String] {
    do { return try await courier.due() } catch let error as StorageError {
      logger.error("store: \(error.message)", metadata: ["code": "\(error.code.rawValue)"])
    } catch is CancellationError {
      // The process is ending.
    } catch {
      logger.error("no webhooks are sent: the machine is at fault")
    }
    return []
  }
}

/// The endpoints that a task is at.
private final class BusyEndpoints: Sendable {
  private let names = Mutex<Set<String>>([])

  func begin(_ name: String) -> Bool { names.withLock { $0.insert(name).inserted } }
  func end(_ name: String) { names.withLock { _ = $0.remove(name) } }
}
