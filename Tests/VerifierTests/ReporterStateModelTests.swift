import Licensing
import Reporting
import Sealing
import TestSupport
import Testing
import Verifier

/// Random lives of a reporter against a gateway that is a number: how many records it has.
@Suite struct ReporterStateModelTests {
  /// A small generator, so that a seed gives one life for ever (SplitMix64).
  struct Chance {
    var state: UInt64

    mutating func next() -> UInt64 {
      state &+= 0x9E37_79B9_7F4A_7C15
      var z = state
      z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
      z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
      return z ^ (z >> 31)
    }

    mutating func below(_ bound: UInt64) -> Int64 { Int64(next() % bound) }
  }

  /// One life; the gateway loses records now and then, and is often not there.
  struct Life {
    var chance: Chance
    var state: ReporterState
    var now: Int64 = 0
    /// How many records each side has.
    var ledger: Int64 = 0
    var gateway: Int64 = 0
    var requests = 0

    init(seed: UInt64, mode: ReportingMode) {
      chance = Chance(state: seed)
      state = ReporterState(head: 0, receipted: 0)
      state.configure(
        mode: mode, pace: ReporterState.Pace(alive: 300_000, delay: 0), needsActivation: false)
    }

    /// Carries out an order at a gateway that works.
    mutating func serve(_ order: ReporterState.Order) {
      guard case .report(let from, let limit) = order else { return }
      requests += 1
      guard from <= gateway + 1 else {
        let expected = JSONMember("expected", .integer(gateway + 1))
        state.failed(
          .problem(Problem(.outOfOrder, "", facts: [expected]), retryAfter: nil), at: now,
          jitter: chance.next())
        return
      }
      gateway = max(gateway, min(ledger, from + Int64(limit) - 1))
      state.received(through: gateway, at: now, jitter: chance.next())
    }

    /// A turn in which anything may happen.
    mutating func turn() {
      now += chance.below(20_000)
      if chance.below(3) == 0 {
        ledger += 1 + chance.below(3000)
        state.appended(head: ledger, at: now)
      }
      if chance.below(40) == 0 { gateway = chance.below(UInt64(gateway) + 1) }
      let order = state.next(at: now)
      guard case .report = order else { return }
      switch chance.below(6) {
      case 0: state.failed(.other(retryAfter: nil), at: now, jitter: chance.next())
      case 1: state.failed(.other(retryAfter: chance.below(600)), at: now, jitter: chance.next())
      case 2:
        state.failed(
          .problem(Problem(.tooLarge, ""), retryAfter: nil), at: now, jitter: chance.next())
      case 3:
        // The gateway has them, but its answer is lost.
        if case .report(let from, let limit) = order, from <= gateway + 1 {
          gateway = max(gateway, min(ledger, from + Int64(limit) - 1))
        }
        state.failed(.other(retryAfter: nil), at: now, jitter: chance.next())
      default: serve(order)
      }
    }
  }

  @Test func `whatever happens, everything is receipted once the gateway stays`() {
    for seed in 0..<400 as Range<UInt64> {
      var life = Life(seed: seed, mode: .realtime)
      for _ in 0..<200 { life.turn() }
      // The gateway comes back: within a bounded number of requests it has everything.
      let before = life.requests
      for _ in 0..<200 {
        switch life.state.next(at: life.now) {
        case .wait(let until): life.now = until ?? life.now + 300_000
        case let order: life.serve(order)
        }
      }
      #expect(life.gateway == life.ledger, "seed \(seed)")
      #expect(life.state.backlog == 0, "seed \(seed)")
      #expect(life.state.halt == nil, "seed \(seed)")
      #expect(life.requests > before, "seed \(seed)")
    }
  }

  @Test func `two requests are never in flight, and offline none is`() {
    for seed in 0..<200 as Range<UInt64> {
      var chance = Chance(state: seed)
      let mode: ReportingMode = seed % 4 == 0 ? .offline : .realtime
      var state = ReporterState(head: 5, receipted: chance.below(9))
      state.configure(
        mode: mode, pace: ReporterState.Pace(alive: 1000, delay: 0),
        needsActivation: chance.below(2) == 0)
      var isInFlight = false
      for turn in 0..<100 {
        let now = Int64(turn) * chance.below(100_000)
        if chance.below(4) == 0 { state.force() }
        if chance.below(4) == 0 { state.appended(head: state.head + 1, at: now) }
        switch state.next(at: now) {
        case .wait: break
        case .activate, .report, .replace:
          #expect(!isInFlight && mode != .offline, "seed \(seed), turn \(turn)")
          isInFlight = true
        }
        guard isInFlight, chance.below(3) == 0 else { continue }
        isInFlight = false
        switch chance.below(5) {
        case 0: state.activated()
        case 1: state.received(through: chance.below(12), at: now, jitter: 0)
        case 2: state.replacementRefused(at: now, jitter: 0)
        case 3: state.failed(.problem(Problem(.forked, ""), retryAfter: nil), at: now, jitter: 0)
        default: state.failed(.other(retryAfter: nil), at: now, jitter: chance.next())
        }
      }
    }
  }
}
