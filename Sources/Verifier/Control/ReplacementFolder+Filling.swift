internal import CivilTime
internal import Libcrypto
internal import Platform
internal import Reporting
internal import StartupCheck
internal import Storage

extension ReplacementFolder {
  /// What the new installation begins with.
  struct Filling: Sendable {
    var content: ShelfContent
    /// The old installation's floor of time.
    var floor: Int64?
    /// The old one's latest attempts to report, the earliest first.
    var runs: [ReportRun] = []
    /// The wall clock.
    var at: Int64
  }

  /// Writes ledger and standing of the new installation.
  func fill(_ filling: Filling) async throws(VerifierError) {
    try clearLedger()
    let ledger = try Ledger(path: draft.ledger, key: keys.installation, now: filling.at)
    try await ledger.replaceDocuments(with: filling.content.held, now: filling.at)
    let floor = [filling.floor, filling.content.newestSignature].compactMap { $0 }.max()
    if let floor { try await ledger.saveFloor(floor) }
    if !filling.runs.isEmpty { try await ledger.record(filling.runs) }
    do { try ledger.database.close() } catch { throw VerifierError(error) }
    do throws(StartupCheckError) {
      try StandingFile(draft.standing).replace(
        with: filling.content.standing(written: filling.at, floor: floor, findings: []))
    } catch { throw VerifierError(.stateUnusable, error.message) }
  }

  /// A name, for the folder of the old files, that is not there yet: by the day and second.
  static func asideName(in state: StateFolder, at now: Int64) throws(VerifierError) -> String {
    let name = "replaced-" + UTC.text(now).filter { $0 != ":" }
    for number in 1...1000 {
      let candidate = number == 1 ? name : "\(name)-\(number)"
      if !Files.exists("\(state.path)/\(candidate)") { return candidate }
    }
    throw VerifierError(.stateUnusable, "\(state.path) has a thousand folders \(name)")
  }

  /// After an attempt that failed: gives it up, unless the gateway may know the key by now; then it is
  /// kept for the next attempt.
  /// - Returns: whether it was given up.
  func giveUp(after error: VerifierError) throws(VerifierError) -> Bool {
    let isRefused = error.code == .gatewayRefused && error.problem?.retryable == false
    guard isRefused || (isNew && !Self.mayBeKnown(after: error)) else { return false }
    try discard()
    return true
  }

  private static func mayBeKnown(after error: VerifierError) -> Bool {
    switch error.code {
    case .gatewayUnreachable, .gatewayAnswerUnusable: true
    case .gatewayRefused: error.problem?.retryable == true
    default: false
    }
  }
}
