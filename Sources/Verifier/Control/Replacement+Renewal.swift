internal import CivilTime
internal import Libcrypto
internal import Licensing
internal import Platform
internal import Reporting
internal import Sealing
internal import StartupCheck
internal import Storage

extension Replacement {
  /// Makes a new installation in the old one's folder, once the gateway has given it the place.
  func renew() async throws(VerifierError) -> Report {
    let kept = kept
    guard license != nil || kept?.licenses.isEmpty == false else {
      throw VerifierError(
        .noLicense,
        "no license is left in \(folder.path): name the license file with --license")
    }
    let making = try ReplacementFolder(begin: folder, replacing: old)
    let accepted: ReplacementRequest.Accepted
    do throws(VerifierError) {
      let content = try content(kept, key: making.keys.installation)
      let wall = try? surroundings.wall.now()
      accepted = try await request.ask(
        content, key: making.keys.installation,
        now: [wall, kept?.floor].compactMap { $0 }.max())
    } catch {
      // Where the gateway may know the key by now it is kept, for the next attempt.
      if Self.isRefused(error) || (making.isNew && !Self.mayBeKnown(error)) {
        try making.discard()
        throw error
      }
      throw VerifierError(
        error.code,
        "\(error.message); run the same command again before serve is started: the gateway may have "
          + "given the place to the new key already", problem: error.problem)
    }
    try await write(accepted.content, floor: kept?.floor, to: making)
    let aside = try asideName()
    try making.decide(aside: aside)
    try ReplacementFolder.finish(in: folder)
    return Report(
      installation: making.keys.installation.thumbprint, old: old, seq: accepted.replaced.seq,
      aside: "\(folder.path)/\(aside)")
  }

  private static func isRefused(_ error: VerifierError) -> Bool {
    error.code == .gatewayRefused && error.problem?.retryable == false
  }

  private static func mayBeKnown(_ error: VerifierError) -> Bool {
    switch error.code {
    case .gatewayUnreachable, .gatewayAnswerUnusable: true
    case .gatewayRefused: error.problem?.retryable == true
    default: false
    }
  }

  /// The licenses, keysets and revocations that are left, and those of the license file.
  private func content(
    _ kept: StandingDocument?, key: InstallationKey
  ) throws(VerifierError) -> ShelfContent {
    var held = HeldDocuments()
    held.keysets = kept?.keysets ?? []
    held.revocations = kept?.revocations
    for text in kept?.licenses ?? [] {
      let document = try? UnverifiedDocument(Array(text.utf8), as: .license)
      guard let payload = document.flatMap({ try? License.parse($0.payload) }) else { continue }
      held.licenses[payload.jti.text] = text
    }
    let content = ShelfContent(
      base: ShelfContent.Base(
        roots: surroundings.roots, key: key.publicKey, release: surroundings.release),
      held: held, receipts: [], record: nil)
    guard let license else { return content }
    return try content.taking(license).content
  }

  /// Writes ledger and standing of the new installation.
  private func write(
    _ content: ShelfContent, floor: Int64?, to making: ReplacementFolder
  ) async throws(VerifierError) {
    try making.clearLedger()
    let now = (try? surroundings.wall.now()) ?? 0
    let ledger = try Ledger(
      path: making.draft.ledger, key: making.keys.installation, now: now)
    try await ledger.replaceDocuments(with: content.held, now: now)
    let floor = [floor, content.newestSignature].compactMap { $0 }.max()
    if let floor { try await ledger.saveFloor(floor) }
    do { try ledger.database.close() } catch { throw VerifierError(error) }
    do throws(StartupCheckError) {
      try StandingFile(making.draft.standing).replace(
        with: content.standing(written: now, floor: floor, findings: []))
    } catch { throw VerifierError(.stateUnusable, error.message) }
  }

  /// A folder that is not there yet, named by the day and second.
  private func asideName() throws(VerifierError) -> String {
    let now = (try? surroundings.wall.now()) ?? 0
    let name = "replaced-" + UTC.text(now).filter { $0 != ":" }
    for number in 1...1000 {
      let candidate = number == 1 ? name : "\(name)-\(number)"
      if !Files.exists("\(folder.path)/\(candidate)") { return candidate }
    }
    throw VerifierError(.stateUnusable, "\(folder.path) has a thousand folders \(name)")
  }
}
