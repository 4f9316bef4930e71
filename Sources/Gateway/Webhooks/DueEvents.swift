internal import Billing
internal import CivilTime
package import Licensing
package import Platform
internal import Sealing
internal import Storage

/// Announces what comes with time alone, and forgets what is old.
///
/// Rules:
/// 1. A month that is over can be read as a draft: announced once for each line that had an installation
///    in it, unless its statement is final already. Only the month before the present one is looked at.
/// 2. A license in force that ends within 30, 7 or 1 days is announced once for each of these, the
///    nearest alone where several are reached at once, unless a later revision takes over by then.
/// 3. Events are kept for 90 days, and longer while somebody waits for them: no fact above is looked at
///    for so long, so that none is announced twice.
package struct DueEvents: Sendable {
  /// How long events are kept, in seconds.
  package static let retention: Int64 = 90 * 86_400
  /// Days before the end, the nearest first.
  package static let thresholds: [Int64] = [1, 7, 30]
  /// How many lines, and how many old events, are looked at together.
  private static let page = 200

  private let store: any LedgerStore
  private let shelf: LicenseShelf
  private let clock: any WallClock

  package init(store: any LedgerStore, shelf: LicenseShelf, clock: any WallClock) {
    self.store = store
    self.shelf = shelf
    self.clock = clock
  }

  /// What may have become a fact, and who must have had an installation before an instant for it to be one.
  private struct Candidate: Sendable {
    let event: GatewayEvent
    var month: Month?
    var end: Int64 = 0
  }

  package struct Outcome: Sendable, Equatable {
    /// How many events are new.
    package var announced = 0
    /// Why nothing can be said of a line.
    package var obstacles: [LineID: String] = [:]
  }

  @discardableResult
  package func announce() async throws -> Outcome {
    let now = try clock.now()
    var outcome = Outcome()
    var cursor: LineID?
    while true {
      let page = try await store.read { [cursor] in
        try $0.lines(after: cursor, limit: Self.page)
      }
      var candidates: [Candidate] = []
      for line in page {
        do { candidates += Self.candidates(try await shelf.terms(of: line), now) } catch let error
          as StorageError where error.code == .damaged
        {
          // One row that cannot be read keeps no event of others.
          outcome.obstacles[line] = error.message
        }
      }
      outcome.announced += try await announce(candidates, now)
      guard page.count == Self.page, let last = page.last else { break }
      cursor = last
    }
    return outcome
  }

  /// Deletes events that are old.
  package func forget() async throws {
    let limit = try clock.now() - Self.retention
    while true {
      let old = try await store.read {
        try $0.forgettableEvents(before: limit, limit: Self.page)
      }
      guard !old.isEmpty else { return }
      try await store.change { try $0.forgetEvents(old) }
      guard old.count == Self.page else { return }
    }
  }

  /// Mostly nothing is new: that is seen beside the writer.
  private func announce(_ candidates: [Candidate], _ now: Int64) async throws -> Int {
    guard !candidates.isEmpty else { return 0 }
    let new = try await store.read { ledger in
      try candidates.filter { try Self.isFact($0, in: ledger) }.map(\.event)
    }
    guard !new.isEmpty else { return 0 }
    return try await store.change { ledger in
      try new.filter { try ledger.announce($0, at: now) }.count
    }
  }

  private static func isFact(
    _ candidate: Candidate, in ledger: any LedgerReading
  ) throws -> Bool {
    guard try !ledger.isAnnounced(candidate.event) else { return false }
    guard let month = candidate.month, let line = candidate.event.line else { return true }
    guard try !ledger.finalMonths(of: line).contains(month) else { return false }
    return try ledger.installations(of: line).contains { $0.activatedAt < candidate.end }
  }

  private static func candidates(_ terms: LineTerms, _ now: Int64) -> [Candidate] {
    guard let zone = terms.zone, let license = terms.exemplars.last else { return [] }
    let today = zone.date(at: now)
    var candidates: [Candidate] = []
    if let last = Month(of: today).first.adding(days: -1) {
      let month = Month(of: last)
      candidates.append(
        Candidate(
          event: .drafted(terms.line, month, of: license.sub), month: month,
          end: zone.day(of: last).upperBound))
    }
    if let event = expiring(terms, at: now, today) { candidates.append(Candidate(event: event)) }
    return candidates
  }

  private static func expiring(
    _ terms: LineTerms, at now: Int64, _ today: CivilDate
  ) -> GatewayEvent? {
    guard let license = terms.inForce(at: now)?.payload, terms.revoked[license.jti] == nil,
      let last = license.term?.through
    else { return nil }
    let left = today.days(until: last)
    guard left >= 0, let threshold = thresholds.first(where: { left <= $0 }),
      !isSucceeded(license, last, terms)
    else { return nil }
    return .expiring(license, through: last, left: left, threshold: threshold)
  }

  /// Whether a later revision takes over before the license has ended.
  private static func isSucceeded(
    _ license: License, _ last: CivilDate, _ terms: LineTerms
  ) -> Bool {
    guard let day = last.adding(days: 1) else { return false }
    return terms.exemplars.contains { other in
      guard other.revision > license.revision, terms.revoked[other.jti] == nil else {
        return false
      }
      guard let term = other.term else { return true }
      return term.from <= day && term.through > last
    }
  }
}
