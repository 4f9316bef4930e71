internal import Libcrypto
package import Platform
package import Sealing
internal import StartupCheck

/// One installation, opened: its keys, ledger, documents and clock. While it stands, no other process
/// works on its folder.
package struct Installation: Sendable {
  package let surroundings: Surroundings
  package let keys: StateKeys
  package let ledger: Ledger
  package let shelf: LicenseShelf
  package let time: Timekeeper
  /// What was wrong with the ledger when it was opened.
  package let damage: LedgerDamage?
  private let lock: FileLock

  package var folder: StateFolder { surroundings.folder }
  package var name: Thumbprint { ledger.installation }

  /// Opens the state folder; makes it at a first start, and ends a replacement that was broken off.
  /// - Parameter lock: that of the folder, where the caller has it already.
  /// - Throws: ``VerifierError``: locked by another process, not writable, a key or ledger that is gone
  ///   where the other stands.
  package init(
    _ surroundings: Surroundings, holding lock: FileLock? = nil
  ) async throws(VerifierError) {
    let folder = surroundings.folder
    try folder.prepare()
    self.lock = if let lock { lock } else { try Self.lock(folder) }
    try ReplacementFolder.finish(in: folder)
    try Self.prepareKeys(folder)
    keys = try StateKeys(reading: folder)
    let now = (try? surroundings.wall.now()) ?? 0
    ledger = try Ledger(path: folder.ledger, key: keys.installation, now: now)
    shelf = try await LicenseShelf(
      ledger: ledger,
      base: ShelfContent.Base(
        roots: surroundings.roots, key: keys.installation.publicKey,
        release: surroundings.release),
      clock: surroundings.wall)
    let content = await shelf.content
    time = try Timekeeper(
      wall: surroundings.wall, boot: surroundings.boot, saved: try await ledger.floor())
    time.raise(to: content.newestSignature)
    damage = try await ledger.damage(
      receipt: content.newestReceipt, key: keys.installation,
      standing: Self.standingRecord(folder))
    self.surroundings = surroundings
  }

  /// - Parameter cure: what to do while another process has it.
  /// - Throws: ``VerifierError`` `STATE_LOCKED`.
  static func lock(
    _ folder: StateFolder, cure: String = "one at a time, stop it or wait for it"
  ) throws(VerifierError) -> FileLock {
    do throws(PlatformError) { return try FileLock(folder.lock) } catch {
      guard error.code == .locked else { throw VerifierError(error) }
      throw VerifierError(.stateLocked, "another process works on \(folder.path): \(cure)")
    }
  }

  /// The ledger's file is made before the key, so that a key without a ledger is always a loss.
  private static func prepareKeys(_ folder: StateFolder) throws(VerifierError) {
    if StateKeys.exist(in: folder) {
      guard !isGone(folder.ledger) else {
        let name = StateKeys.owner(of: folder).map { " \($0)" } ?? " INSTALLATION"
        throw VerifierError(
          .ledgerUnusable,
          "\(folder.ledger) is gone or empty, but this installation has a key: restore the state "
            + "folder from a backup; it is not begun anew. Without a backup run tally-verifier "
            + "activate --replace\(name)")
      }
      return
    }
    if let owner = try Ledger.prepare(path: folder.ledger) {
      throw VerifierError(
        .keyUnusable,
        "\(folder.installationKey) is gone, but the ledger is of installation \(owner): restore "
          + "the key from a backup; without one run tally-verifier activate --replace \(owner)")
    }
    try StateKeys.make(in: folder)
  }

  /// Whether a file is missing or empty.
  private static func isGone(_ path: String) -> Bool {
    !Files.exists(path) || (try? Files.read(path, maximum: 0)) != nil
  }

  private static func standingRecord(_ folder: StateFolder) -> String? {
    guard case .document(let document)? = try? StandingFile(folder.standing).read() else {
      return nil
    }
    return document.record
  }

  /// The license to count and report under, with its zone; nil without a license.
  /// - Throws: ``VerifierError`` `ZONE_UNKNOWN`.
  package func current() async throws(VerifierError) -> CurrentLicense? {
    try surroundings.current(of: await shelf.content, at: time.now)
  }
}
