internal import Platform

/// The names of everything that an installation keeps.
package struct StateFolder: Sendable, Hashable {
  /// The longest path that a Unix domain socket can have (`sun_path`, its final zero included).
  private static let longestSocketPath = 107

  package let path: String

  package init(_ path: String) {
    self.path = path
  }

  /// Held by the one process that works on the folder.
  package var lock: String { "\(path)/lock" }
  /// The seed of the installation's key: 32 bytes, for its owner alone.
  package var installationKey: String { "\(path)/installation.key" }
  /// The customer's key for the names of evidence: 32 bytes, for its owner alone.
  package var evidenceKey: String { "\(path)/evidence.key" }
  package var ledger: String { "\(path)/ledger.sqlite" }
  package var journal: String { "\(path)/journal.sqlite" }
  /// What `check` reads.
  package var standing: String { "\(path)/standing" }
  /// The address that the daemon got.
  package var listen: String { "\(path)/listen" }
  /// The bearer token of collectors and of whoever asks for the verdict.
  package var token: String { "\(path)/token" }
  package var socket: String { "\(path)/tally-verifier.sock" }

  /// Whether something stands at a path of the folder.
  /// - Throws: ``VerifierError`` where the disk does not tell.
  func has(_ path: String) throws(VerifierError) -> Bool {
    do throws(PlatformError) { return try Files.isThere(path) } catch { throw VerifierError(error) }
  }

  /// What to say of a folder in which others than its owner may write, nil for any other.
  package var openness: String? {
    guard let status = try? Files.status(path), status.mode & 0o022 != 0 else { return nil }
    let mode = String(status.mode, radix: 8)
    return "\(path) has mode \(mode): others may put files in the place of the installation's own: "
      + "chmod 750 \(path)"
  }

  /// Makes the folder if it is missing, and holds that it can be written and named by a socket.
  /// - Throws: ``VerifierError`` `STATE_UNUSABLE`, `STORE_FULL`.
  package func prepare() throws(VerifierError) {
    guard socket.utf8.count <= Self.longestSocketPath else {
      throw VerifierError(
        .stateUnusable,
        "the path of the state folder is too long for its socket: \(path) may have "
          + "\(Self.longestSocketPath - socket.utf8.count + path.utf8.count) bytes, choose another")
    }
    do throws(PlatformError) {
      try Files.makeFolder(path)
      let probe = "\(path)/.probe"
      try Files.replace(probe, with: Array("writable\n".utf8), mode: 0o600)
      try Files.remove(probe)
    } catch {
      throw VerifierError(
        error.code == .full ? .storeFull : .stateUnusable, "state folder: \(error.message)")
    }
  }
}
