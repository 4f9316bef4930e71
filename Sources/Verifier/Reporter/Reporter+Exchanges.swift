internal import Libcrypto
internal import Licensing
internal import Logging
internal import Metering
internal import Reporting
internal import Sealing

extension Reporter {
  /// Sends records and keeps the receipt.
  func report(
    _ license: WorkingLicense, from: Int64, limit: Int
  ) async throws(VerifierError) -> (outcome: ReporterOutcome, records: Int64) {
    do throws(VerifierError) {
      let entries = try await installation.ledger.records(from: from, limit: limit)
      if let last = entries.last { grown(to: last.seq) }
      let gateway = try gateway(license.payload)
      let request = try await request(entries)
      switch await client.report(request, to: gateway) {
      case .answer(let answer):
        try await take(answer)
        return (ReporterOutcome(.receipted), Int64(entries.count))
      case .problem(let problem, let retryAfter):
        return (await refused(problem, retryAfter: retryAfter), Int64(entries.count))
      case .unreachable(let why):
        fail(.other(retryAfter: nil))
        return (ReporterOutcome(.unreachable, why), 0)
      case .unreadable(let why, let retryAfter):
        fail(.other(retryAfter: retryAfter))
        return (ReporterOutcome(.unusable, why), 0)
      }
    } catch { return (try failed(error), 0) }
  }

  private func request(_ entries: [LedgerEntry]) async throws(VerifierError) -> ReportRequest {
    let content = await installation.shelf.content
    let counted = installation.surroundings.line(of: content, at: installation.time.now)
    let line = content.licenses.filter { $0.payload.line == counted }
    var alive: String?
    if entries.isEmpty {
      let head = try await installation.ledger.head()
      grown(to: head.seq)
      alive = try await self.alive(head)
    }
    return ReportRequest(
      installation: installation.name, records: entries.map(\.jws), alive: alive,
      have: Holdings(
        revision: line.map(\.payload.revision).max(), epoch: content.trust?.keyset.epoch,
        revocations: content.revocations?.payload.seq))
  }

  /// A sign of life, nil where nothing is counted.
  func alive(_ head: ChainHead) async throws(VerifierError) -> String? {
    guard let now = hooks.now() else { return nil }
    let payload = Alive(
      installation: installation.name, seq: head.seq, head: head.hash, at: max(0, now))
    do throws(LibcryptoError) { return try installation.keys.installation.seal(payload) } catch {
      throw VerifierError(error)
    }
  }

  /// Takes what came with the receipt first: it may be sealed with a key of a keyset that came along.
  private func take(_ answer: ReportAnswer) async throws(VerifierError) {
    try await install(ShelfOffer(answer.delivery))
    let receipt: Verified<Receipt>
    do throws(Refusal) {
      receipt = try await installation.shelf.open(receipt: answer.receipt)
    } catch { throw VerifierError(.gatewayAnswerUnusable, "the receipt: \(error)") }
    guard receipt.payload.installation == installation.name else {
      throw VerifierError(.gatewayAnswerUnusable, "the receipt is another installation's")
    }
    _ = try await keep(receipt)
  }

  /// Keeps a receipt of this installation, and what follows from it.
  /// - Returns: false where the gateway has another record than the ledger: that is told, and the
  ///   receipt is not kept.
  func keep(_ receipt: Verified<Receipt>) async throws(VerifierError) -> Bool {
    let payload = receipt.payload
    if try await hasOther(payload) {
      await hooks.damaged(
        LedgerDamage(
          seq: payload.seq, reason: "the gateway has another record than the ledger"))
      fail(.problem(Problem(.forked, "the receipt is for another record"), retryAfter: nil))
      return false
    }
    try await installation.ledger.store(receipt)
    try await installation.shelf.received()
    installation.time.raise(to: payload.iat)
    succeed(through: payload.seq)
    if state.halt == .rewound { await tellRewound(payload.seq) }
    await hooks.receipted(payload.iat)
    return true
  }

  /// Whether the ledger has another record at the receipt's place.
  private func hasOther(_ receipt: Receipt) async throws(VerifierError) -> Bool {
    guard receipt.seq > 0 else { return false }
    let hash = try await installation.ledger.hash(of: receipt.seq)
    return hash.map { $0 != receipt.head } ?? false
  }

  private func tellRewound(_ seq: Int64? = nil) async {
    let there = seq.map { "record \($0)" } ?? "later records"
    await hooks.damaged(
      LedgerDamage(
        seq: state.head + 1,
        reason: "the ledger ends here, but the gateway has \(there): LEDGER_REWOUND"))
  }

  private func refused(_ problem: Problem, retryAfter: Int64?) async -> ReporterOutcome {
    fail(.problem(problem, retryAfter: retryAfter))
    switch state.halt {
    case .forked:
      let seq = problem.facts.first { $0.name == "seq" }?.value.integer
      await hooks.damaged(
        LedgerDamage(
          seq: seq ?? state.receipted + 1, reason: "the gateway has another record: FORKED"))
    case .rewound: await tellRewound()
    case nil: break
    }
    return ReporterOutcome(code: problem.code.rawValue, detail: problem.detail)
  }

  /// Has another installation take the place of this one.
  func replace(_ origin: ReportRun.Origin) async throws(VerifierError) -> ReporterOutcome {
    do throws(VerifierError) {
      guard let report = try await hooks.forked(origin) else {
        refuseReplacing()
        return ReporterOutcome(
          code: ReporterState.Halt.forked.rawValue, detail: "the chain has ended")
      }
      succeedReplacing()
      return ReporterOutcome(.replaced, "installation \(report.installation)")
    } catch {
      guard let problem = error.problem, !problem.retryable else {
        return try failed(error)
      }
      refuseReplacing()
      await hooks.damaged(
        LedgerDamage(
          seq: state.receipted + 1,
          reason: "the gateway has another record, and gives no new installation the place: "
            + problem.code.rawValue))
      return ReporterOutcome(code: problem.code.rawValue, detail: problem.detail)
    }
  }

  /// Enrols the installation and keeps the activation.
  func activate(_ license: WorkingLicense) async throws(VerifierError) -> ReporterOutcome {
    do throws(VerifierError) {
      let gateway = try gateway(license.payload)
      let request = try enrolment(license)
      switch await client.activate(request, at: gateway) {
      case .answer(let answer):
        try await install(ShelfOffer(answer.delivery))
        try await install(
          ShelfOffer(activation: answer.activation, source: "the gateway's answer"))
        guard try await installation.working()?.needsActivation == false else {
          throw VerifierError(
            .gatewayAnswerUnusable, "the activation is not for the license in force")
        }
        succeedActivating()
        return ReporterOutcome(.activated)
      case .problem(let problem, let retryAfter):
        return await refused(problem, retryAfter: retryAfter)
      case .unreachable(let why):
        fail(.other(retryAfter: nil))
        return ReporterOutcome(.unreachable, why)
      case .unreadable(let why, let retryAfter):
        fail(.other(retryAfter: retryAfter))
        return ReporterOutcome(.unusable, why)
      }
    } catch { return try failed(error) }
  }

  /// - Parameter old: the installation whose place is asked for.
  func enrolment(
    _ license: WorkingLicense, replacing old: Thumbprint? = nil
  ) throws(VerifierError) -> ActivationRequest {
    guard let now = installation.time.wall else {
      throw VerifierError(.clockUnreadable, "the clock cannot be read: check it")
    }
    let payload = Enrolment(
      jwk: installation.keys.installation.publicKey, license: license.payload.jti,
      replaces: old, iat: max(0, now))
    do throws(LibcryptoError) {
      return ActivationRequest(
        license: license.jws, enrolment: try installation.keys.installation.seal(payload))
    } catch { throw VerifierError(error) }
  }

  /// - Returns: one line for each change.
  @discardableResult
  func install(_ offer: ShelfOffer) async throws(VerifierError) -> [String] {
    guard !offer.isEmpty else { return [] }
    let words = try await installation.shelf.take(offer)
    if !words.isEmpty {
      logger.notice("installed from the gateway", metadata: ["what": "\(words)"])
      await hooks.installed(words)
    }
    return words
  }

  /// Sorts a failure: what the gateway sent, or no space, is a reason to try again; a store that
  /// cannot be trusted is thrown on.
  private func failed(_ error: VerifierError) throws(VerifierError) -> ReporterOutcome {
    switch error.code {
    case .documentRefused, .requestRefused, .gatewayAnswerUnusable, .gatewayRefused,
      .gatewayUnreachable, .noGateway, .storeFull, .clockUnreadable, .evidenceNotKept,
      .evidenceDiffers, .answerMisplaced, .samplesDropped:
      fail(.other(retryAfter: nil))
      let code =
        error.code == .documentRefused || error.code == .requestRefused
        ? ReporterOutcome.Known.unusable.rawValue : error.code.rawValue
      return ReporterOutcome(code: code, detail: error.message)
    case .stateUnusable, .stateLocked, .keyUnusable, .ledgerUnusable, .commitUnknown, .noLicense,
      .addressInUse, .addressUnusable, .zoneUnknown, .cryptographyFailed, .notServing:
      throw error
    }
  }
}
