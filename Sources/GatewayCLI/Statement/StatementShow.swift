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
    abstract: "Show the statement of a license's line and a month, as of now.",
    discussion: """
      Without --key nothing is sealed. With it, --format json shows the sealed statement beside its \
      payload, and --out writes it to a file.

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
    guard out == nil || key != nil else {
      throw ValidationError("--out needs --key: only a sealed statement is written to a file")
    }
  }

  func run() async throws {
    let store = try state.openStore()
    let statement = try await statement(store)
    let sealed = try await seal(statement, store)
    await store.close()
    if let out, let sealed {
      let block = ArmourBlock(kind: .statement, document: sealed)
      try Files.replace(out, with: Array(Armour.write([block]).utf8))
      if format == .json {
        return Output.data(["out": .string(out), "statement": statement.json])
      }
      return Output.talk(
        "tally-gateway: wrote the sealed statement to \(out)", "tally-gateway: 已将签名的账单写入 \(out)")
    }
    switch format {
    case .text: Output.data(StatementText.text(statement))
    case .json:
      var members = [JSONMember("statement", statement.json)]
      if let sealed { members.append(JSONMember("sealed", .string(sealed))) }
      Output.data(.object(members))
    }
  }

  private func statement(_ store: SQLiteLedgerStore) async throws -> Statement {
    let shelf = LicenseShelf(store, try await GatewayState.trust(of: store))
    let service = StatementService(store: store, shelf: shelf, clock: SystemClock())
    if let license { return try await service.statement(of: license, in: month) }
    guard let line else { throw ValidationError("give one of --license and --line") }
    return try await service.statement(of: line, in: month)
  }

  private func seal(_ statement: Statement, _ store: SQLiteLedgerStore) async throws -> String? {
    guard let key else { return nil }
    let vendorKey = try GatewayFiles.key(key, passphrase: try passphrase.source.read())
    let gateway = Gateway(
      store: store, trust: try await keyTrust(store), key: vendorKey, clock: SystemClock())
    if let obstacle = gateway.sealObstacle(at: statement.iat) {
      throw GatewayError(.keyNotInKeyset, obstacle)
    }
    return try gateway.sealed(statement)
  }

  private func keyTrust(_ store: SQLiteLedgerStore) async throws -> GatewayTrust {
    guard let keyset else { return try await GatewayState.trust(of: store) }
    let stored = try await store.read { try $0.keysets().map(\.text) }
    return try GatewayState.trust(
      try TrustAnchor(file: trust.file), offered: try GatewayFiles.keysets(keyset),
      stored: stored, revocations: nil)
  }
}
