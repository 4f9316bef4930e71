import Testing
import Verifier

@Suite struct DoorbellTests {
  /// Far longer than a test may take: whoever really waits is found by the time limit, which leaves room
  /// for hundreds of other tests that share the threads.
  static let long: Int64 = 3_600_000

  @Test(.timeLimit(.minutes(30))) func `a ring before the wait is kept, several are one`() async {
    let bell = Doorbell()
    bell.ring()
    bell.ring()
    await bell.wait(atMost: Self.long)
    await bell.wait(atMost: 1)
  }

  @Test(.timeLimit(.minutes(30))) func `a ring wakes who waits`() async {
    let bell = Doorbell()
    await withTaskGroup { group in
      for _ in 0..<100 {
        group.addTask { await bell.wait(atMost: Self.long) }
        group.addTask { bell.ring() }
        await group.next()
        bell.ring()
        await group.next()
      }
    }
  }

  @Test(.timeLimit(.minutes(30))) func `cancelling ends the wait`() async {
    let bell = Doorbell()
    await withTaskGroup { group in
      group.addTask { await bell.wait(atMost: Self.long) }
      group.cancelAll()
    }
  }
}
