internal import Libcrypto
internal import Licensing
internal import Metering
package import Reporting
internal import Sealing

/// Reporting by file, where nothing dials.
extension Reporter {
  private static let page = 1000

  /// Makes a bundle of what has no receipt yet. Nothing changes by it, but that it is recorded.
  /// - Throws: ``VerifierError`` `NO_LICENSE`, `REQUEST_REFUSED` for a place beyond the ledger,
  ///   `SAMPLES_DROPPED`.
  package func bundle(_ request: BundleRequest) async throws(VerifierError) -> BundleExport {
    try await enter()
    defer { leave() }
    try requireStanding()
    guard let license = try await installation.working() else {
      throw VerifierError(.noLicense, "no license is installed: run license install FILE first")
    }
    let head = try await installation.ledger.head()
    let receipted = min(try await installation.ledger.receipts().through, head.seq)
    let from = request.from ?? receipted + 1
    guard from <= head.seq + 1 else {
      throw VerifierError(
        .requestRefused, "the ledger ends at record \(head.seq): there is no record \(from)")
    }
    let entries = try await entries(from: from, limit: request.limit)
    let through = entries.last?.seq ?? from - 1
    let bundle = ReportBundle(
      installation: installation.name,
      activation: try await enrolment(request, license),
      records: entries.map(\.jws),
      alive: through == head.seq ? try await alive(head) : nil)
    let outcome = ReporterOutcome(.exported, "a bundle was written; its answer is awaited")
    _ = try await close(.command, outcome, records: Int64(entries.count))
    return BundleExport(
      bundle: bundle, from: entries.first?.seq ?? 0, through: entries.last?.seq ?? 0,
      remaining: head.seq - through)
  }

  private func entries(
    from: Int64, limit: Int64
  ) async throws(VerifierError) -> [LedgerEntry] {
    var entries: [LedgerEntry] = []
    var size = 0
    while Int64(entries.count) < limit {
      let next = (entries.last?.seq ?? from - 1) + 1
      let rest = Int(min(limit - Int64(entries.count), Int64(Self.page)))
      let page = try await installation.ledger.records(from: next, limit: rest)
      for entry in page {
        size += entry.jws.utf8.count
        guard size <= BundleRequest.mostBytes || entries.isEmpty else { return entries }
        entries.append(entry)
      }
      if page.count < rest { break }
    }
    return entries
  }

  /// An enrolment where the gateway is not known to have one.
  private func enrolment(
    _ request: BundleRequest, _ license: WorkingLicense
  ) async throws(VerifierError) -> ActivationRequest? {
    let isActivated = await installation.shelf.content.isActivated(for: license.payload.line)
    guard !isActivated || request.enrols || request.replaces != nil else { return nil }
    if let old = request.replaces, old == installation.name {
      throw VerifierError(
        .requestRefused,
        "an installation cannot take its own place: begin another state folder with license install"
      )
    }
    return try enrolment(license, replacing: request.replaces)
  }

  /// Takes an answer: everything in it is verified as if it had come by wire.
  /// - Parameter source: what to call it, for people.
  /// - Throws: ``VerifierError`` `ANSWER_MISPLACED`, `DOCUMENT_REFUSED`, `GATEWAY_REFUSED` where the
  ///   gateway has another record than the ledger. Nothing has changed by what is refused.
  package func take(
    _ answer: BundleAnswer, source: String
  ) async throws(VerifierError) -> AnswerTaken {
    try await enter()
    defer { leave() }
    try requireStanding()
    if let addressee = answer.addressee, addressee != installation.name {
      throw VerifierError(
        .answerMisplaced,
        "ANSWER_MISPLACED: \(source) is for installation \(addressee), this is \(installation.name)"
      )
    }
    var words = try await install(ShelfOffer(answer.delivery))
    if let activation = answer.activation {
      words += try await install(ShelfOffer(activation: activation, source: source))
      if try await installation.working()?.needsActivation == false { succeedActivating() }
    }
    var newest: Receipt?
    for text in answer.receipts { newest = try await keep(text, from: source) ?? newest }
    let through = try await installation.ledger.receipts().through
    let head = try await installation.ledger.head().seq
    let outcome = ReporterOutcome(.receipted, "receipts through \(through), by file")
    if !answer.receipts.isEmpty { _ = try await close(.command, outcome, records: 0) }
    return AnswerTaken(
      installed: words, receipts: answer.receipts.count, through: min(through, head),
      backlog: max(0, head - through), leaseThrough: newest?.leaseThrough)
  }

  private func keep(
    _ text: String, from source: String
  ) async throws(VerifierError) -> Receipt? {
    let receipt: Verified<Receipt>
    do throws(Refusal) {
      receipt = try await installation.shelf.open(receipt: text)
    } catch { throw VerifierError(error, document: "receipt in \(source)") }
    guard receipt.payload.installation == installation.name else {
      throw VerifierError(
        .answerMisplaced, "ANSWER_MISPLACED: a receipt in \(source) is another installation's")
    }
    guard try await keep(receipt) else {
      throw VerifierError(
        Problem(
          .forked, "it has another record \(receipt.payload.seq) than this ledger: this chain ends")
      )
    }
    return receipt.payload
  }
}
