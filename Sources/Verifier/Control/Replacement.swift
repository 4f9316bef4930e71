internal import Libcrypto
internal import Licensing
package import Logging
internal import Platform
package import Sealing
internal import StartupCheck

/// Puts an installation in the place of one whose key or ledger is lost.
///
/// A state folder of that one, or with what is left of it, gets a new installation, and the old files go
/// aside. In a folder where another installation was begun and is not activated, that one takes the place
/// as it is. In either case the gateway is asked first, and nothing is changed where it refuses.
package struct Replacement: Sendable {
  /// What was done.
  package struct Report: Sendable, Equatable {
    /// The one that stands now.
    package var installation: Thumbprint
    package var old: Thumbprint
    /// The last record of the old chain that the gateway has.
    package var seq: Int64
    /// The folder of the old files; nil where there were none to move.
    package var aside: String?
    /// Whether it was so before.
    package var isKnown = false

    package var json: JSONValue {
      [
        "installation": installation.json,
        "replaces": ["installation": old.json, "seq": .integer(seq)],
        "aside": aside.map { .string($0) } ?? .null, "known": .bool(isKnown),
      ]
    }
  }

  let surroundings: Surroundings
  let request: ReplacementRequest
  let license: ShelfOffer?
  private let logger: Logger
  var folder: StateFolder { surroundings.folder }
  var old: Thumbprint { request.old }

  /// - Parameters:
  ///   - old: the installation whose place is to be taken.
  ///   - license: the blocks of a license file; needed where the state folder holds none.
  package init(
    _ surroundings: Surroundings, of old: Thumbprint, license: ShelfOffer?,
    client: some GatewayClient, logger: Logger
  ) {
    self.surroundings = surroundings
    self.license = license
    self.logger = logger
    request = ReplacementRequest(surroundings: surroundings, client: client, old: old)
  }

  /// - Throws: ``VerifierError``; `STATE_LOCKED` while `serve` runs, `GATEWAY_REFUSED` with the problem.
  ///   What the state folder was before it still is then.
  package func run() async throws(VerifierError) -> Report {
    try folder.prepare()
    let lock = try Installation.lock(
      folder,
      cure:
        "activate --replace needs the folder for itself: stop tally-verifier serve, then run it "
        + "again")
    try ReplacementFolder.finish(in: folder)
    let owner = owner()
    if ReplacementFolder.begun(in: folder) != old, let owner, owner != old {
      return try await enrol(try await open(owner, lock))
    }
    let report = try await renew()
    withExtendedLifetime(lock) {}
    return report
  }

  /// Whose the folder is, as far as anything in it still tells.
  private func owner() -> Thumbprint? {
    if let name = StateKeys.owner(of: folder) { return name }
    if let name = kept?.installation?.thumbprint(using: LibcryptoProvider()) { return name }
    guard Files.exists(folder.ledger) else { return nil }
    return (try? Ledger.prepare(path: folder.ledger)).flatMap { $0 }.flatMap { Thumbprint($0) }
  }

  /// What the old installation's standing still tells.
  var kept: StandingDocument? {
    guard case .document(let document)? = try? StandingFile(folder.standing).read() else {
      return nil
    }
    return document
  }

  private func open(
    _ owner: Thumbprint, _ lock: FileLock
  ) async throws(VerifierError) -> Installation {
    do throws(VerifierError) {
      return try await Installation(surroundings, holding: lock)
    } catch {
      throw VerifierError(
        .requestRefused,
        "\(folder.path) is of installation \(owner), not of \(old): name that one, or an empty "
          + "folder with --state")
    }
  }

  /// The folder's own installation takes the place as it is.
  private func enrol(_ installation: Installation) async throws(VerifierError) -> Report {
    if let license { _ = try await installation.shelf.take(license) }
    let content = await installation.shelf.content
    if let activation = content.activation?.payload, activation.installation == installation.name {
      guard let replaced = activation.replaces, replaced.installation == old else {
        throw VerifierError(
          .requestRefused,
          "\(folder.path) is of installation \(installation.name), which is activated itself: name "
            + "that one to replace it, or an empty folder with --state to replace \(old)")
      }
      return Report(
        installation: installation.name, old: old, seq: replaced.seq, isKnown: true)
    }
    let accepted = try await request.ask(
      content, key: installation.keys.installation, now: installation.time.now)
    let shelf = installation.shelf
    _ = try await shelf.take(ShelfOffer(accepted.delivery))
    _ = try await shelf.take(
      ShelfOffer(activation: accepted.activation, source: "the gateway's answer"))
    let standing = StandingKeeper(
      installation, findings: OwnFindings(damage: installation.damage), logger: logger)
    await standing.refresh(nil)
    return Report(installation: installation.name, old: old, seq: accepted.replaced.seq)
  }
}

extension VerifierApplication {
  /// Puts an installation in another's place; see ``Replacement``.
  package static func replace(
    _ surroundings: Surroundings, of old: Thumbprint, license: ShelfOffer?, logger: Logger
  ) async throws(VerifierError) -> Replacement.Report {
    try await withTransport(surroundings.egress) { transport throws(VerifierError) in
      try await Replacement(
        surroundings, of: old, license: license,
        client: HTTPGatewayClient(transport, clock: surroundings.wall), logger: logger
      ).run()
    }
  }
}
