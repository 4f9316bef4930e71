internal import Synchronization

/// Wakes one waiting task early.
///
/// A ring while nobody waits is kept for the next one who does; several are one. Of two who wait the
/// first is let go.
package final class Doorbell: Sendable {
  private struct State {
    var isRung = false
    var waiter: CheckedContinuation<Void, Never>?
  }

  private let state = Mutex(State())

  package init() {}

  package func ring() {
    let waiter = state.withLock { state in
      let waiter = state.waiter
      state.waiter = nil
      state.isRung = waiter == nil
      return waiter
    }
    waiter?.resume()
  }

  /// Waits for a ring, for the time to pass, or for the task to be cancelled.
  package func wait(atMost milliseconds: Int64) async {
    await withTaskGroup { group in
      group.addTask { await self.waitForRing() }
      group.addTask { try? await Task.sleep(for: .milliseconds(max(1, milliseconds))) }
      await group.next()
      group.cancelAll()
    }
  }

  private func waitForRing() async {
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let released = state.withLock { state -> CheckedContinuation<Void, Never>? in
          if state.isRung || Task.isCancelled {
            state.isRung = false
            return continuation
          }
          defer { state.waiter = continuation }
          return state.waiter
        }
        released?.resume()
      }
    } onCancel: {
      let waiter = state.withLock { state in
        let waiter = state.waiter
        state.waiter = nil
        return waiter
      }
      waiter?.resume()
    }
  }
}
