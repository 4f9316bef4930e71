internal import Dispatch
internal import Synchronization

/// One connection and the thread that waits for it, so that nobody else has to. Work is done in the order
/// in which it comes.
package final class PostgresLane: Sendable {
  private let queue: DispatchQueue
  /// Only ``queue`` looks into it.
  private let slot = Mutex<PostgresConnection?>(nil)
  private let waiting = Atomic<Int>(0)

  package init(_ name: String) { queue = DispatchQueue(label: name) }

  /// How much work is not done yet.
  package var load: Int { waiting.load(ordering: .relaxed) }

  /// Has work done with the connection; the work opens it where there is none, and takes it away where it
  /// must not be used any more.
  package func submit(_ work: @escaping @Sendable (inout PostgresConnection?) -> Void) {
    waiting.add(1, ordering: .relaxed)
    queue.async {
      self.slot.withLock { work(&$0) }
      self.waiting.subtract(1, ordering: .relaxed)
    }
  }
}
