internal import ArgumentParser

/// Revocations documents.
struct RevocationsGroup: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "revocations", abstract: "Show, write and renew the list of revoked licenses.",
    discussion: "Example: tally revocations show --registry /srv/registry",
    subcommands: [RevocationsShow.self, RevocationsExport.self, RevocationsIssue.self])
}
