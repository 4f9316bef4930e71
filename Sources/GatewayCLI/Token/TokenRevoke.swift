internal import ArgumentParser
internal import Gateway
internal import Platform
internal import Sealing
internal import Terminal

/// Revokes a token.
struct TokenRevoke: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "revoke",
    abstract: "Revoke a token; it is refused from the next request on.",
    discussion:
      "Example: tally-gateway token revoke tok_0f3a9c5d17e2b684 --state /var/lib/tally-gateway")

  @Argument(help: ArgumentHelp("The token's name, as token list shows it.", valueName: "token"))
  var token: String

  @Option(help: "How to write what was done.")
  var format: Format = .text

  @OptionGroup var state: StateOptions

  func run() async throws {
    let store = try await state.openStore()
    let isRevoked = try await TokenService(store: store, clock: SystemClock()).revoke(token)
    await store.close()
    guard isRevoked else {
      throw CommandError(
        .refused, "there is no token \(token.prefix(64)) that still stands: see token list",
        chinese: "没有这样一个仍然有效的令牌；请用 tally-gateway token list 查看")
    }
    switch format {
    case .json: Output.data(["id": .string(token), "revoked": true])
    case .text: Output.talk("tally-gateway: revoked \(token)", "tally-gateway: 已吊销 \(token)")
    }
  }
}
