package import Licensing
package import Reporting
internal import Sealing

/// What the reporter does next, decided without a clock or a wire.
///
/// Moments are milliseconds of the boot-time clock. Rules:
/// 1. One request is in flight at most: after an order nothing is ordered until its outcome is told.
/// 2. In `offline` mode nothing ever dials.
/// 3. A license that must be activated is activated before anything is reported.
/// 4. What has no receipt is sent in the order of the chain, without expiry. Without any, a sign of
///    life is sent when the last answer is ``Pace/alive`` old.
/// 5. After a failure the next attempt waits, doubling from a second to five minutes, of which half is
///    chance; never less than the gateway asked for. Progress forgets the failures.
/// 6. `OUT_OF_ORDER` sends again from where the gateway says; after three times without a receipt with
///    a pause before. `NOT_ACTIVATED` enrols again, after a pause.
/// 7. `TOO_LARGE` halves the batch; of a single record it is a failure.
/// 8. `FORKED` ends the chain: a new installation is to take its place. Where the gateway refuses that,
///    reporting halts; it is asked again each hour, for the vendor's staff may have decided.
/// 9. Against a gateway that holds more than the ledger does a sign of life says nothing any more. What
///    the ledger appends is sent: the gateway has other records in those places, and says `FORKED`.
/// 10. A request by hand waits for no pause, but for what is in flight.
package struct ReporterState: Sendable, Equatable {
  /// What to do now.
  package enum Order: Sendable, Equatable {
    case activate
    /// Send at most so many records from that place on; none where nothing is new.
    case report(from: Int64, limit: Int)
    /// End the chain: enrol a new key in place of this one.
    case replace
    /// Nothing until that moment; nil until something happens.
    case wait(until: Int64?)
  }

  /// Why the chain does not go on.
  package enum Halt: String, Sendable {
    /// The gateway has other records of this chain: another installation must take the place.
    case forked = "FORKED"
    /// The gateway has more records than the ledger.
    case rewound = "LEDGER_REWOUND"
  }

  /// What a failure means for what comes next.
  package enum Failure: Sendable, Equatable {
    case problem(Problem, retryAfter: Int64?)
    case other(retryAfter: Int64?)
  }

  /// How often a word is sent when nothing is new, in milliseconds.
  package struct Pace: Sendable, Equatable {
    package var alive: Int64
    /// How long new records wait, so that not every installation reports at midnight.
    package var delay: Int64

    package init(alive: Int64, delay: Int64) {
      self.alive = alive
      self.delay = delay
    }
  }

  private static let firstPause: Int64 = 1000
  private static let longestPause: Int64 = 300_000
  /// How long after a place that was refused it is asked for again.
  private static let refusalPause: Int64 = 3_600_000
  private static let mostResends = 3

  package private(set) var halt: Halt?
  package private(set) var failures = 0
  package private(set) var isInFlight = false
  /// The last record with a receipt.
  package private(set) var receipted: Int64
  /// The last record of the ledger.
  package private(set) var head: Int64
  private var mode: ReportingMode = .offline
  private var pace = Pace(alive: 300_000, delay: 0)
  private var needsActivation = false
  /// The gateway does not know the activation that is here.
  private var isUnknownThere = false
  private var resends = 0
  private var notBefore: Int64 = 0
  private var lastAnswer: Int64?
  private var batch = ReportRequest.maximumRecords
  private var resendFrom: Int64?
  private var isForced = false

  /// - Parameter receipted: more than the ledger has, where that was restored from an older copy.
  package init(head: Int64, receipted: Int64) {
    self.head = head
    self.receipted = min(receipted, head)
    if receipted > head { halt = .rewound }
  }

  /// How many records have no receipt.
  package var backlog: Int64 { max(0, head - receipted) }

  /// The license in force says how to report, and whether an activation is missing.
  package mutating func configure(mode: ReportingMode, pace: Pace, needsActivation: Bool) {
    self.mode = mode
    self.pace = pace
    self.needsActivation = needsActivation
  }

  /// The ledger has grown.
  package mutating func appended(head: Int64, at now: Int64) {
    guard head > self.head else { return }
    if backlog == 0 && failures == 0 { notBefore = max(notBefore, now + pace.delay) }
    self.head = head
  }

  /// Someone asks for a report by hand.
  package mutating func force() { isForced = true }

  /// Decides; an order to send counts as in flight from now on.
  package mutating func next(at now: Int64) -> Order {
    guard !isInFlight, mode != .offline else { return .wait(until: nil) }
    if !isForced, now < notBefore { return .wait(until: notBefore) }
    if halt == .forked {
      isInFlight = true
      isForced = false
      return .replace
    }
    if needsActivation || isUnknownThere {
      isInFlight = true
      return .activate
    }
    let from = resendFrom ?? receipted + 1
    if halt == .rewound && from > head && !isForced { return .wait(until: nil) }
    let isDue = lastAnswer.map { now >= $0 + pace.alive } ?? true
    guard from <= head || isDue || isForced else {
      return .wait(until: lastAnswer.map { $0 + pace.alive })
    }
    isInFlight = true
    isForced = false
    return .report(from: from, limit: batch)
  }

  /// The activation is there.
  package mutating func activated() {
    isInFlight = false
    needsActivation = false
    isUnknownThere = false
    failures = 0
    notBefore = 0
  }

  /// A receipt was verified and stored.
  /// - Parameter jitter: chance, any number.
  package mutating func received(through seq: Int64, at now: Int64, jitter: UInt64) {
    isInFlight = false
    lastAnswer = now
    resends = 0
    guard seq <= head else {
      halt = .rewound
      receipted = head
      resendFrom = nil
      failures = 0
      notBefore = 0
      return
    }
    halt = nil
    let isProgress = resendFrom.map { seq >= $0 } ?? (seq > receipted)
    receipted = max(receipted, seq)
    resendFrom = seq < receipted ? seq + 1 : nil
    if !isProgress && seq < head {
      pause(at: now, retryAfter: nil, jitter)
    } else {
      failures = 0
      notBefore = 0
      batch = min(batch * 2, ReportRequest.maximumRecords)
    }
  }

  /// What was in flight brought no receipt.
  /// - Parameter jitter: chance, any number.
  package mutating func failed(_ failure: Failure, at now: Int64, jitter: UInt64) {
    isInFlight = false
    isForced = false
    switch failure {
    case .other(let retryAfter): pause(at: now, retryAfter: retryAfter, jitter)
    case .problem(let problem, let retryAfter):
      if recovers(from: problem) { return }
      pause(at: now, retryAfter: retryAfter, jitter)
      if !problem.retryable { notBefore = max(notBefore, now + Self.longestPause / 2) }
    }
  }

  /// The gateway does not give the place of this chain to another installation.
  /// - Parameter jitter: chance, any number.
  package mutating func replacementRefused(at now: Int64, jitter: UInt64) {
    isInFlight = false
    isForced = false
    let half = Self.refusalPause / 2
    notBefore = now + half + Int64(jitter % UInt64(half + 1))
  }

  /// Whether the next attempt, at once, can be another one.
  private mutating func recovers(from problem: Problem) -> Bool {
    switch problem.code {
    case .outOfOrder:
      guard let expected = problem.facts.first(where: { $0.name == "expected" })?.value.integer,
        expected >= 1
      else { return false }
      if expected > head + 1 {
        halt = .rewound
        receipted = head
        resendFrom = nil
        return true
      }
      resends += 1
      resendFrom = expected
      return resends <= Self.mostResends
    case .forked:
      halt = .forked
      return true
    case .tooLarge:
      guard batch > 1 else { return false }
      batch /= 2
      return true
    case .notActivated:
      isUnknownThere = true
      return false
    default: return false
    }
  }

  private mutating func pause(at now: Int64, retryAfter: Int64?, _ jitter: UInt64) {
    let doubled = Self.firstPause << Int64(min(failures, 16))
    let longest = min(doubled, Self.longestPause)
    let chosen = longest / 2 + Int64(jitter % UInt64(longest / 2 + 1))
    let asked = min(max(retryAfter ?? 0, 0), 86_400) * 1000
    failures = min(failures + 1, 1000)
    notBefore = now + max(chosen, asked)
  }
}
