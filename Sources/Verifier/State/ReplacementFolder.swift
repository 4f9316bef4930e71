internal import Libcrypto
internal import Platform
package import Sealing

/// A new installation in the making, which is to take the place of one whose key or ledger is lost.
///
/// It grows in the folder `replacement.new` of the state folder. Rules:
/// 1. Its key is kept before the gateway is asked: asked again after a crash or an answer that was lost,
///    the gateway knows the key and gives the same activation.
/// 2. Renaming it to `replacement` decides. Before that the old installation stands as it was; after it
///    whoever opens the state folder next moves the old files aside and the new ones in, as often as
///    that is broken off.
/// 3. No file of the old installation is deleted.
/// 4. Where the old installation's count goes on, its journal stays in place, and the key of evidence
///    and the token with it: only key, ledger and `standing` change.
///
/// Whoever calls holds the lock of the state folder.
package struct ReplacementFolder: Sendable {
  /// Files that only the one installation has; `standing` is moved by itself, for `check` reads it at
  /// any moment.
  private static let files: [String] =
    ["installation.key"] + database("ledger.sqlite")
  /// Those that stay where the count goes on.
  private static let countedFiles: [String] =
    ["evidence.key", "token"] + database("journal.sqlite")

  private static func database(_ name: String) -> [String] { ["\(name)-wal", "\(name)-shm", name] }

  private let state: StateFolder
  /// Where the new installation's files are while it is being made.
  package let draft: StateFolder
  package let keys: StateKeys
  /// Whether the keys were made just now: nobody can know them yet.
  package let isNew: Bool

  private static func decided(_ state: StateFolder) -> String { "\(state.path)/replacement" }
  private static func draft(_ state: StateFolder) -> StateFolder {
    StateFolder("\(state.path)/replacement.new")
  }
  /// Names the installation to be replaced.
  private static func target(_ folder: String) -> String { "\(folder)/replaces" }
  /// Names the folder for the old files.
  private static func place(_ folder: String) -> String { "\(folder)/aside" }
  /// Stands where the journal stays in place.
  private static func keepsJournal(_ folder: String) -> String { "\(folder)/keeps-journal" }
  /// Stands once all old files are aside.
  private static func cleared(_ folder: String) -> String { "\(folder)/cleared" }

  /// Whether a replacement is decided and not carried out to its end.
  /// - Throws: ``VerifierError`` where the disk does not tell.
  package static func isDecided(in state: StateFolder) throws(VerifierError) -> Bool {
    try state.has(decided(state))
  }

  /// The installation whose replacement was begun here and neither decided nor refused.
  package static func begun(in state: StateFolder) -> Thumbprint? {
    let bytes = try? Files.read(target(draft(state).path), maximum: 128)
    return bytes.flatMap { bytes in
      String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isWhitespace).first
        .flatMap { Thumbprint(String($0)) }
    }
  }

  /// Makes the keys of the new installation, or takes those of an attempt that was broken off. Token
  /// and key of evidence are the old ones where they can be read.
  /// - Throws: ``VerifierError`` `REQUEST_REFUSED` where another installation's replacement was begun.
  package init(begin state: StateFolder, replacing old: Thumbprint) throws(VerifierError) {
    self.state = state
    draft = Self.draft(state)
    if let begun = Self.begun(in: state) {
      guard begun == old else {
        throw VerifierError(
          .requestRefused,
          "the replacement of installation \(begun) was begun here and has not ended: run "
            + "activate --replace \(begun) first")
      }
      isNew = false
      keys = try StateKeys(reading: draft)
      return
    }
    isNew = true
    try Self.discard(draft)
    do throws(PlatformError) {
      try Files.makeFolder(draft.path)
      try Self.copySecret(state.token, to: draft.token, where: { !$0.isEmpty })
      try Self.copySecret(state.evidenceKey, to: draft.evidenceKey, where: { $0.count == 32 })
    } catch { throw VerifierError(error) }
    try StateKeys.make(in: draft)
    keys = try StateKeys(reading: draft)
    do throws(PlatformError) {
      try Files.create(Self.target(draft.path), with: Array("\(old)\n".utf8), mode: 0o600)
      try Files.flushFolder(of: draft.path)
    } catch { throw VerifierError(error) }
  }

  private static func copySecret(
    _ path: String, to copy: String, where isGood: ([UInt8]) -> Bool
  ) throws(PlatformError) {
    guard var bytes = try? Files.read(path, maximum: 4096, secret: true) else { return }
    defer { Secret.wipe(&bytes) }
    if isGood(bytes) { try Files.create(copy, with: bytes, mode: 0o600) }
  }

  /// Gives the attempt up; the old installation stands as it was.
  package func discard() throws(VerifierError) { try Self.discard(draft) }

  /// What names the attempt goes first: without it the rest is nothing.
  private static func discard(_ draft: StateFolder) throws(VerifierError) {
    guard Files.exists(draft.path) else { return }
    do throws(PlatformError) {
      try Files.remove(target(draft.path))
      // What was broken off may have left temporary files of any name.
      for name in try Files.names(in: draft.path) { try Files.remove("\(draft.path)/\(name)") }
      try Files.removeFolder(draft.path)
      try Files.flushFolder(of: draft.path)
    } catch { throw VerifierError(error) }
  }

  /// Removes a ledger that an earlier attempt left half made.
  package func clearLedger() throws(VerifierError) {
    do throws(PlatformError) {
      for suffix in ["-wal", "-shm", ""] { try Files.remove(draft.ledger + suffix) }
      try Files.remove(Self.place(draft.path))
      try Files.remove(Self.keepsJournal(draft.path))
    } catch { throw VerifierError(error) }
  }

  /// Decides: from now on the new installation is the one, whatever happens.
  /// - Parameters:
  ///   - name: of the folder, within the state folder, for the old files.
  ///   - keepsJournal: whether the old installation's count goes on.
  package func decide(
    aside name: String, keepsJournal: Bool = false
  ) throws(VerifierError) {
    do throws(PlatformError) {
      if keepsJournal {
        try Files.create(Self.keepsJournal(draft.path), with: [], mode: 0o600)
      }
      try Files.create(Self.place(draft.path), with: Array("\(name)\n".utf8), mode: 0o600)
      try Files.move(draft.path, to: Self.decided(state))
      try Files.flushFolder(of: draft.path)
    } catch { throw VerifierError(error) }
  }

  /// Carries out what is decided: the old files aside, the new ones in. Nothing where nothing is.
  package static func finish(in state: StateFolder) throws(VerifierError) {
    let folder = decided(state)
    guard try isDecided(in: state) else { return }
    do throws(PlatformError) {
      let aside = "\(state.path)/\(try name(in: folder))"
      let files = files + (try Files.isThere(keepsJournal(folder)) ? [] : countedFiles)
      try Files.makeFolder(aside)
      if try !Files.isThere(cleared(folder)) {
        try clear(files, state, to: aside)
        try Files.create(cleared(folder), with: [], mode: 0o600)
      }
      for name in files + ["standing"] where try Files.isThere("\(folder)/\(name)") {
        try Files.move("\(folder)/\(name)", to: "\(state.path)/\(name)")
      }
      try Files.flushFolder(of: state.ledger)
      // What is left says what took place, and stays with the old files.
      try Files.move(folder, to: "\(aside)/replacement")
      try Files.flushFolder(of: folder)
    } catch { throw VerifierError(error) }
  }

  private static func name(in folder: String) throws(PlatformError) -> String {
    let text = String(decoding: try Files.read(place(folder), maximum: 256), as: UTF8.self)
    let name = text.split(whereSeparator: \.isWhitespace).first.map(String.init) ?? ""
    guard name.hasPrefix("replaced-"), !name.contains("/") else {
      throw PlatformError(
        .inputOutput, "\(place(folder)) names no folder for the old files: ask the vendor's support"
      )
    }
    return name
  }

  private static func clear(
    _ files: [String], _ state: StateFolder, to aside: String
  ) throws(PlatformError) {
    for name in files where try Files.isThere("\(state.path)/\(name)") {
      try Files.move("\(state.path)/\(name)", to: "\(aside)/\(name)")
    }
    if let bytes = try? Files.read(state.standing) {
      try Files.replace("\(aside)/standing", with: bytes)
    }
    try Files.flushFolder(of: "\(aside)/standing")
    try Files.flushFolder(of: aside)
  }
}
