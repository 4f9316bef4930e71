package import Billing
package import CivilTime
internal import Licensing
package import Platform
internal import Reporting
package import Sealing

/// What the vendor's staff decide about installations: each decision is sealed and has its place in the
/// ledger, in the one change that carries it out.
///
/// Rules:
/// 1. A seat is freed for good: the chain has ended, from that date on none is closed or carried for it.
///    What the installation reports after all is billed by its own chain, and found.
/// 2. A permit lets one further installation take another's place, though that one took a place itself
///    within 30 days or holds its seat no more; in the latter case a seat must be free.
/// 3. What stands already is not decided again: the standing decision is the answer, so that a request
///    whose answer was lost can be sent again. A permit that was used meanwhile is the answer, too, while
///    it would stand: another one needs another reason.
package struct DecisionService: Sendable {
  let store: any LedgerStore
  let seal: GatewaySeal
  private let closer: DateCloser
  let statements: StatementService
  let clock: any WallClock

  /// How long a permit may stand, in days.
  package static let permitDays: ClosedRange<Int64> = 1...90
  package static let usualPermitDays: Int64 = 7

  package init(
    store: any LedgerStore, seal: GatewaySeal, closer: DateCloser, statements: StatementService,
    clock: any WallClock
  ) {
    self.statements = statements
    self.store = store
    self.seal = seal
    self.closer = closer
    self.clock = clock
  }

  /// Frees an installation's seat.
  /// - Throws: ``Problem`` `NOT_FOUND`, `CONFLICT` where another has taken its place.
  package func release(_ name: Thumbprint, _ word: StaffWord) async throws -> DecisionAnswer {
    let now = try clock.now()
    return try await store.change { [seal] ledger in
      let installation = try Self.known(name, in: ledger)
      if installation.releasedAt != nil {
        guard
          let standing = try ledger.opened(of: name).last(where: { $0.decision.matter == .release })
        else { throw Problem(.internalFault, "the decision is not stored: ask for support") }
        return DecisionAnswer(standing, isNew: false)
      }
      if let other = installation.replacedBy {
        throw Problem(.conflict, "installation \(name) holds no seat: \(other) took its place")
      }
      let decision = Self.decision(installation, word, .release, iss: seal.iss, now)
      try ledger.markReleased(name, at: now)
      return try Self.enter(decision, seal, in: ledger, now)
    }
  }

  /// Lets an installation take another's place.
  /// - Parameters:
  ///   - name: whose place.
  ///   - successor: who may, nil where any installation with a license of the line may.
  ///   - days: how long the permit stands.
  /// - Throws: ``Problem`` `NOT_FOUND`, `MALFORMED`.
  package func permitReplacement(
    of name: Thumbprint, by successor: Thumbprint?, days: Int64, _ word: StaffWord
  ) async throws -> DecisionAnswer {
    guard Self.permitDays.contains(days) else {
      throw Problem(
        .malformed,
        "days must be from \(Self.permitDays.lowerBound) to \(Self.permitDays.upperBound)")
    }
    guard successor != name else {
      throw Problem(.malformed, "an installation cannot take its own place")
    }
    let now = try clock.now()
    return try await store.change { [seal] ledger in
      let installation = try Self.known(name, in: ledger)
      if let known = try ledger.newestPermit(of: name), let permit = known.permit,
        permit.successor == successor, now <= permit.through
      {
        let user = try ledger.user(ofPermitAt: known.position)
        let isSame =
          known.decision.by.isSameBytes(as: word.by)
          && known.decision.why.isSameBytes(as: word.why)
        if user == nil || isSame { return DecisionAnswer(known, isNew: false, usedBy: user) }
      }
      let permit = ReplacementPermit(through: now + days * 86_400, successor: successor)
      let decision = Self.decision(installation, word, .replace(permit), iss: seal.iss, now)
      return try Self.enter(decision, seal, in: ledger, now)
    }
  }

  /// Closes every open date of an installation up to one.
  /// - Returns: the dates closed, in order.
  /// - Throws: ``Problem`` `NOT_FOUND`, `CONFLICT`.
  package func close(
    _ name: Thumbprint, through last: CivilDate, _ word: StaffWord
  ) async throws -> [CivilDate] {
    try await closer.close(name, through: last, by: word.by, why: word.why)
  }

  /// What is answered where dates were closed.
  package static func json(closed dates: [CivilDate]) -> JSONValue {
    ["closed": .array(dates.map { .string($0.description) })]
  }

  static func known(
    _ name: Thumbprint, in ledger: any LedgerReading
  ) throws -> Installation {
    guard let installation = try ledger.state(of: name)?.installation else {
      throw InstallationService.notFound(name)
    }
    return installation
  }

  static func decision(
    _ installation: Installation, _ word: StaffWord, _ matter: Decision.Matter, iss: String,
    _ now: Int64
  ) -> Decision {
    Decision(
      iss: iss, iat: now, line: installation.line, installation: installation.thumbprint,
      by: word.by, why: word.why, matter: matter)
  }

  private static func enter(
    _ decision: Decision, _ seal: GatewaySeal, in ledger: any LedgerWriting, _ now: Int64
  ) throws -> DecisionAnswer {
    let jws = try seal.seal(decision)
    let position = try ledger.append(decision: jws, of: decision.installation, at: now)
    return DecisionAnswer(
      OpenedDecision(position: position, jws: jws, decision: decision), isNew: true)
  }
}

/// A stored decision and what it says.
package struct OpenedDecision: Sendable, Equatable {
  package let position: Int64
  package let jws: String
  package let decision: Decision

  /// The permit, where it is one.
  var permit: ReplacementPermit? {
    guard case .replace(let permit) = decision.matter else { return nil }
    return permit
  }

  package var json: JSONValue {
    [
      "position": .integer(position), "decision": decision.json, "sealed": .string(jws),
    ]
  }
}

/// What a request to decide came to.
package struct DecisionAnswer: Sendable, Equatable {
  package let stored: OpenedDecision
  /// Whether it was decided now; else it stood already.
  package let isNew: Bool
  /// Who has used the permit, nil where nobody has.
  package let usedBy: Thumbprint?

  init(_ stored: OpenedDecision, isNew: Bool, usedBy: Thumbprint? = nil) {
    self.stored = stored
    self.isNew = isNew
    self.usedBy = usedBy
  }

  package var json: JSONValue {
    var members = [
      JSONMember("new", .bool(isNew)), JSONMember("position", .integer(stored.position)),
      JSONMember("decision", stored.decision.json), JSONMember("sealed", .string(stored.jws)),
    ]
    if let usedBy { members.append(JSONMember("used_by", usedBy.json)) }
    return .object(members)
  }
}

extension LedgerReading {
  /// What staff decided about an installation, in order.
  func opened(of name: Thumbprint) throws -> [OpenedDecision] {
    try decisions(of: name).map {
      OpenedDecision(
        position: $0.position, jws: $0.jws, decision: try Decision.quoted($0.jws))
    }
  }

  /// The newest permit to take an installation's place, used or not.
  func newestPermit(of name: Thumbprint) throws -> OpenedDecision? {
    try opened(of: name).last { $0.permit != nil }
  }

  /// The newest permit to take an installation's place, nil where there is none or it was used.
  func standingPermit(of name: Thumbprint) throws -> OpenedDecision? {
    guard let newest = try newestPermit(of: name),
      try user(ofPermitAt: newest.position) == nil
    else { return nil }
    return newest
  }
}
