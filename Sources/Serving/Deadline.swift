/// A bound on how long work may take, whatever it waits for.
package enum Deadline {
  /// The time was over before the work was done.
  package struct Exceeded: Error, Sendable {}

  /// Does the work, and cancels it when the time is over.
  /// - Throws: ``Exceeded``, or what the work throws.
  package static func run<Value: Sendable>(
    _ limit: Duration, _ work: @escaping @Sendable () async throws -> Value
  ) async throws -> Value {
    try await withThrowingTaskGroup(of: Value.self) { group in
      group.addTask { try await work() }
      group.addTask {
        try await Task.sleep(for: limit)
        throw Exceeded()
      }
      defer { group.cancelAll() }
      guard let value = try await group.next() else { throw CancellationError() }
      return value
    }
  }
}
