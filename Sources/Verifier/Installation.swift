internal import Libcrypto
package import Platform
package import Sealing
internal import StartupCheck
internal import Storage

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
  /// - Parameters:
  ///   - lock: that of the folder, where the caller has it already.
  ///   - clocks: those of the installation whose place this one takes.
  /// - Throws: ``VerifierError``: locked by another process, not writable, a key or ledger that is gone
  ///   where the other stands.
  package init(
    _ surroundings: Surroundings, holding lock: FileLock? = nil, clocks: Timekeeper? = nil
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
    if let clocks {
      time = clocks
    } else {
      time = try Timekeeper(
        wall: surroundings.wall, boot: surroundings.boot, saved: try await ledger.floor())
    }
    time.raise(to: content.newestSignature)
    damage = try await ledger.damage(
      receipt: content.newestReceipt, key: keys.installation,
      standing: try Self.standing(folder).record)
    self.surroundings = surroundings
  }

  /// The installation that takes the place of this one, as it is decided in its folder. This one's ledger
  /// is closed.
  func successor() async throws(VerifierError) -> Installation {
    try await Installation(surroundings, holding: lock, clocks: time)
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
    if try StateKeys.exist(in: folder) {
      guard try !isGone(folder.ledger) else {
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
  private static func isGone(_ path: String) throws(VerifierError) -> Bool {
    do throws(PlatformError) {
      guard try Files.isThere(path) else { return true }
      _ = try Files.read(path, maximum: 0)
      return true
    } catch {
      guard error.code == .inputOutput else { return false }
      throw VerifierError(error)
    }
  }

  /// The newest record that `standing` tells of, or why it tells nothing.
  /// - Throws: ``VerifierError`` `STATE_UNUSABLE` for one that cannot be read: it is a witness.
  private static func standing(
    _ folder: StateFolder
  ) throws(VerifierError) -> (record: String?, fault: String?) {
    do throws(StartupCheckError) {
      switch try StandingFile(folder.standing).read() {
      case .absent: return (nil, nil)
      case .document(let document): return (document.record, nil)
      case .refused(let refusal): return (nil, "\(folder.standing): \(refusal.message)")
      }
    } catch {
      throw VerifierError(
        .stateUnusable,
        "\(error.message); it tells how far the ledger went: if it is lost, move it aside, serve writes "
          + "another")
    }
  }

  /// What the disk has changed of what can be done without: each for people, with what to do.
  package func remarks() async throws(VerifierError) -> [String] {
    let path = ledger.database.path
    var remarks = try await ledger.documents().changed.map {
      "\($0) in \(path) was changed by the disk and counts as not installed: install the vendor's "
        + "file again"
    }
    if try await ledger.isFloorChanged() {
      remarks.append(
        "the floor of the clock in \(path) was changed by the disk: the newest instant that the "
          + "vendor has signed takes its place; check the disk")
    }
    if let fault = try Self.standing(folder).fault { remarks.append(fault) }
    return remarks
  }

  /// The license to count and report under, with its zone; nil where none is held.
  /// - Throws: ``VerifierError`` `ZONE_UNKNOWN`.
  package func working() async throws(VerifierError) -> WorkingLicense? {
    try surroundings.working(of: await shelf.content, at: time.now)
  }
}
