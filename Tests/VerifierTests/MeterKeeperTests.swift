import CivilTime
import Metering
import Platform
import Synchronization
import Testing
import Verifier

@Suite struct MeterKeeperTests {
  /// Clocks between which the process may stand still.
  private final class StallingClocks: WallClock, BootClock {
    private struct State {
      var passed: Int64 = 0
      var stall: Int64 = 0
    }

    private let state = Mutex(State())

    /// Stands still for so long as soon as the wall clock is asked for.
    func stall(_ seconds: Int64) { state.withLock { $0.stall = seconds } }
    func pass(_ seconds: Int64) { state.withLock { $0.passed += seconds } }

    func now() throws(PlatformError) -> Int64 {
      state.withLock { state in
        state.passed += state.stall
        state.stall = 0
        return 1_800_000_000 + state.passed
      }
    }

    func seconds() throws(PlatformError) -> Int64 { state.withLock { 1000 + $0.passed } }
    func nanoseconds() throws(PlatformError) -> Int64 { try seconds() * 1_000_000_000 }
  }

  private let clocks = StallingClocks()
  private let keeper: MeterKeeper

  init() throws {
    let rules = try #require(CountingRules())
    let meter = Meter(rules: rules, days: .zone(.utc), boot: 1000, wall: 1_800_000_000)
    keeper = MeterKeeper(
      meter, key: try #require(SipHash.Key(Array(0..<16))), wall: clocks, boot: clocks)
  }

  private func identity(_ number: Int) throws -> CollectorIdentity {
    try #require(CollectorIdentity(kind: "collector", text: "c\(number)"))
  }

  @Test func `a stand-still between the two clocks is not taken for a clock that was set`() throws {
    clocks.pass(5)
    try keeper.tick()
    clocks.stall(600)
    try keeper.tick()
    clocks.pass(1)
    try keeper.tick()
    #expect(keeper.view.now == 1_800_000_606)
    let gaps = try #require(keeper.view.summary).gaps
    #expect(gaps.map(\.reason) == [.before, .suspended])
  }

  @Test func `beats that arrive together are answered one by one, in their order`() throws {
    let rules = try #require(CountingRules(limit: 2, refusesAboveLimit: true))
    keeper.use(rules, next: rules)
    let beats = try [1, 2, 3, 1, 2, 3].enumerated().map { index, number in
      Beat(identity: try identity(number), isBye: index == 4)
    }
    #expect(try keeper.take(beats) == [.joined, .joined, .refused, .kept, nil, .refused])
    let batch = keeper.batch().batch
    #expect(Set(batch.identities.values) == [try identity(1), try identity(2)])
    #expect(try keeper.take([]).isEmpty)
  }

  @Test func `thousands that arrive together are all taken`() throws {
    let beats = try (0..<3000).map { Beat(identity: try identity($0), weight: 2) }
    #expect(try keeper.take(beats) == Array(repeating: .joined, count: 3000))
    #expect(try keeper.take(beats) == Array(repeating: .kept, count: 3000))
    #expect(keeper.view.online == 6000)
    #expect(keeper.batch().batch.identities.count == 3000)
  }
}
