internal import ArgumentParser

/// What an installation has counted.
struct UsageGroup: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "usage", abstract: "Show what was counted, and check that it is whole.",
    discussion: "Example: tally-verifier usage show --state /var/lib/tally-verifier",
    subcommands: [UsageShow.self, UsageVerify.self])
}
