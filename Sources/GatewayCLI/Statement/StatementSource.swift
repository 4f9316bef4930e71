internal import ArgumentParser
internal import Billing
internal import Gateway
internal import Licensing
internal import Platform
internal import StartupCheck
internal import Terminal

/// Which statement, and where from: the ledger of a folder, sealed with the gateway's key where that is
/// given.
struct StatementSource: ParsableArguments {
  @Option(
    help: ArgumentHelp("A license; the statement is for its whole line.", valueName: "license"))
  var license: LicenseID?

  @Option(help: ArgumentHelp("A line of licenses.", valueName: "line"))
  var line: LineID?

  @Option(help: ArgumentHelp("The month.", valueName: "YYYY-MM"))
  var month: Month

  @Option(help: ArgumentHelp("The gateway's key, to seal the statement.", valueName: "file"))
  var key: String?

  @Option(
    help: ArgumentHelp(
      "The vendor's keyset that names the key; by default the one in the ledger.",
      valueName: "file"))
  var keyset: String?

  @OptionGroup var passphrase: PassphraseOptions
  @OptionGroup var trust: TrustOptions
  @OptionGroup var state: StateOptions

  func validate() throws {
    guard (license == nil) != (line == nil) else {
      throw ValidationError("give one of --license and --line")
    }
  }

  /// The statement, and the keysets that lead to the key of its seal.
  func read() async throws -> (shown: ShownStatement, keysets: [String]) {
    let store = try await state.openStore()
    let answer: Result<(ShownStatement, [String]), any Error>
    do { answer = .success(try await read(store)) } catch { answer = .failure(error) }
    await store.close()
    return try answer.get()
  }

  private func read(_ store: any LedgerStore) async throws -> (ShownStatement, [String]) {
    guard let key else {
      let trust = try await GatewayState.trust(of: store)
      let service = StatementService(
        store: store, shelf: LicenseShelf(store, trust), clock: SystemClock())
      let shown = try await service.shown(of: try await line(service), in: month)
      return (shown, trust.view.chain.map(\.text))
    }
    let vendorKey = try GatewayFiles.key(key, passphrase: try passphrase.source.read())
    let trust = try await keyTrust(store)
    let gateway = Gateway(store: store, trust: trust, key: vendorKey, clock: SystemClock())
    if let obstacle = gateway.sealObstacle(at: try SystemClock().now()) {
      throw GatewayError(.keyNotInKeyset, obstacle)
    }
    let service = gateway.statements
    let shown = try await service.shown(of: try await line(service), in: month)
    return (try shown.sealed(by: gateway), trust.view.chain.map(\.text))
  }

  private func line(_ service: StatementService) async throws -> LineID {
    if let license { return try await service.line(of: license) }
    guard let line else { throw ValidationError("give one of --license and --line") }
    return line
  }

  private func keyTrust(_ store: any LedgerStore) async throws -> GatewayTrust {
    guard let keyset else { return try await GatewayState.trust(of: store) }
    let stored = try await store.read { try $0.keysets().map(\.text) }
    return try GatewayState.trust(
      try TrustAnchor(file: trust.file), offered: try GatewayFiles.keysets(keyset),
      stored: stored, revocations: nil)
  }
}
