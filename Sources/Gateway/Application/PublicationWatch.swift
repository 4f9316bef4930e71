internal import Licensing
package import Logging
internal import Sealing
internal import ServiceLifecycle
internal import Storage

/// Takes over, once a second, what other gateways have published into the same store: licenses, keysets,
/// revocations. What this process knows is at most that old while the store can be read.
package struct PublicationWatch<Time: Clock<Duration>>: Service {
  private let store: any SharedLedgerStore
  private let gateway: Gateway
  private let time: Time
  private let logger: Logger

  private static var interval: Duration { .seconds(1) }

  package init(store: any SharedLedgerStore, gateway: Gateway, time: Time, logger: Logger) {
    self.store = store
    self.gateway = gateway
    self.time = time
    self.logger = logger
  }

  package func run() async throws {
    try? await cancelWhenGracefulShutdown {
      var known: Int64?
      while true {
        known = await look(since: known)
        try await time.sleep(for: Self.interval)
      }
    }
  }

  /// Takes over what is new.
  /// - Parameter known: how many changes were taken over, nil where none were.
  /// - Returns: the same after it; what cannot be read or is refused is tried again.
  package func look(since known: Int64?) async -> Int64? {
    do {
      // Counted before it is read: what comes between is taken over again.
      let count = try await store.publications()
      guard count != known else { return known }
      let (keysets, revocations) = try await store.read {
        (try $0.keysets().map(\.text), try $0.revocations())
      }
      let trust = gateway.trust
      try trust.advance(to: trust.view.set.advanced(by: keysets), revocations: revocations)
      gateway.publications.shelf.forgetAll()
      return count
    } catch let error as StorageError {
      logger.error("store: \(error.message)", metadata: ["code": "\(error.code.rawValue)"])
    } catch is CancellationError {
      // The process is ending.
    } catch {
      logger.error("what another gateway published is refused: \(error)")
    }
    return known
  }
}
