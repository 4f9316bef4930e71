internal import ArgumentParser
internal import Billing
internal import Gateway
internal import Licensing
internal import Platform
internal import Sealing
internal import StartupCheck
internal import Terminal

/// Shows a statement, and seals it where the gateway's key is given.
struct StatementShow: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show",
    abstract: "Show the statement of a license's line and a month, final or as of now.",
    discussion: """
      A final statement is shown as it was made; another is computed as of now. Without --key nothing is \
      sealed anew. With it, dates that are due are closed first, --format json shows the sealed \
      statement beside its payload, and --out writes it to a file.

      Example: tally-gateway statement show --license lic_0192f0c1 --month 2026-11 \
      --state /var/lib/tally-gateway --format json
      """)

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

  @Option(help: ArgumentHelp("Where to write the sealed statement.", valueName: "file"))
  var out: String?

  @Option(help: "How to write it.")
  var format: Format = .text

  @OptionGroup var passphrase: PassphraseOptions
  @OptionGroup var trust: TrustOptions
  @OptionGroup var state: StateOptions

  func validate() throws {
    guard (license == nil) != (line == nil) else {
      throw ValidationError("give one of --license and --line")
    }
  }

  func run() async throws {
    let store = try await state.openStore()
    let answer: Result<ShownStatement, any Error>
    do { answer = .success(try await shown(store)) } catch { answer = .failure(error) }
    await store.close()
    let shown = try answer.get()
    guard let out else {
      switch format {
      case .text: Output.data(StatementText.text(shown.statement))
      case .json: Output.data(shown.json)
      }
      return
    }
    guard let sealed = shown.sealed else {
      throw CommandError(
        .usage,
        "only a sealed statement is written to a file: give --key, or make the statement final")
    }
    let block = ArmourBlock(kind: .statement, document: sealed)
    try Files.replace(out, with: Array(Armour.write([block]).utf8))
    if format == .json {
      return Output.data(["out": .string(out), "statement": shown.statement.json])
    }
    Output.talk(
      "tally-gateway: wrote the sealed statement to \(out)", "tally-gateway: 已将签名的账单写入 \(out)")
  }

  private func shown(_ store: any LedgerStore) async throws -> ShownStatement {
    guard let key else {
      let shelf = LicenseShelf(store, try await GatewayState.trust(of: store))
      let service = StatementService(store: store, shelf: shelf, clock: SystemClock())
      return try await service.shown(of: try await line(service), in: month)
    }
    let vendorKey = try GatewayFiles.key(key, passphrase: try passphrase.source.read())
    let gateway = Gateway(
      store: store, trust: try await keyTrust(store), key: vendorKey, clock: SystemClock())
    if let obstacle = gateway.sealObstacle(at: try SystemClock().now()) {
      throw GatewayError(.keyNotInKeyset, obstacle)
    }
    let service = gateway.statements
    let shown = try await service.shown(of: try await line(service), in: month)
    return try shown.sealed(by: gateway)
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
