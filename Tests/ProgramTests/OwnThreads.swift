import Foundation
import Synchronization
import Testing

/// Plays a suite on threads of its own.
///
/// The tests of other targets keep both threads of the shared pool busy for minutes at a time, in which a test
/// that mostly waits for programs would not take a step: it would come after them, and the machine would be idle.
struct OwnThreads: SuiteTrait, TestScoping {
  func provideScope(
    for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
  ) async throws {
    try await withTaskExecutorPreference(Threads.shared) { try await function() }
  }
}

extension Trait where Self == OwnThreads {
  /// For a suite as a whole: what its tests do, and what is done between them.
  static var ownThreads: OwnThreads { OwnThreads() }
}

/// A few threads that take what comes in its order, for as long as the process lives.
private final class Threads: TaskExecutor {
  static let shared = Threads(count: 2)

  private let jobs = Mutex<[UnownedJob]>([])
  private let waiting = DispatchSemaphore(value: 0)

  init(count: Int) {
    for _ in 0..<count { Thread { self.work() }.start() }
  }

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    jobs.withLock { $0.append(job) }
    waiting.signal()
  }

  private func work() {
    while true {
      waiting.wait()
      let job = jobs.withLock { $0.removeFirst() }
      unsafe job.runSynchronously(on: asUnownedTaskExecutor())
    }
  }
}
