internal import ArgumentParser

/// Activated installations.
struct InstallationGroup: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "installation",
    abstract: "See the activated installations, and decide about them.",
    discussion: "Example: tally-gateway installation list --state /var/lib/tally-gateway",
    subcommands: [
      InstallationList.self, InstallationShow.self, InstallationRelease.self,
      InstallationReplace.self, InstallationClose.self,
    ])
}
