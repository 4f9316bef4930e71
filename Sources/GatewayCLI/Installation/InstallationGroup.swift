internal import ArgumentParser

/// Activated installations.
struct InstallationGroup: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "installation",
    abstract: "See the activated installations.",
    discussion: "Example: tally-gateway installation list --state /var/lib/tally-gateway",
    subcommands: [InstallationList.self])
}
