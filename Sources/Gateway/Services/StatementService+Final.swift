package import Billing
internal import CivilTime
package import Licensing
package import Reporting
package import Sealing

/// A statement and the sealed document that says the same.
package struct ShownStatement: Sendable {
  package let statement: Statement
  /// Of a final statement the document that is kept; nil where nothing was sealed.
  package let sealed: String?

  init(statement: Statement, sealed: String?) {
    self.statement = statement
    self.sealed = sealed
  }

  /// Reads a statement that a gateway of this machine sealed.
  /// - Throws: ``Problem`` `INTERNAL` for what is none.
  package init(sealed: String) throws(Problem) {
    self.init(statement: try StatementDesk.open(sealed), sealed: sealed)
  }

  package var json: JSONValue {
    var members = [JSONMember("statement", statement.json)]
    if let sealed { members.append(JSONMember("sealed", .string(sealed))) }
    return .object(members)
  }

  /// The same, sealed anew where it is not final.
  /// - Throws: ``Problem`` `TOO_LARGE`, `NOT_READY`.
  package func sealed(by gateway: Gateway) throws(Problem) -> ShownStatement {
    guard sealed == nil else { return self }
    return ShownStatement(statement: statement, sealed: try gateway.sealed(statement))
  }
}

// Final statements.
//
// Rules:
// 1. A statement becomes final when its month is over and each of its dates is closed.
// 2. There is one of a line and month, for ever, in the same bytes; asked for again it is what was made.
// 3. What comes later and would change it is a correction of the next statement that is made: the
//    difference to everything that final statements billed for the date so far.
extension StatementService {
  /// The final statement of a month where there is one, else the statement as of now.
  /// - Throws: ``Problem`` as ``statement(of:in:)-(LineID,_)``.
  package func shown(of line: LineID, in month: Month) async throws -> ShownStatement {
    if let final = try await final(of: line, in: month) { return try ShownStatement(sealed: final) }
    return try await asOfNow(of: line, in: month)
  }

  /// The statement of a month that was not final, as of now. It may have become final meanwhile: then it is
  /// never shown otherwise again.
  /// - Throws: ``Problem`` as ``statement(of:in:)-(LineID,_)``.
  func asOfNow(of line: LineID, in month: Month) async throws -> ShownStatement {
    let draft = try await statement(of: line, in: month)
    if let final = try await final(of: line, in: month) { return try ShownStatement(sealed: final) }
    return ShownStatement(statement: draft, sealed: nil)
  }

  /// The final statement of a month as it was sealed, nil where there is none.
  func final(of line: LineID, in month: Month) async throws -> String? {
    try await store.read { try $0.finalStatement(of: line, in: month)?.jws }
  }

  /// Makes the statement of a month final.
  /// - Throws: ``Problem`` `CONFLICT` while a date can still change, `NOT_READY` where nothing can be
  ///   sealed, and as ``statement(of:in:)-(LineID,_)``.
  package func makeFinal(of line: LineID, in month: Month) async throws -> ShownStatement {
    guard let seal else {
      throw Problem(.notReady, "a final statement is sealed: the gateway's key is needed")
    }
    do {
      for _ in 0..<Self.attempts {
        if let final = try await made(of: line, in: month, seal) {
          return try ShownStatement(sealed: final.jws)
        }
      }
    } catch let error as BillingError { throw Problem(.conflict, error.message) }
    throw Problem(
      .conflict, "licenses or installations of \(line) change at this moment: try again")
  }

  private static var attempts: Int { 5 }

  /// Computed beside the writer, which only looks whether licenses, installations or final statements have
  /// changed since. An entry that came meanwhile lies after the statement's position: it is for the next
  /// one, as all that comes later.
  /// - Returns: nil where something has changed: what was known is old.
  private func made(
    of line: LineID, in month: Month, _ seal: GatewaySeal
  ) async throws -> StoredStatement? {
    // Nothing is computed for one that is known. It is told by the writer: what a reader sees, a standby may
    // not have yet.
    if try await final(of: line, in: month) != nil {
      return try await store.change { try $0.finalStatement(of: line, in: month) }
    }
    // Dates that are due are closed first; then the licenses are read anew, after what is compared.
    _ = try await desk(for: line)
    let seen = try await store.read { try SeenLine(line, in: $0) }
    shelf.forget([line])
    let desk = try await desk(for: line)
    let draft = try await drafted(month, desk)
    // Sealed beside the writer, too: it may be large, and whoever reports would wait for it.
    let final = try draft.finalised().map { statement in
      (statement: statement, jws: try seal.statement(statement))
    }
    return try await store.change { ledger in
      if let known = try ledger.finalStatement(of: line, in: month) { return known }
      guard try SeenLine(line, in: ledger) == seen else { return nil }
      guard let (statement, jws) = final else { throw Self.open(draft) }
      let made = StoredStatement(month: month, jws: jws)
      try ledger.add(final: made, of: line, at: desk.now)
      try ledger.announce(.final(statement), at: desk.now)
      return made
    }
  }

  /// Says which dates keep a statement from becoming final.
  private static func open(_ draft: Statement) -> Problem {
    let open = Set(draft.lines.filter { $0.basis == .sample || $0.basis == .none }.map(\.date))
    guard let first = open.min() else {
      return Problem(.conflict, "\(draft.month) is not over yet: wait for its end")
    }
    return Problem(
      .conflict,
      "\(open.count) dates of \(draft.month) are not closed yet, the first is \(first): wait until "
        + "the gateway closes them, or close them (tally-gateway installation close)")
  }
}

/// What a line's statements rest on beside the ledger's entries.
private struct SeenLine: Equatable {
  let licenses: [StoredLicense]
  let installations: [Installation]
  let finals: Set<Month>

  init(_ line: LineID, in ledger: any LedgerReading) throws {
    licenses = try ledger.licenses(of: line)
    installations = try ledger.installations(of: line)
    finals = try ledger.finalMonths(of: line)
  }
}

extension GatewaySeal {
  /// Seals a statement, unless nobody could read it.
  /// - Throws: ``Problem`` `TOO_LARGE`, `NOT_READY`, `INTERNAL` where it reads back otherwise.
  func statement(_ statement: Statement) throws(Problem) -> String {
    guard statement.fitsOneDocument else { throw Self.tooLarge }
    let sealed = try seal(statement)
    guard sealed.utf8.count <= Statement.kind.maximumSize else { throw Self.tooLarge }
    guard try StatementDesk.open(sealed) == statement else {
      throw Problem(.internalFault, "a sealed statement of \(statement.month) reads back otherwise")
    }
    return sealed
  }

  private static var tooLarge: Problem {
    Problem(
      .tooLarge,
      "the statement has too many lines, corrections or decisions for one sealed document: spread the "
        + "installations over several lines of licenses")
  }
}
