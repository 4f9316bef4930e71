import CivilTime
import Licensing
package import Sealing

// What a statement says that staff decided, held against the decisions that it quotes.
//
// Rules:
// 1. A decision is of the statement's line and vendor, and a gateway's key of the trust set sealed it.
// 2. One on which no line and no correction rests may bear the seal of a key that is not known any more, or
//    that was revoked since: keys are changed, and what was decided long ago is superseded.
// 3. Each line and correction is billed as the newest quoted decision of its date says, and says so; one for
//    which none stands says nothing of any.
extension Statement {
  /// The decisions as they are read; a statement that was parsed has none that cannot be.
  var quoted: [Decision] { decisions.compactMap { try? Decision.quoted($0) } }

  /// Holds all that is quoted, and all that is billed by it.
  /// - Throws: ``Refusal`` that names the first decision, line or correction that is not so.
  package func requireDecided(under trust: TrustSet) throws(Refusal) {
    try requireSealedDecisions(under: trust)
    guard let difference = decidedDifference else { return }
    throw .malformed(
      "the \(difference.entry.rawValue) of \(difference.date), installation "
        + "\(difference.installation), says \(difference.member ?? "-") "
        + "\(difference.statement?.text ?? "nothing"), the quoted decisions "
        + "\(difference.records?.text ?? "nothing")")
  }

  /// Holds rules 1 and 2.
  /// - Throws: ``Refusal`` that names the first decision that is not so.
  package func requireSealedDecisions(under trust: TrustSet) throws(Refusal) {
    let billing = try self.billing()
    for (index, jws) in decisions.enumerated() {
      let decision = try Decision.quoted(jws)
      let name = "decisions[\(index)], \(decision.subject.rawValue) of \(decision.installation)"
      do throws(Refusal) {
        _ = try trust.open(Array(jws.utf8), as: Decision.self)
      } catch {
        let isOld = error.code == .unknownKey || error.code == .keyRevoked
        guard isOld, !billing.contains(index) else {
          throw Refusal(error.code, "\(name): \(error.message)")
        }
      }
      guard decision.line == line else {
        throw .malformed("\(name) is of line \(decision.line)")
      }
    }
  }

  /// The places of the decisions on which lines and corrections rest, those among them that take others back.
  private func billing() throws(Refusal) -> Set<Int> {
    var changes: [Thumbprint: [(index: Int, change: BillChange)]] = [:]
    for (index, jws) in decisions.enumerated() {
      let decision = try Decision.quoted(jws)
      guard let change = decision.billChange else { continue }
      changes[decision.installation, default: []].append((index, change))
    }
    let dates =
      lines.map { ($0.installation, $0.date) } + corrections.map { ($0.installation, $0.date) }
    return Set(
      dates.compactMap { name, date in
        changes[name]?.last { $0.change.covers(date) }?.index
      })
  }

  /// The first line or correction that is not billed as the quoted decisions say, nil where each is.
  package var decidedDifference: StatementRecount.Difference? {
    let decided = DecidedBills(quoted)
    for line in lines {
      let billed = decided.standing(of: line.installation, on: line.date)?.billed
      if let difference = Self.difference(
        .line, line.installation, line.date, (line.decided, line.quantity), billed)
      {
        return difference
      }
    }
    for correction in corrections where !correction.isGivenBack {
      let standing = decided.standing(of: correction.installation, on: correction.date)
      if let difference = Self.difference(
        .correction, correction.installation, correction.date,
        (correction.decided, correction.now), standing?.billed)
      {
        return difference
      }
    }
    return nil
  }

  private static func difference(
    _ entry: StatementRecount.Difference.Entry, _ installation: Thumbprint, _ date: CivilDate,
    _ stated: (decided: StatementLine.Decided?, quantity: Int64),
    _ billed: (decided: StatementLine.Decided, quantity: Int64)?
  ) -> StatementRecount.Difference? {
    func differs(
      _ member: String, _ statement: JSONValue?, _ records: JSONValue?
    ) -> StatementRecount.Difference {
      StatementRecount.Difference(
        entry: entry, installation: installation, date: date, member: member,
        statement: statement, records: records)
    }
    guard stated.decided == billed?.decided else {
      return differs(
        "decided", stated.decided.map { .string($0.rawValue) },
        billed.map { .string($0.decided.rawValue) })
    }
    guard let billed, billed.quantity != stated.quantity else { return nil }
    let member = entry == .line ? "quantity" : "now"
    return differs(member, .integer(stated.quantity), .integer(billed.quantity))
  }
}

extension StatementCorrection {
  /// Whether it gives back what was billed in a currency in which the date costs nothing any more, or of a
  /// date that has no line any more: no decision stands for that.
  var isGivenBack: Bool { basis == .none && now == 0 && decided == nil }
}
