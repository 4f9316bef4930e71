internal import ArgumentParser

/// Bearer tokens of the vendor's API.
struct TokenGroup: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "token",
    abstract: "Make, list and revoke tokens of the vendor's API.",
    discussion: "Example: tally-gateway token list --state /var/lib/tally-gateway",
    subcommands: [TokenNew.self, TokenList.self, TokenRevoke.self])
}
