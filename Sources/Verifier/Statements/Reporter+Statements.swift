package import Billing
internal import Libcrypto
internal import Licensing
internal import Metering
internal import Reporting
internal import Sealing

extension Reporter {
  /// Brings the sealed statement of the installation's own line.
  ///
  /// What comes is verified as if it came by hand: the seal, the line, the month.
  /// - Throws: ``VerifierError`` `NO_LICENSE`, `NO_GATEWAY`, `REQUEST_REFUSED` under a license with which
  ///   nothing dials, and for what the gateway does `GATEWAY_REFUSED`, `GATEWAY_UNREACHABLE`,
  ///   `GATEWAY_ANSWER_UNUSABLE`.
  package func statement(of month: Month) async throws(VerifierError) -> FetchedStatement {
    let order = try await order(of: month)
    // No report waits while a large one comes.
    switch await client.statement(order.request, at: order.gateway) {
    case .answer(let answer): return try await take(answer, line: order.line, month: month)
    case .problem(let problem, _): throw VerifierError(problem)
    case .unreachable(let why): throw VerifierError(.gatewayUnreachable, why)
    case .unreadable(let why, _): throw VerifierError(.gatewayAnswerUnusable, why)
    }
  }

  /// What is asked for, and where.
  private struct Order {
    let request: StatementRequest
    let gateway: GatewayAddress
    let line: LineID
  }

  private func order(of month: Month) async throws(VerifierError) -> Order {
    try await enter()
    defer { leave() }
    try requireStanding()
    guard let license = try await installation.working()?.payload else {
      throw VerifierError(.noLicense, "no license is installed: run license install FILE first")
    }
    guard license.reporting.mode != .offline else { throw Self.nothingDials }
    return Order(
      request: try await statementRequest(month), gateway: try gateway(license), line: license.line)
  }

  private static var nothingDials: VerifierError {
    VerifierError(
      .requestRefused,
      "this license reports by file and nothing dials: ask the vendor for the file of "
        + "tally-gateway statement export --format jws, and look at it with "
        + "tally-verifier statement check FILE")
  }

  /// Sealed as of now by the wall clock: the gateway takes none that is old.
  private func statementRequest(_ month: Month) async throws(VerifierError) -> StatementRequest {
    guard let now = installation.time.wall else {
      throw VerifierError(.clockUnreadable, "the clock cannot be read: check it")
    }
    let head = try await installation.ledger.head()
    let alive = Alive(
      installation: installation.name, seq: head.seq, head: head.hash, at: max(0, now))
    let content = await installation.shelf.content
    do throws(LibcryptoError) {
      return StatementRequest(
        installation: installation.name, month: month.description,
        alive: try installation.keys.installation.seal(alive),
        have: Holdings(epoch: content.trust?.keyset.epoch))
    } catch { throw VerifierError(error) }
  }

  /// Takes the keysets that came along first: the seal may be of a key that they name.
  private func take(
    _ answer: StatementAnswer, line: LineID, month: Month
  ) async throws(VerifierError) -> FetchedStatement {
    try await enter()
    defer { leave() }
    try await install(ShelfOffer(Delivery(keysets: answer.delivery.keysets)))
    guard let trust = await installation.shelf.content.trust else {
      throw VerifierError(.gatewayAnswerUnusable, "no keyset is known: install the license again")
    }
    let statement: Statement
    do throws(Refusal) {
      statement = try trust.open(Array(answer.statement.utf8), as: Statement.self).payload
    } catch { throw VerifierError(.gatewayAnswerUnusable, "the statement: \(error)") }
    guard statement.line == line, statement.month == month else {
      throw VerifierError(
        .gatewayAnswerUnusable,
        "the statement is of \(statement.line) and \(statement.month), asked for were \(line) and "
          + "\(month)")
    }
    return FetchedStatement(statement: statement, jws: answer.statement, keysets: trust.chain)
  }
}
