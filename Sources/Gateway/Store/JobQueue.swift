internal import Storage
internal import Synchronization

/// The changes that wait for a store's one writer, and the end of that writer.
final class JobQueue<Job: Sendable>: Sendable {
  /// What became of a job that was brought.
  enum Added {
    /// It waits for the writer, which runs.
    case waits
    /// It waits, and the writer must be started.
    case starts
    case refused(StorageError)
  }

  private struct State {
    var waiting: [Job] = []
    var isRunning = false
    var closed: StorageError?
    /// How the writer has ended: with an error, or in order; nil while it goes on.
    var end: Result<Void, StorageError>?
    var watchers: [CheckedContinuation<StorageError?, Never>] = []
  }

  /// The most jobs of one commit.
  private static var largestGroup: Int { 1024 }

  private let state = Mutex(State())

  func add(_ job: Job) -> Added {
    state.withLock { state in
      if let closed = state.closed { return .refused(closed) }
      state.waiting.append(job)
      guard !state.isRunning else { return .waits }
      state.isRunning = true
      return .starts
    }
  }

  /// The next group; none where nothing waits, and then the writer rests.
  func next() -> [Job] {
    let group = state.withLock { state in
      let group = Array(state.waiting.prefix(Self.largestGroup))
      state.waiting.removeFirst(group.count)
      if group.isEmpty { state.isRunning = false }
      return group
    }
    if group.isEmpty { endIfClosed() }
    return group
  }

  /// Ends at once: nothing is known any more.
  /// - Returns: the jobs that nobody will run.
  func fail(_ error: StorageError) -> [Job] {
    let (watchers, waiting) = state.withLock { state in
      state.closed = error
      state.end = .failure(error)
      defer {
        state.watchers = []
        state.waiting = []
      }
      return (state.watchers, state.waiting)
    }
    for watcher in watchers { watcher.resume(returning: error) }
    return waiting
  }

  /// Takes no further jobs, and waits for those that were taken.
  func close() async {
    state.withLock { state in
      if state.closed == nil {
        state.closed = StorageError(.unavailable, "the gateway is stopping: try again")
      }
    }
    endIfClosed()
    _ = await end()
  }

  /// Waits for the end: the failure after which nothing is known, or nil after ``close()``.
  func end() async -> StorageError? {
    await withCheckedContinuation { continuation in
      let end = state.withLock { state in
        if state.end == nil { state.watchers.append(continuation) }
        return state.end
      }
      switch end {
      case nil: break
      case .success: continuation.resume(returning: nil)
      case .failure(let error): continuation.resume(returning: error)
      }
    }
  }

  private func endIfClosed() {
    let watchers = state.withLock { state in
      guard state.closed != nil, !state.isRunning, state.end == nil else {
        return [CheckedContinuation<StorageError?, Never>]()
      }
      state.end = .success(())
      defer { state.watchers = [] }
      return state.watchers
    }
    for watcher in watchers { watcher.resume(returning: nil) }
  }
}
