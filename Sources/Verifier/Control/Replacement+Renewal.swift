internal import Libcrypto
internal import Licensing
internal import Platform
internal import Sealing
internal import StartupCheck

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
      guard try !making.giveUp(after: error) else { throw error }
      throw VerifierError(
        error.code,
        "\(error.message); run the same command again before serve is started: the gateway may have "
          + "given the place to the new key already", problem: error.problem)
    }
    let now = (try? surroundings.wall.now()) ?? 0
    try await making.fill(
      ReplacementFolder.Filling(content: accepted.content, floor: kept?.floor, at: now))
    let aside = try ReplacementFolder.asideName(in: folder, at: now)
    try making.decide(aside: aside)
    try ReplacementFolder.finish(in: folder)
    return Report(
      installation: making.keys.installation.thumbprint, old: old, seq: accepted.replaced.seq,
      aside: "\(folder.path)/\(aside)")
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
}
