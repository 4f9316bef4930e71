internal import ArgumentParser
internal import Gateway
internal import Platform
internal import Sealing
internal import Terminal

/// Makes a token.
struct TokenNew: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "new",
    abstract: "Make a token; it is shown once and kept only as a hash.",
    discussion: """
      Scopes: publish (licenses, keysets, revocations), read (installations, statements, events), \
      decide (free seats, permit replacements, close dates, final statements) and webhooks (say where \
      events are sent).

      Example: tally-gateway token new --scope publish,read --days 90 --note "release pipeline" \
      --state /var/lib/tally-gateway
      """)

  @Option(
    help: ArgumentHelp(
      "What it may do: publish, read, decide, webhooks; with commas.", valueName: "scopes"))
  var scope: Scopes

  @Option(help: ArgumentHelp("How long it is valid, 1 to 3660 days.", valueName: "days"))
  var days: Int64 = 365

  @Option(help: ArgumentHelp("What it is for, for people.", valueName: "text"))
  var note: String = ""

  @Option(help: "How to write it.")
  var format: Format = .text

  @OptionGroup var state: StateOptions

  func validate() throws {
    guard (1...3660).contains(days) else {
      throw ValidationError("--days must be from 1 to 3660")
    }
  }

  func run() async throws {
    let store = try await state.openStore()
    let tokens = TokenService(store: store, clock: SystemClock())
    let (text, token) = try await tokens.make(scope.values, days: days, note: note)
    await store.close()
    switch format {
    case .text:
      Output.talk(
        "tally-gateway: made token \(token.id); this is the only time it is shown",
        "tally-gateway: 已创建令牌 \(token.id)；它只在此时显示一次")
      Output.data(text)
    case .json:
      guard case .object(let members) = token.json else { return }
      Output.data(.object([JSONMember("token", .string(text))] + members))
    }
  }
}
