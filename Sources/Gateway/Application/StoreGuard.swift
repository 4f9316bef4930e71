internal import ServiceLifecycle
internal import Storage

/// Ends the process when the store must not be used any more, and closes the store when the process
/// ends.
struct StoreGuard: Service {
  let store: any LedgerStore
  let onFailure: @Sendable (GatewayError) -> Void

  func run() async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask {
        guard let failure = await store.end() else { return }
        onFailure(GatewayError(failure))
        throw GatewayError(failure)
      }
      group.addTask {
        // Throws when the other task has ended: then, too, the store is closed.
        try? await gracefulShutdown()
        await store.close()
      }
      // Unlike `waitForAll()` this leaves at the first failure, which cancels the other task.
      while try await group.next() != nil {}
    }
  }
}
