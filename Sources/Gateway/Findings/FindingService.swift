internal import Billing
package import Platform
internal import Reporting
package import Sealing

/// What the vendor's staff see of findings, and do about them.
///
/// Rules:
/// 1. Whoever acknowledges one names who looks after it; another may take it over. One that is resolved is
///    acknowledged only after it was opened again.
/// 2. One is resolved once, and opened again by staff or by what comes again.
/// 3. What was the last step already, by the same name for the same reason, is not taken again: it is the
///    answer, so that a request whose answer was lost can be sent again.
/// 4. None of it changes a bill: what a finding does to it stands in ``FindingEffect``, and what staff
///    decide about a bill is a decision.
package struct FindingService: Sendable {
  private let store: any LedgerStore
  private let clock: any WallClock

  /// The most findings of one page.
  package static let pageSize = 100
  /// The most bytes of an owner's name, and of a note.
  package static let ownerLimit = Decision.nameLimit
  package static let noteLimit = Decision.wordsLimit

  package init(store: any LedgerStore, clock: any WallClock) {
    self.store = store
    self.clock = clock
  }

  /// A page of findings in the order in which they were first opened, and the last one's name if there are
  /// more. What is opened meanwhile comes after all that was there.
  package func page(
    _ filter: FindingFilter, after cursor: FindingID?
  ) async throws -> (findings: [JSONValue], next: FindingID?) {
    try await store.read { ledger in
      let found = try ledger.findings(filter, after: cursor, limit: Self.pageSize + 1)
      let next = found.count > Self.pageSize ? found[Self.pageSize - 1].id : nil
      return (found.prefix(Self.pageSize).map(\.json), next)
    }
  }

  /// One finding with what became of it.
  /// - Throws: ``Problem`` `NOT_FOUND`.
  package func show(_ id: FindingID) async throws -> JSONValue {
    try await store.read { ledger in
      let finding = try Self.known(id, in: ledger)
      let history = try ledger.events(of: id).map(\.json)
      return .object(finding.members + [JSONMember("history", .array(history))])
    }
  }

  /// Names who looks after a finding.
  /// - Parameters:
  ///   - owner: nil for whoever says so.
  ///   - note: for whoever looks at it next, nil to leave the one that is there.
  /// - Throws: ``Problem`` `NOT_FOUND`, `MALFORMED`, `CONFLICT`.
  package func acknowledge(
    _ id: FindingID, owner: String?, note: String?, _ word: StaffWord
  ) async throws -> FindingAnswer {
    try StaffWord.hold(owner ?? word.by, "owner", Self.ownerLimit)
    if let note { try StaffWord.hold(note, "note", Self.noteLimit) }
    return try await take(
      FindingEvent(
        .acknowledged, at: try clock.now(), by: word.by, why: word.why, owner: owner ?? word.by,
        note: note), on: id
    ) { finding throws(Problem) in
      guard finding.state == .resolved else { return }
      throw Problem(.conflict, "finding \(id) is resolved: open it again first (reopen)")
    }
  }

  /// Says how a finding came to its end.
  /// - Throws: ``Problem`` `NOT_FOUND`, `MALFORMED`, `CONFLICT`.
  package func resolve(
    _ id: FindingID, as resolution: LedgerFinding.Resolution, _ word: StaffWord
  ) async throws -> FindingAnswer {
    guard resolution != .cleared else {
      throw Problem(
        .malformed, "resolution cleared is what the gateway says itself: name another one")
    }
    return try await take(
      FindingEvent(
        .resolved, at: try clock.now(), by: word.by, why: word.why, resolution: resolution), on: id
    ) { finding throws(Problem) in
      guard let known = finding.resolution else { return }
      throw Problem(
        .conflict,
        "finding \(id) is resolved already (\(known.rawValue)): look at its history, and open it again "
          + "first if it is not over (reopen)")
    }
  }

  /// Opens a resolved finding again.
  /// - Throws: ``Problem`` `NOT_FOUND`, `CONFLICT`.
  package func reopen(_ id: FindingID, _ word: StaffWord) async throws -> FindingAnswer {
    try await take(
      FindingEvent(.reopened, at: try clock.now(), by: word.by, why: word.why), on: id
    ) { finding throws(Problem) in
      guard finding.state != .resolved else { return }
      throw Problem(
        .conflict, "finding \(id) is not resolved: there is nothing to open again")
    }
  }

  /// Takes a step, unless it was the last one already.
  private func take(
    _ event: FindingEvent, on id: FindingID,
    _ require: @escaping @Sendable (LedgerFinding) throws(Problem) -> Void
  ) async throws -> FindingAnswer {
    try await store.change { ledger in
      let finding = try Self.known(id, in: ledger)
      if let last = try ledger.lastEvent(of: id), last.isSame(as: event) {
        return FindingAnswer(finding: finding, isNew: false)
      }
      try require(finding)
      return FindingAnswer(finding: try ledger.enter(event, of: finding), isNew: true)
    }
  }

  private static func known(
    _ id: FindingID, in ledger: any LedgerReading
  ) throws -> LedgerFinding {
    guard let finding = try ledger.finding(id) else {
      throw Problem(.notFound, "there is no finding \(id): list them")
    }
    return finding
  }
}

extension FindingEvent {
  /// Whether it is the same step, sent again: only the instant may differ.
  fileprivate func isSame(as other: FindingEvent) -> Bool {
    func same(_ left: String?, _ right: String?) -> Bool {
      guard let left, let right else { return left == nil && right == nil }
      return left.isSameBytes(as: right)
    }
    return what == other.what && same(by, other.by) && same(why, other.why)
      && same(owner, other.owner) && same(note, other.note) && resolution == other.resolution
  }
}
