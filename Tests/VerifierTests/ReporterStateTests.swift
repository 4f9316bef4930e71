import Licensing
import Reporting
import Sealing
import Testing
import Verifier

@Suite struct ReporterStateTests {
  static let pace = ReporterState.Pace(alive: 300_000, delay: 0)

  /// A reporter of a realtime license that is activated.
  static func state(head: Int64, receipted: Int64) -> ReporterState {
    var state = ReporterState(head: head, receipted: receipted)
    state.configure(mode: .realtime, pace: pace, needsActivation: false)
    return state
  }

  static func problem(_ code: Problem.Code, expected: Int64? = nil) -> ReporterState.Failure {
    .problem(
      Problem(
        code, "", facts: expected.map { [JSONMember("expected", .integer($0))] } ?? []),
      retryAfter: nil)
  }

  @Test func `what has no receipt is sent from the first such record`() {
    var state = Self.state(head: 7, receipted: 3)
    #expect(state.next(at: 0) == .report(from: 4, limit: 1000))
    #expect(state.backlog == 4)
  }

  @Test func `nothing is ordered while a request is in flight`() {
    var state = Self.state(head: 7, receipted: 3)
    #expect(state.next(at: 0) == .report(from: 4, limit: 1000))
    state.appended(head: 9, at: 1)
    #expect(state.next(at: 1_000_000) == .wait(until: nil))
    state.force()
    #expect(state.next(at: 1_000_000) == .wait(until: nil))
    state.received(through: 7, at: 1_000_000, jitter: 0)
    #expect(state.next(at: 1_000_000) == .report(from: 8, limit: 1000))
  }

  @Test func `without anything new a sign of life follows the last answer`() {
    var state = Self.state(head: 2, receipted: 2)
    #expect(state.next(at: 10) == .report(from: 3, limit: 1000))
    state.received(through: 2, at: 20, jitter: 0)
    #expect(state.next(at: 20) == .wait(until: 300_020))
    #expect(state.next(at: 300_019) == .wait(until: 300_020))
    #expect(state.next(at: 300_020) == .report(from: 3, limit: 1000))
  }

  @Test func `in offline mode nothing dials, not even by hand`() {
    var state = ReporterState(head: 5, receipted: 0)
    state.configure(mode: .offline, pace: Self.pace, needsActivation: true)
    #expect(state.next(at: 0) == .wait(until: nil))
    state.force()
    #expect(state.next(at: 0) == .wait(until: nil))
  }

  @Test func `an activation that is missing comes first`() {
    var state = ReporterState(head: 5, receipted: 0)
    state.configure(mode: .realtime, pace: Self.pace, needsActivation: true)
    #expect(state.next(at: 0) == .activate)
    state.failed(.other(retryAfter: nil), at: 0, jitter: 0)
    #expect(state.next(at: 499) == .wait(until: 500))
    #expect(state.next(at: 500) == .activate)
    state.activated()
    #expect(state.next(at: 500) == .report(from: 1, limit: 1000))
  }

  @Test(
    arguments: zip(
      0..<12,
      [
        500, 1000, 2000, 4000, 8000, 16_000, 32_000, 64_000, 128_000,
        150_000, 150_000, 150_000,
      ] as [Int64]))
  func `pauses double up to five minutes, half of it chance`(failures: Int, least: Int64) {
    for (jitter, pause) in [(UInt64(0), least), (UInt64(least), 2 * least)] {
      var state = Self.state(head: 1, receipted: 0)
      var now: Int64 = 0
      for _ in 0..<failures {
        #expect(state.next(at: now) == .report(from: 1, limit: 1000))
        state.failed(.other(retryAfter: nil), at: now, jitter: 0)
        now += 1_000_000
      }
      #expect(state.next(at: now) == .report(from: 1, limit: 1000))
      state.failed(.other(retryAfter: nil), at: now, jitter: jitter)
      #expect(state.next(at: now) == .wait(until: now + pause))
      #expect(state.next(at: now + pause) == .report(from: 1, limit: 1000))
    }
  }

  @Test func `the gateway's own pause is never cut short, nor believed beyond a day`() {
    var state = Self.state(head: 1, receipted: 0)
    _ = state.next(at: 0)
    state.failed(.problem(Problem(.rateLimited, ""), retryAfter: 60), at: 0, jitter: 0)
    #expect(state.next(at: 59_999) == .wait(until: 60_000))
    #expect(state.next(at: 60_000) == .report(from: 1, limit: 1000))
    state.failed(.other(retryAfter: .max), at: 60_000, jitter: 0)
    #expect(state.next(at: 60_000) == .wait(until: 60_000 + 86_400_000))
  }

  @Test func `out of order sends again from where the gateway says`() {
    var state = Self.state(head: 9, receipted: 6)
    _ = state.next(at: 0)
    state.failed(Self.problem(.outOfOrder, expected: 3), at: 0, jitter: 0)
    #expect(state.next(at: 0) == .report(from: 3, limit: 1000))
    state.received(through: 5, at: 0, jitter: 0)
    #expect(state.next(at: 0) == .report(from: 6, limit: 1000))
    state.received(through: 9, at: 0, jitter: 0)
    #expect(state.backlog == 0)
  }

  @Test func `a gateway that says out of order for ever is paused for`() {
    var state = Self.state(head: 9, receipted: 6)
    for round in 0..<3 {
      guard case .report = state.next(at: 0) else {
        Issue.record("nothing was sent in round \(round)")
        return
      }
      state.failed(Self.problem(.outOfOrder, expected: Int64(2 + round % 2)), at: 0, jitter: 0)
    }
    guard case .report = state.next(at: 0) else {
      Issue.record("nothing was sent")
      return
    }
    state.failed(Self.problem(.outOfOrder, expected: 2), at: 0, jitter: 0)
    guard case .wait(let until?) = state.next(at: 0), until > 0 else {
      Issue.record("no pause")
      return
    }
  }

  @Test func `against a gateway that holds more, only what is new is sent`() {
    var told = Self.state(head: 4, receipted: 4)
    _ = told.next(at: 0)
    told.failed(Self.problem(.outOfOrder, expected: 9), at: 0, jitter: 0)
    var shown = Self.state(head: 4, receipted: 4)
    _ = shown.next(at: 0)
    shown.received(through: 8, at: 0, jitter: 0)
    let started = Self.state(head: 4, receipted: 8)
    for var state in [told, shown, started] {
      #expect(state.halt == .rewound)
      #expect(state.next(at: 1_000_000_000) == .wait(until: nil))
      state.appended(head: 5, at: 1_000_000_000)
      #expect(state.next(at: 1_000_000_000) == .report(from: 5, limit: 1000))
      state.failed(Self.problem(.forked), at: 1_000_000_000, jitter: 0)
      #expect(state.next(at: 1_000_000_000) == .replace)
    }
  }

  @Test func `a receipt for what the ledger has ends the doubt`() {
    var state = Self.state(head: 4, receipted: 8)
    state.appended(head: 5, at: 0)
    _ = state.next(at: 0)
    state.received(through: 5, at: 0, jitter: 0)
    #expect(state.halt == nil)
    #expect(state.next(at: 0) == .wait(until: 300_000))
  }

  @Test func `a fork is succeeded at once, one attempt at a time`() {
    var state = Self.state(head: 4, receipted: 2)
    _ = state.next(at: 0)
    state.failed(Self.problem(.forked), at: 0, jitter: 0)
    #expect(state.halt == .forked)
    #expect(state.next(at: 0) == .replace)
    #expect(state.next(at: 1_000_000_000) == .wait(until: nil))
    state.force()
    #expect(state.next(at: 1_000_000_000) == .wait(until: nil))
  }

  @Test func `a place that is refused is asked for again in an hour, by hand at once`() {
    var state = Self.state(head: 4, receipted: 2)
    _ = state.next(at: 0)
    state.failed(Self.problem(.forked), at: 0, jitter: 0)
    for (jitter, pause): (UInt64, Int64) in [(0, 1_800_000), (1_800_000, 3_600_000)] {
      #expect(state.next(at: 0) == .replace)
      state.replacementRefused(at: 0, jitter: jitter)
      #expect(state.next(at: 0) == .wait(until: pause))
      state.appended(head: state.head + 1, at: 0)
      #expect(state.next(at: pause - 1) == .wait(until: pause))
      state.force()
    }
    #expect(state.next(at: 0) == .replace)
  }

  @Test func `while nobody answers, the place is asked for with growing pauses`() {
    var state = Self.state(head: 4, receipted: 2)
    _ = state.next(at: 0)
    state.failed(Self.problem(.forked), at: 0, jitter: 0)
    var pauses: [Int64] = []
    var now: Int64 = 0
    for _ in 0..<5 {
      #expect(state.next(at: now) == .replace)
      state.failed(.other(retryAfter: nil), at: now, jitter: 0)
      guard case .wait(let until?) = state.next(at: now) else {
        Issue.record("no pause")
        return
      }
      pauses.append(until - now)
      now = until
    }
    #expect(pauses == [500, 1000, 2000, 4000, 8000])
  }

  @Test func `a batch that is too large is halved down to one record`() {
    var state = Self.state(head: 5000, receipted: 0)
    var limits: [Int] = []
    while case .report(_, let limit) = state.next(at: 0) {
      limits.append(limit)
      state.failed(Self.problem(.tooLarge), at: 0, jitter: 0)
    }
    #expect(limits == [1000, 500, 250, 125, 62, 31, 15, 7, 3, 1])
    guard case .wait(let until?) = state.next(at: 0), until >= 150_000 else {
      Issue.record("no long pause for a single record that is too large")
      return
    }
  }

  @Test func `a receipt that acknowledges nothing new is paused for`() {
    var state = Self.state(head: 5, receipted: 2)
    _ = state.next(at: 0)
    state.received(through: 2, at: 0, jitter: 0)
    guard case .wait(let until?) = state.next(at: 0), until > 0 else {
      Issue.record("the same records are sent again at once")
      return
    }
    #expect(state.next(at: until) == .report(from: 3, limit: 1000))
  }

  @Test func `an activation that the gateway has lost is asked for again`() {
    var state = Self.state(head: 5, receipted: 2)
    _ = state.next(at: 0)
    state.failed(Self.problem(.notActivated), at: 0, jitter: 0)
    state.configure(mode: .realtime, pace: Self.pace, needsActivation: false)
    #expect(state.next(at: 10_000_000) == .activate)
    state.activated()
    #expect(state.next(at: 10_000_000) == .report(from: 3, limit: 1000))
  }

  @Test func `by hand no pause is waited for`() {
    var state = Self.state(head: 5, receipted: 2)
    _ = state.next(at: 0)
    state.failed(.other(retryAfter: 3600), at: 0, jitter: 0)
    #expect(state.next(at: 1) == .wait(until: 3_600_000))
    state.force()
    #expect(state.next(at: 1) == .report(from: 3, limit: 1000))
    state.failed(.other(retryAfter: nil), at: 1, jitter: 0)
    guard case .wait = state.next(at: 1) else {
      Issue.record("one request by hand is one attempt")
      return
    }
  }

  @Test func `in daily mode new records wait for the installation's own minutes`() {
    var state = ReporterState(head: 0, receipted: 0)
    let pace = ReporterState.Pace(alive: 86_400_000, delay: 700_000)
    state.configure(mode: .daily, pace: pace, needsActivation: false)
    _ = state.next(at: 0)
    state.received(through: 0, at: 0, jitter: 0)
    state.appended(head: 1, at: 1000)
    #expect(state.next(at: 1000) == .wait(until: 701_000))
    #expect(state.next(at: 701_000) == .report(from: 1, limit: 1000))
  }
}
