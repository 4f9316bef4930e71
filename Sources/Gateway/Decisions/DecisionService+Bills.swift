package import Billing
internal import CivilTime
internal import Licensing
internal import Platform
internal import Reporting
package import Sealing

// What staff decide about bills.
//
// Rules:
// 1. The dates are over, by the zone of the line's licenses: what a date may still bill is not decided yet.
// 2. Something of them is billed: a waiver has a line to waive, each date that is corrected has one. A date
//    before the activation of which nothing was reported has none.
// 3. The months of the dates can be computed with it: no amount leaves the whole numbers.
// 4. What stands already for all of its dates is not decided again, see ``DecisionService``. What takes back
//    needs something that stands.
extension DecisionService {
  /// Changes what dates of an installation bill.
  /// - Throws: ``Problem`` `NOT_FOUND`, `CONFLICT`, `NOT_READY`.
  package func change(
    billOf name: Thumbprint, _ change: BillChange, _ word: StaffWord
  ) async throws -> DecisionAnswer {
    let now = try clock.now()
    let installation = try await store.read { try Self.known(name, in: $0) }
    let desk = try await statements.desk(for: installation.line)
    guard change.through < desk.zone.date(at: now) else {
      throw Problem(.conflict, "\(change.through) is not over yet: name dates before today")
    }
    // Told by the writer: what a reader sees, a standby may not have yet.
    if try await store.read({ try $0.standing(change, of: name) }) != nil,
      let standing = try await store.change({ try $0.standing(change, of: name) })
    {
      return DecisionAnswer(standing, isNew: false)
    }
    let decision = Self.decision(installation, word, .bill(change), iss: seal.iss, now)
    let jws = try seal.seal(decision)
    try await store.read { ledger in
      try Self.hold(change, of: installation, try Self.quoted(jws), desk, in: ledger)
    }
    return try await store.change { ledger in
      if let standing = try ledger.standing(change, of: name) {
        return DecisionAnswer(standing, isNew: false)
      }
      let position = try ledger.append(decision: jws, of: name, at: now)
      return DecisionAnswer(
        OpenedDecision(position: position, jws: jws, decision: decision), isNew: true)
    }
  }

  private static func quoted(_ jws: String) throws(Problem) -> QuotedDecision {
    do throws(Refusal) { return try QuotedDecision(jws) } catch { throw Problem(error) }
  }

  /// Holds rules 2 to 4.
  private static func hold(
    _ change: BillChange, of installation: Installation, _ decision: QuotedDecision,
    _ desk: StatementDesk, in ledger: any LedgerReading
  ) throws {
    let name = installation.thumbprint
    guard change.effect != .restore else {
      let decided = DecidedBills(try ledger.opened(of: name).map(\.decision))
      guard change.dates.contains(where: { decided.standing(of: name, on: $0) != nil }) else {
        throw Problem(
          .conflict, "nothing stands that was decided about the bill of these dates")
      }
      return
    }
    let lines: [StatementLine]
    do {
      lines = try desk.lines(of: change.months, with: decision, in: ledger)
    } catch let error as BillingError { throw Problem(.conflict, error.message) }
    let billed = Set(lines.filter { $0.installation == name }.map(\.date))
    let open = change.dates.filter { !billed.contains($0) }
    let activated = desk.zone.date(at: installation.activatedAt)
    if let early = open.first(where: { $0 < activated }) {
      throw Problem(
        .conflict,
        "\(early) lies before the activation, on \(activated), and nothing was reported of it: name "
          + "later dates")
    }
    guard let first = open.first,
      change.effect != .waive || open.count == change.dates.count
    else { return }
    throw Problem(
      .conflict, "\(first) has no line on any statement: nothing is billed for it")
  }
}

extension BillChange {
  /// Its dates in order.
  var dates: [CivilDate] {
    (from.daysSinceEpoch...through.daysSinceEpoch).compactMap { CivilDate(daysSinceEpoch: $0) }
  }

  /// The months that have one of its dates, in order.
  var months: [Month] {
    dates.map { Month(of: $0) }.reduce(into: []) { months, month in
      if months.last != month { months.append(month) }
    }
  }
}

extension LedgerReading {
  /// The decision that says the same, where it is the newest about each of its dates.
  fileprivate func standing(
    _ change: BillChange, of name: Thumbprint
  ) throws -> OpenedDecision? {
    let newest = try opened(of: name).last {
      $0.decision.billChange?.touches(change.from, change.through) == true
    }
    return newest?.decision.billChange == change ? newest : nil
  }
}
