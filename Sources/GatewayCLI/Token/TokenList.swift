internal import ArgumentParser
internal import CivilTime
internal import Gateway
internal import Licensing
internal import Platform
internal import Sealing
internal import Terminal

/// Lists tokens.
struct TokenList: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list",
    abstract: "List the tokens; none shows its text.",
    discussion: "Example: tally-gateway token list --state /var/lib/tally-gateway --format json")

  @Option(help: "How to write them.")
  var format: Format = .text

  @OptionGroup var state: StateOptions

  func run() async throws {
    let store = try await state.openStore()
    let tokens = try await TokenService(store: store, clock: SystemClock()).list()
    await store.close()
    switch format {
    case .json: Output.data(.array(tokens.map(\.json)))
    case .text:
      let now = try SystemClock().now()
      var table = TextTable(
        ["TOKEN", "SCOPES", "CREATED", "EXPIRES", "STATE", "NOTE"],
        ["令牌", "权限", "创建", "到期", "状态", "备注"])
      for token in tokens {
        table.add([
          token.id, token.scopes.map(\.rawValue).sorted().joined(separator: ","),
          UTC.text(token.createdAt), UTC.text(token.expiresAt),
          Self.state(token, at: now).spoken,
          token.note,
        ])
      }
      Output.data(table.text)
    }
  }

  private static func state(_ token: Token, at now: Int64) -> BilingualText {
    if token.revokedAt != nil { return BilingualText("revoked", "已吊销") }
    return token.isValid(at: now) ? BilingualText("valid", "有效") : BilingualText("expired", "已过期")
  }
}
