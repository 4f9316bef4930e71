import Gateway
import Logging
import Synchronization
import Testing
import TestSupport

/// How `serve` looks for dates to close.
@Suite struct ClosingRoundsTests {
  /// A clock whose sleeps are told and end at once; after the last one allowed it is as if the process
  /// were told to stop.
  final class ToldClock: Clock {
    typealias Instant = ContinuousClock.Instant

    private let sleeps = Mutex<[Duration]>([])
    private let allowed: Int
    private let onSleep: @Sendable (Int) -> Void
    let now = ContinuousClock.now
    var minimumResolution: Duration { .nanoseconds(1) }

    init(allowed: Int, onSleep: @escaping @Sendable (Int) -> Void) {
      self.allowed = allowed
      self.onSleep = onSleep
    }

    var told: [Duration] { sleeps.withLock { $0 } }

    func sleep(until deadline: Instant, tolerance: Duration?) async throws {
      let count = sleeps.withLock { sleeps in
        sleeps.append(now.duration(to: deadline))
        return sleeps.count
      }
      guard count <= allowed else { throw CancellationError() }
      onSleep(count)
    }
  }

  static let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

  @Test func `the first look waits for what gathered at the sites, then there is one each minute`()
    async throws
  {
    try await TestSite.play { site in
      _ = try await site.activated()
      let clock = site.clock
      let start = try DateCloserTests.midnight("2026-11-25")
      clock.set(start - 1)
      let time = ToldClock(allowed: 4) { clock.set(start - 1 + Int64($0 / 3) * 86_400) }
      try await Rounds.closing(gateway: site.gateway, time: time, logger: Self.logger).run()
      #expect(
        time.told == [.seconds(900), .seconds(60), .seconds(60), .seconds(60), .seconds(60)])
      let closed = DateCloserTests.dates(try await DateCloserTests.closings(site))
      #expect(closed == ["2026-11-21"], "two looks too early, one in time, one more for nothing")
    }
  }

  @Test func `a store that fails does not end the rounds`() async throws {
    try await TestSite.play { site in
      _ = try await site.activated()
      await site.store.close()
      let time = ToldClock(allowed: 3) { _ in }
      try await Rounds.closing(gateway: site.gateway, time: time, logger: Self.logger).run()
      #expect(time.told.count == 4)
      try await site.restart()
    }
  }
}
