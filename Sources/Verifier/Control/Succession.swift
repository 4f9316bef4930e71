internal import Libcrypto
internal import Licensing
internal import Logging
internal import Platform
internal import Sealing
internal import Storage

/// Puts a new installation in the place of one whose chain has ended (`FORKED`), in its own state folder
/// and while it works.
///
/// Rules:
/// 1. The gateway is asked first, while counting goes on; where it refuses nothing has changed.
/// 2. Who is online and the open date go on: the journal, the key of evidence and the token stay where
///    they are. The old key and ledger go aside; the new chain begins at record 1 with the open date.
/// 3. What is decided is carried out by whoever opens the folder next, wherever this is broken off: it is
///    the old installation or the new one, never a mix.
/// 4. While the files change nobody else writes: ``door`` is held, for a moment.
struct Succession: Sendable {
  let slot: DeskSlot
  let maker: PostMaker
  /// Held by whoever changes the installation's files besides the reporter.
  let door: Turnstile
  private var counting: Counting? { maker.counting }

  init(slot: DeskSlot, maker: PostMaker, door: Turnstile) {
    self.slot = slot
    self.maker = maker
    self.door = door
  }

  /// - Returns: what was done; the new installation stands then.
  /// - Throws: ``VerifierError``: `GATEWAY_REFUSED` with the problem, `GATEWAY_UNREACHABLE`, `STORE_FULL`
  ///   and the like, after which the old installation stands; a fault of a store.
  func run(_ origin: ReportRun.Origin) async throws(VerifierError) -> Replacement.Report {
    let old = slot.current.installation
    let making = try ReplacementFolder(begin: old.folder, replacing: old.name)
    let accepted: ReplacementRequest.Accepted
    do throws(VerifierError) {
      accepted = try await ask(old, making.keys.installation)
    } catch {
      _ = try making.giveUp(after: error)
      throw error
    }
    // A task of its own: what is committed in a cancelled one is rolled back, and this is decided.
    let task = Task { () async throws -> Replacement.Report in
      try await exclusively(door) { () async throws(VerifierError) in
        try await change(old, making, accepted, origin)
      }
    }
    switch await task.result {
    case .success(let report): return report
    case .failure(let error):
      throw error as? VerifierError
        ?? VerifierError(.stateUnusable, "the place of \(old.name) is not taken: \(error)")
    }
  }

  private func ask(
    _ old: Installation, _ key: InstallationKey
  ) async throws(VerifierError) -> ReplacementRequest.Accepted {
    let request = ReplacementRequest(
      surroundings: maker.live.surroundings(old), client: maker.client, old: old.name)
    return try await request.ask(await content(old, key), key: key, now: old.time.now)
  }

  /// What the old installation holds, as another key's.
  private func content(_ old: Installation, _ key: InstallationKey) async -> ShelfContent {
    var held = await old.shelf.content.held
    held.activation = nil
    return ShelfContent(
      base: ShelfContent.Base(
        roots: old.surroundings.roots, key: key.publicKey, release: old.surroundings.release),
      held: held, receipts: [], record: nil)
  }

  private func change(
    _ old: Installation, _ making: ReplacementFolder, _ accepted: ReplacementRequest.Accepted,
    _ origin: ReportRun.Origin
  ) async throws(VerifierError) -> Replacement.Report {
    try await settle()
    let now = old.time.wall ?? 0
    let report = Replacement.Report(
      installation: making.keys.installation.thumbprint, old: old.name,
      seq: accepted.replaced.seq, aside: "")
    let run = ReportRun(
      at: max(0, now), origin: origin, records: 0,
      outcome: ReporterOutcome.Known.replaced.rawValue, detail: Self.words(report))
    // Documents that were installed while the gateway was asked are among them.
    let content = try await content(old, making.keys.installation)
      .taking(ShelfOffer(accepted.delivery)).content
      .taking(ShelfOffer(activation: accepted.activation, source: "the gateway's answer")).content
    try await making.fill(
      ReplacementFolder.Filling(
        content: content, floor: old.time.floor,
        runs: (try await old.ledger.runs(limit: 499)).reversed() + [run], at: now))
    let aside = try ReplacementFolder.asideName(in: old.folder, at: now)
    try making.decide(aside: aside, keepsJournal: true)
    do { try old.ledger.database.close() } catch { throw VerifierError(error) }
    let new = try await old.successor()
    maker.tally.note(run)
    maker.findings.settle()
    await counting?.move(to: new)
    let post = try await maker.make(new)
    slot.put(post)
    try await counting?.apply()
    await post.standing.refresh(counting?.keeper?.view)
    maker.logger.warning(
      "the gateway has another record: a new installation has taken the place",
      metadata: [
        "installation": "\(new.name)", "replaces": "\(old.name)", "seq": "\(report.seq)",
        "aside": "\(aside)",
      ])
    maker.changed()
    return Replacement.Report(
      installation: report.installation, old: old.name, seq: report.seq,
      aside: "\(old.folder.path)/\(aside)")
  }

  /// What is counted so far is in the journal, and every date that has ended in the old chain.
  private func settle() async throws(VerifierError) {
    guard let counting else { return }
    _ = try await counting.step()
    guard counting.isDurable else {
      throw VerifierError(.storeFull, "commits do not go through: free space in the state folder")
    }
  }

  private static func words(_ report: Replacement.Report) -> String {
    "the gateway has another record of \(report.old): installation \(report.installation) has "
      + "taken its place"
  }
}

/// Does something while nobody else who is let through does.
/// - Throws: ``VerifierError``, `NOT_SERVING` where the task was cancelled before.
func exclusively<Value: Sendable>(
  _ door: Turnstile, _ body: () async throws(VerifierError) -> Value
) async throws(VerifierError) -> Value {
  do throws(CancellationError) { try await door.enter() } catch {
    throw VerifierError(.notServing, "the process is ending: ask again once serve runs")
  }
  defer { door.leave() }
  return try await body()
}
