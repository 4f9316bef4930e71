package import Licensing
package import Platform
package import Sealing

/// The one owner of the installation's documents, in memory and in the ledger.
///
/// A change is verified, stored and then shown; a decision is stored before it is told. Offers are
/// taken one after the other, so that none is worked out from what another is about to replace.
package actor LicenseShelf {
  package private(set) var content: ShelfContent
  private let ledger: Ledger
  private let clock: any WallClock
  /// Grows with every change.
  package private(set) var version = 0
  private var recorded: Int64
  private let turnstile = Turnstile()

  /// Opens what the ledger keeps.
  package init(
    ledger: Ledger, base: ShelfContent.Base, clock: some WallClock
  ) async throws(VerifierError) {
    self.ledger = ledger
    self.clock = clock
    let held = try await ledger.documents()
    let newest = try await ledger.newest()
    recorded = newest?.seq ?? 0
    content = ShelfContent(
      base: base, held: held, receipts: try await Self.receipts(ledger),
      record: newest?.jws)
    if content.held != held {
      try await ledger.replaceDocuments(with: content.held, now: (try? clock.now()) ?? 0)
    }
  }

  private static func receipts(_ ledger: Ledger) async throws(VerifierError) -> [String] {
    let stored = try await ledger.receipts()
    return Array(Set([stored.newest, stored.leasing].compactMap { $0 })).sorted()
  }

  /// What is there, and how new that is.
  package var snapshot: (content: ShelfContent, version: Int) { (content, version) }

  /// Takes documents, verified as strictly however they come.
  /// - Returns: one line for each change, and for each document passed over though it is good; none
  ///   where everything was known.
  /// - Throws: ``VerifierError``; nothing has changed then.
  package func take(_ offer: ShelfOffer) async throws(VerifierError) -> [String] {
    do throws(CancellationError) { try await turnstile.enter() } catch {
      throw VerifierError(.notServing, "the process is ending: install the documents again")
    }
    defer { turnstile.leave() }
    // While a change is being stored a record or receipt may come: then it is worked out anew.
    while true {
      let seen = version
      let change = try content.taking(offer)
      guard change.isChange else { return change.remarks }
      try await ledger.replaceDocuments(with: change.content.held, now: (try? clock.now()) ?? 0)
      guard version == seen else { continue }
      version += 1
      content = change.content
      return change.words + change.remarks
    }
  }

  /// A record was appended to the ledger.
  package func appended(_ entry: LedgerEntry) {
    guard entry.seq > recorded else { return }
    recorded = entry.seq
    version += 1
    content.move(record: entry.jws)
  }

  /// A receipt was stored in the ledger. Only one report is in flight, so that none overtakes another.
  package func received() async throws(VerifierError) {
    let receipts = try await Self.receipts(ledger)
    version += 1
    content.move(receipts: receipts)
  }

  /// Opens a receipt, without keeping it.
  package func open(receipt text: String) throws(Refusal) -> Verified<Receipt> {
    guard let trust = content.trust else {
      throw Refusal(.unknownKey, "there is no keyset to verify the receipt with")
    }
    return try trust.open(Array(text.utf8))
  }
}
