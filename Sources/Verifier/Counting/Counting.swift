internal import CivilTime
internal import Libcrypto
internal import Licensing
package import Logging
internal import Metering
internal import Sealing
internal import Storage
internal import Synchronization

/// Drives the counter: lets time pass, commits the journal, seals what is due.
///
/// One caller at a time calls ``step()``, at least once a second. Rules:
/// 1. The journal is committed before anything that rests on it is sealed; a sample is of the moment
///    of the commit, whatever has arrived since.
/// 2. Dates that ended are sealed in order, before any sample of a later one.
/// 3. Without space nothing is sealed and counting goes on in memory; any other fault of a store is
///    thrown, for the process must end.
package actor Counting {
  /// What follows from a step.
  package struct Outcome: Sendable, Equatable {
    package var appended: [LedgerEntry] = []
    /// A date was closed.
    package var closedDay = false

    package init() {}
  }

  /// The counter, nil until there is a license to count by. Read by every beat.
  package nonisolated var keeper: MeterKeeper? { slot.withLock { $0 } }
  /// How many commits of the journal went through, and how long they took.
  package struct Commits: Sendable {
    package var count: Int64
    package var milliseconds: Int64
  }

  package nonisolated var commits: Commits { committed.withLock { $0 } }
  /// Whether the last commit went through, and none has been under way for longer than ``patience``: what
  /// is answered meanwhile would be lost with the process.
  package nonisolated var isDurable: Bool {
    durable.withLock { $0 }
      && underWay.withLock { $0.map { $0.duration(to: .now) < Self.patience } ?? true }
  }
  package static let patience = Duration.seconds(3)

  private nonisolated let slot = Mutex<MeterKeeper?>(nil)
  private nonisolated let durable = Mutex(true)
  /// Since when a commit has been under way.
  private nonisolated let underWay = Mutex<ContinuousClock.Instant?>(nil)
  private nonisolated let committed = Mutex(Commits(count: 0, milliseconds: 0))
  /// By which rules collectors are told apart. Read by every push.
  package nonisolated let identity: IdentityBook
  /// Collectors whose names have just changed, see ``endFormerNames(_:_:)``.
  var leaving: [CollectorIdentity] = []
  private(set) var installation: Installation
  private let findings: OwnFindings
  private let logger: Logger
  private var pace: SampleSchedule.Pace
  private(set) var journal: Journal?
  private var schedule: SampleSchedule
  private var hasClosedDays = true
  /// When to look for what is kept no longer.
  var retirement = RetirementSchedule()
  private var isBeginning = false
  /// Whether the ledger knows that the journal counts.
  private var isNoted = false
  /// Makes records after the license that they are made under no longer verifies: a date is never
  /// left out.
  private var lastMaker: RecordMaker?

  package init(
    _ installation: Installation, findings: OwnFindings, pace: SampleSchedule.Pace,
    identity: IdentityRules = .standard, logger: Logger
  ) {
    self.identity = IdentityBook(identity)
    self.installation = installation
    self.findings = findings
    self.logger = logger
    self.pace = pace
    schedule = SampleSchedule(pace: pace)
  }

  /// Begins or goes on, if a license is held, and takes the rules of the licenses in force on the
  /// open date and the next one: at a start, after every install, when a date has ended.
  package func apply() async throws(VerifierError) {
    if keeper == nil { try await begin() }
    guard let keeper else { return }
    let content = await installation.shelf.content
    let date = keeper.openDate
    guard
      let line = installation.surroundings.line(of: content, at: installation.time.now),
      let today = content.license(on: date, of: line)?.payload
    else { return }
    let next = content.license(on: date.adding(days: 1) ?? date, of: line)?.payload ?? today
    keeper.use(try CountingTerms.rules(of: today), next: try CountingTerms.rules(of: next))
  }

  private func begin() async throws(VerifierError) {
    guard !isBeginning else { return }
    isBeginning = true
    defer { isBeginning = false }
    guard let license = try await installation.working() else { return }
    let journal = try Journal(
      path: installation.folder.journal, evidenceKey: installation.keys.evidence,
      using: LibcryptoProvider())
    let meter = try await meter(license, journal)
    try await openIdentity(journal, meter)
    let keeper = MeterKeeper(
      meter, key: try MeterStart.digestKey(installation.keys.evidence),
      wall: installation.time.wallClock, boot: installation.time.bootClock)
    try await endFormerNames(keeper, journal)
    self.journal = journal
    slot.withLock { $0 = keeper }
  }

  private func meter(
    _ license: WorkingLicense, _ journal: Journal
  ) async throws(VerifierError) -> Meter {
    if !license.isTrusted {
      logger.error(
        "no license that is held verifies: counting and reporting go on under the last one",
        metadata: ["license": "\(license.payload.jti)"])
    }
    let (meter, damage) = try await MeterStart.meter(
      license, journal: journal, installation: installation)
    if let damage { findings.note(damage) }
    return meter
  }

  /// Brings everything up to the present.
  package func step() async throws(VerifierError) -> Outcome {
    installation.time.advance()
    guard let keeper, let journal else { return Outcome() }
    do { try keeper.tick() } catch {
      throw VerifierError(.clockUnreadable, "the boot-time clock cannot be read")
    }
    var outcome = Outcome()
    do throws(VerifierError) {
      try await endFormerNames(keeper, journal)
      let view = try await commit(keeper, journal)
      try await sealClosedDays(view, journal, &outcome)
      if let entry = try await sealSample(view) { outcome.appended.append(entry) }
      try await retire(journal)
      setDurable(true)
    } catch {
      guard error.code == .storeFull else { throw error }
      setDurable(false, error)
    }
    return outcome
  }

  private func setDurable(_ isDurable: Bool, _ error: VerifierError? = nil) {
    let was = durable.withLock { state in
      defer { state = isDurable }
      return state
    }
    guard was != isDurable else { return }
    if let error {
      logger.error("counting goes on in memory", metadata: ["cause": "\(error.message)"])
    } else {
      logger.notice("commits go through again")
    }
  }

  private func maker() async -> RecordMaker {
    let content = await installation.shelf.content
    if content.licenses.isEmpty, let lastMaker { return lastMaker }
    let maker = RecordMaker(
      content, installation: installation.name, surroundings: installation.surroundings,
      identity: identity)
    lastMaker = maker
    return maker
  }

  /// - Returns: the counter as it was committed.
  @discardableResult
  private func commit(
    _ keeper: MeterKeeper, _ journal: Journal
  ) async throws(VerifierError) -> MeterView {
    let maker = await maker()
    let (batch, view) = keeper.batch()
    let begun = installation.time.milliseconds
    underWay.withLock { $0 = .now }
    defer { underWay.withLock { $0 = nil } }
    try await journal.commit(batch, boot: installation.surroundings.bootID) { day, evidence in
      try maker.closing(day, evidence)
    }
    let spent = installation.time.milliseconds - begun
    committed.withLock { $0 = Commits(count: $0.count + 1, milliseconds: $0.milliseconds + spent) }
    keeper.settle()
    try await note(view)
    if !batch.changes.closed.isEmpty { hasClosedDays = true }
    try await recordInventory(batch.changes, keeper, journal)
    return view
  }

  /// The ledger is told of the journal, once it is there.
  private func note(_ view: MeterView) async throws(VerifierError) {
    guard !isNoted else { return }
    let before = view.summary?.gaps.first { $0.reason == .before }
    try await installation.ledger.noteCounting(
      since: before?.to ?? view.summary?.from ?? view.now)
    isNoted = true
  }

  private func sealClosedDays(
    _ view: MeterView, _ journal: Journal, _ outcome: inout Outcome
  ) async throws(VerifierError) {
    guard hasClosedDays else { return }
    for record in try await journal.closedDays() {
      let draft = RecordDraft(record, at: view.now)
      let entry = try await installation.ledger.append(draft)
      await installation.shelf.appended(entry)
      outcome.appended.append(entry)
      outcome.closedDay = true
      try await journal.settle(record.date)
    }
    hasClosedDays = false
  }

  private func sealSample(_ view: MeterView) async throws(VerifierError) -> LedgerEntry? {
    let now = installation.time.milliseconds
    guard let day = view.summary, schedule.isDue(day, at: now, in: view.now),
      try await installation.working()?.payload.reporting.mode == .realtime
    else { return nil }
    let entry = try await installation.ledger.append(
      try await maker().sample(day, rules: view.rules))
    await installation.shelf.appended(entry)
    schedule.tell(day, at: now)
    return entry
  }

  /// Another installation has taken the place of the one that was counted for. Who is online and the
  /// open date go on; the date is told anew, from record 1. Nobody else calls meanwhile.
  package func move(to installation: Installation) {
    self.installation = installation
    schedule = SampleSchedule(pace: pace)
    lastMaker = nil
    isNoted = false
  }

  /// The pace of samples from now on.
  package func use(_ pace: SampleSchedule.Pace) {
    self.pace = pace
    schedule.use(pace)
  }

  /// Commits what is left; counting has ended.
  package func finish() async throws(VerifierError) {
    guard let keeper, let journal else { return }
    do { try keeper.tick() } catch { return }
    try await commit(keeper, journal)
    slot.withLock { $0 = nil }
    do { try journal.database.close() } catch { throw VerifierError(error) }
  }
}
