package import Billing
package import CivilTime
package import Licensing
package import Sealing
package import Storage

/// The gateway's durable memory: an append-only ledger and what belongs to it.
///
/// Every implementation keeps these rules:
/// 1. ``change(_:)`` is atomic; when it returns, its effects survive a power cut. When it throws
///    ``StorageError`` `COMMIT_UNKNOWN`, they may or may not: nothing may be acknowledged.
/// 2. Changes happen one after the other: each sees all before it.
/// 3. Of one installation there is at most one record with a `seq`, for ever.
/// 4. What a body throws undoes what that body did and nothing else.
/// 5. A body may run more than once, so it has no effect but through the ledger that it is given.
package protocol LedgerStore: Sendable {
  /// Runs one change and makes it durable.
  func change<Answer: Sendable>(
    _ body: @escaping @Sendable (any LedgerWriting) throws -> Answer
  ) async throws -> Answer

  /// Reads one consistent state, at least as new as every change that returned before.
  func read<Answer: Sendable>(
    _ body: @escaping @Sendable (any LedgerReading) throws -> Answer
  ) async throws -> Answer

  /// An installation as of the last change, from memory where the store keeps it there.
  func state(of installation: Thumbprint) async throws -> InstallationState?

  /// What the store finds wrong with its own files, at most 100 things; empty where it has no such check.
  func damage() async throws -> [String]

  /// Returns when the store must not be used any more: why, or nil after ``close()``.
  func end() async -> StorageError?

  /// Finishes what was begun and lets go.
  func close() async
}

/// Looking into the ledger.
package protocol LedgerReading: EventReading {
  /// The position of the last entry, 0 where there is none.
  func position() throws -> Int64

  func state(of installation: Thumbprint) throws -> InstallationState?
  /// The sealed enrolment.
  func enrolment(of installation: Thumbprint) throws -> String?
  /// The sealed activation.
  func activation(of installation: Thumbprint) throws -> String?
  /// All installations of a line, those replaced too, in order of activation.
  func installations(of line: LineID) throws -> [Installation]
  /// A page of installations in order of their names.
  func installations(
    after cursor: Thumbprint?, line: LineID?, limit: Int
  ) throws -> [InstallationState]

  /// The hashes of the records with a `seq` in the range.
  func hashes(of installation: Thumbprint, in range: ClosedRange<Int64>) throws -> [Int64: Digest]
  /// The sealed record with a `seq`, nil where none is stored.
  func record(_ seq: Int64, of installation: Thumbprint) throws -> String?
  /// The receipt stored at the record, or first after it.
  func receipt(of installation: Thumbprint, atOrAfter seq: Int64) throws -> StoredReceipt?
  func recordCount(of installation: Thumbprint) throws -> Int64
  func receiptCount(of installation: Thumbprint) throws -> Int64
  func alive(of installation: Thumbprint) throws -> StoredAlive?
  func newestUsage(of installation: Thumbprint) throws -> NewestUsage?
  func dateSoFar(of installation: Thumbprint, on date: CivilDate) throws -> DateSoFar
  func conflict(of installation: Thumbprint) throws -> StoredConflict?
  /// In order of code.
  func findings(of installation: Thumbprint) throws -> [LedgerFinding]
  func finding(_ id: FindingID) throws -> LedgerFinding?
  /// A page of findings in the order in which they were first opened.
  func findings(
    _ filter: FindingFilter, after cursor: FindingID?, limit: Int
  ) throws -> [LedgerFinding]
  /// What became of a finding, in order.
  func events(of finding: FindingID) throws -> [FindingEvent]
  /// The last of that, nil for a finding that is not there.
  func lastEvent(of finding: FindingID) throws -> FindingEvent?
  /// How many findings are not resolved, of the codes that have any.
  func unresolvedFindings() throws -> [LedgerFinding.Code: Int64]
  /// Unresolved gaps of chains that have gone on beyond them, noted last at or before an instant.
  func closedGaps(before instant: Int64, limit: Int) throws -> [FindingID]
  /// Findings whose state is not the one that their history ends with: there should be none.
  func strayFindings(limit: Int) throws -> [FindingID]
  /// Installations that are due to be looked at for silence, the longest due first.
  func watches(due now: Int64, limit: Int) throws -> [Thumbprint]

  /// A page of all entries in order of position.
  func keptEntries(after position: Int64, limit: Int) throws -> [KeptEntry]
  /// A page of an installation's receipts in order of `seq`.
  func receipts(
    of installation: Thumbprint, after seq: Int64, limit: Int
  ) throws -> [StoredReceipt]

  /// What bills the dates, each with the highest peak of its samples: closings, and of open dates the newest sample.
  func usage(
    of installation: Thumbprint, from first: CivilDate, through last: CivilDate
  ) throws -> [UsageEntry]
  /// Every entry of a date, in the order of the ledger: samples, the closing, the day record.
  func entries(of installation: Thumbprint, on date: CivilDate) throws -> [TracedEntry]
  /// Of dates before `date`, what a bill can carry from: the latest well observed ones, the highest,
  /// the latest, and those still open.
  func usageHistory(of installation: Thumbprint, before date: CivilDate) throws -> [UsageEntry]

  /// The dates that records or closings tell of, and whether something closed them.
  func dates(of installation: Thumbprint) throws -> [CivilDate: Bool]
  /// The earliest date of which anything was entered after a position, for a line; nil where nothing was. What
  /// staff decided about bills is of its dates.
  func firstDate(of line: LineID, after position: Int64) throws -> CivilDate?
  /// Installations that are due to be looked at for dates to close, of one line or of all, the longest
  /// due first.
  func looks(due now: Int64, of line: LineID?, limit: Int) throws -> [Thumbprint]
  /// What staff decided about an installation, in order; closings are not among them.
  func decisions(of installation: Thumbprint) throws -> [StoredDecision]
  /// What staff decided about a line's installations, in order; closings are not among them.
  func decisions(of line: LineID) throws -> [StoredDecision]
  /// The months of a line that have a final statement.
  func finalMonths(of line: LineID) throws -> Set<Month>
  /// The lines that have a final statement.
  func linesWithFinalStatements() throws -> [LineID]
  /// The sealed final statement of a month, nil where there is none yet.
  func finalStatement(of line: LineID, in month: Month) throws -> StoredStatement?
  /// The sealed final statements of a line, in the order in which they were made.
  func finalStatements(of line: LineID) throws -> [StoredStatement]
  /// The one of another month that was made last, nil where there is none.
  func newestFinalStatement(of line: LineID, besides month: Month) throws -> StoredStatement?
  /// Who used the permit at a position, nil where nobody has.
  func user(ofPermitAt position: Int64) throws -> Thumbprint?
  /// What was decided about a line's installations between two instants, and the closings of the dates,
  /// in order.
  func decisions(
    of line: LineID, between instants: Range<Int64>, dates: ClosedRange<CivilDate>
  ) throws -> [StoredDecision]

  func license(_ id: LicenseID) throws -> StoredLicense?
  /// A page of the lines of which licenses are kept, in order of their names.
  func lines(after last: LineID?, limit: Int) throws -> [LineID]
  /// A page of all licenses in order of their names.
  func licenses(after cursor: LicenseID?, limit: Int) throws -> [StoredLicense]
  /// Those of a line, the lowest revision first.
  func licenses(of line: LineID) throws -> [StoredLicense]
  /// In order of epoch.
  func keysets() throws -> [StoredKeyset]
  func revocations() throws -> String?

  func token(hash: Digest) throws -> Token?
  /// In order of creation.
  func tokens() throws -> [Token]
}

/// Changing the ledger.
package protocol LedgerWriting: LedgerReading, EventWriting {
  func add(_ installation: Installation, enrolment: String, activation: String) throws
  func markReplaced(_ installation: Thumbprint, by other: Thumbprint, at: Int64) throws

  /// Appends records and moves the head.
  /// - Returns: the position of the last one.
  func append(
    _ entries: [LedgerEntry], of installation: Thumbprint, head: ChainHead, at now: Int64
  ) throws -> Int64
  /// Appends a date that the gateway closes: one that nothing has closed before.
  /// - Returns: its position.
  func append(
    _ closing: DateClosing, sealed jws: String, of installation: Thumbprint, at now: Int64
  ) throws -> Int64
  /// Appends what staff decided.
  /// - Returns: its position.
  func append(
    decision jws: String, of installation: Thumbprint, at now: Int64
  ) throws -> Int64
  /// Keeps a final statement: the only one of its line and month, for ever.
  func add(final statement: StoredStatement, of line: LineID, at now: Int64) throws
  /// Notes who used the permit at a position: once.
  func usePermit(at position: Int64, by installation: Thumbprint) throws
  func markReleased(_ installation: Thumbprint, at: Int64) throws
  /// When the installation is next looked at for dates to close.
  func setLook(at instant: Int64, of installation: Thumbprint) throws
  /// Moves the head without a record.
  func setHead(_ head: ChainHead, of installation: Thumbprint) throws
  func add(_ receipt: StoredReceipt, of installation: Thumbprint) throws
  func setAlive(_ alive: StoredAlive, of installation: Thumbprint) throws
  /// Keeps the first conflicting records, in order, and counts the others.
  func noteConflict(
    seq: Int64, records: [String], of installation: Thumbprint, at now: Int64) throws
  /// Notes what staff should look at: the finding of the installation and the sign's code is made, counts
  /// it, or opens again where it was resolved.
  @discardableResult
  func note(
    _ sign: FindingSign, of installation: Thumbprint, at now: Int64
  ) throws -> FindingChange
  /// Takes a finding a step on. Every step passes here, those of ``note(_:of:at:)`` too.
  /// - Parameter finding: as it is stored now.
  /// - Returns: the finding after it.
  @discardableResult
  func enter(_ event: FindingEvent, of finding: LedgerFinding) throws -> LedgerFinding
  /// When the installation is next looked at for silence.
  func setWatch(at instant: Int64, of installation: Thumbprint) throws

  /// Keeps a license. One of the name that was only shown gives way to a published one, and nothing
  /// else changes one that is there. What is new makes the line's installations due to be looked at.
  func put(_ license: StoredLicense, at now: Int64) throws
  func put(_ keyset: StoredKeyset, at now: Int64) throws
  /// Forgets every keyset: what the program's roots do not lead to.
  func removeKeysets() throws
  func setRevocations(_ jws: String, at now: Int64) throws

  func add(_ token: Token) throws
  /// - Returns: whether there was such a token that was not revoked.
  func revokeToken(_ id: String, at now: Int64) throws -> Bool
}

extension LedgerWriting {
  /// Notes what one record shows.
  @discardableResult
  package func note(
    _ code: LedgerFinding.Code, seq: Int64, of installation: Thumbprint, at now: Int64
  ) throws -> FindingChange {
    try note(FindingSign(code, seq: seq), of: installation, at: now)
  }
}
