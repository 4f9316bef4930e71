internal import Synchronization

/// Lets one at a time through, in the order in which they came.
package final class Turnstile: Sendable {
  private struct State {
    var isTaken = false
    var tickets: UInt64 = 0
    var waiting: [(ticket: UInt64, continuation: CheckedContinuation<Bool, Never>)] = []
  }

  private let state = Mutex(State())

  package init() {}

  /// Waits for its turn; who comes through calls ``leave()``.
  /// - Throws: `CancellationError` where the task was cancelled before; it has no turn then.
  package func enter() async throws(CancellationError) {
    let ticket = state.withLock { state in
      state.tickets += 1
      return state.tickets
    }
    let isThrough = await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let outcome = state.withLock { state -> Bool? in
          if Task.isCancelled { return false }
          guard state.isTaken else {
            state.isTaken = true
            return true
          }
          state.waiting.append((ticket, continuation))
          return nil
        }
        if let outcome { continuation.resume(returning: outcome) }
      }
    } onCancel: {
      giveUp(ticket)
    }
    guard isThrough else { throw CancellationError() }
  }

  private func giveUp(_ ticket: UInt64) {
    let continuation = state.withLock { state -> CheckedContinuation<Bool, Never>? in
      guard let place = state.waiting.firstIndex(where: { $0.ticket == ticket }) else {
        return nil
      }
      return state.waiting.remove(at: place).continuation
    }
    continuation?.resume(returning: false)
  }

  /// Lets the next one through.
  package func leave() {
    let continuation = state.withLock { state -> CheckedContinuation<Bool, Never>? in
      guard !state.waiting.isEmpty else {
        state.isTaken = false
        return nil
      }
      return state.waiting.removeFirst().continuation
    }
    continuation?.resume(returning: true)
  }

  /// How many wait.
  package var queue: Int { state.withLock { $0.waiting.count } }
}
