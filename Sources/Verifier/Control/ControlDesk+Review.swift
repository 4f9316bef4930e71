internal import CivilTime
internal import Libcrypto
internal import Licensing
internal import Metering
internal import Platform
package import Sealing
internal import StartupCheck
internal import Storage

extension ControlDesk {
  /// What `usage verify` answers: everything re-derived from the bytes, and the first thing wrong.
  /// - Throws: ``VerifierError`` where it cannot be told.
  package func review() async throws(VerifierError) -> JSONValue {
    let told = try toldRecord()
    let content = await installation.shelf.content
    let journal = try openJournal()
    var reviewer = LedgerReviewer(installation, journal: journal, content: content)
    var finding: LedgerFinding?
    do {
      try await reviewer.run(told: told)
      try await compareOpenDate(&reviewer, journal)
      finding = noted()
      if finding == nil, let remark = try await installation.remarks().first {
        finding = LedgerFinding(.state, nil, remark)
      }
    } catch let found as LedgerFinding {
      finding = found
    } catch let error as VerifierError where error.code == .ledgerUnusable {
      finding = LedgerFinding(.ledger, nil, error.message)
    } catch let error as VerifierError {
      throw error
    } catch {
      throw VerifierError(.stateUnusable, "the ledger cannot be read: \(error)")
    }
    var review = reviewer.review
    review.finding = finding
    if let journal, counting == nil { try? journal.database.close() }
    return review.json(of: installation.name)
  }

  private func compareOpenDate(
    _ reviewer: inout LedgerReviewer, _ journal: Journal?
  ) async throws {
    let isServing = counting != nil
    let waiting: [UsageRecord]
    let day: LedgerReviewer.OpenDate?
    do throws(VerifierError) {
      if let journal { try await requireWhole(journal) }
      try await requireJournal(journal)
      waiting = try await journal?.closedDays() ?? []
      day = try await committedDay(journal)
    } catch {
      guard error.code == .ledgerUnusable else { throw error }
      throw LedgerFinding(.journal, nil, error.message)
    }
    guard let day else { return }
    var begun: Int64?
    if case .since(let instant)? = try await installation.ledger.counting() { begun = instant }
    try reviewer.compare(day, after: waiting, begun: begun, isStill: !isServing)
  }

  /// The date being counted, or as the journal has it: not as a start would go on from it, which closes every
  /// date since.
  private func committedDay(
    _ journal: Journal?
  ) async throws(VerifierError) -> LedgerReviewer.OpenDate? {
    // Where no daemon counts, a start must be able to go on.
    let shown = try await openDay()
    if counting != nil { return shown.map { LedgerReviewer.OpenDate($0.summary) } }
    return try await journal?.content().map { LedgerReviewer.OpenDate($0.state.day) }
  }

  /// A journal that is gone is a loss before it is replaced by an empty one, too.
  private func requireJournal(_ journal: Journal?) async throws(VerifierError) {
    guard try await installation.ledger.hasCounted() else { return }
    guard try await journal?.content() == nil else { return }
    throw VerifierError(
      .ledgerUnusable,
      "\(installation.folder.journal) is gone or empty: what was counted since the last closed date "
        + "is lost with it")
  }

  private func requireWhole(_ journal: Journal) async throws(VerifierError) {
    guard let fault = try await journal.fault(ofOpen: try await journal.openDate()) else { return }
    throw VerifierError(.ledgerUnusable, "\(installation.folder.journal): \(fault)")
  }

  /// What was found before and the bytes do not show: what the gateway has.
  private func noted() -> LedgerFinding? {
    findings.noted.map { LedgerFinding(.record, $0.seq, $0.reason) }
  }

  /// The place of the newest record that `standing` carries, if it is this installation's.
  private func toldRecord() throws(VerifierError) -> Int64? {
    let standing: StandingFile.Content
    do throws(StartupCheckError) {
      standing = try StandingFile(installation.folder.standing).read()
    } catch { throw VerifierError(.stateUnusable, error.message) }
    guard case .document(let document) = standing, let text = document.record else { return nil }
    let seal = InstallationSeal(
      key: installation.keys.installation.publicKey, cryptography: LibcryptoProvider())
    let record: Verified<UsageRecord>? = try? seal.open(Array(text.utf8))
    return record?.payload.seq
  }
}
