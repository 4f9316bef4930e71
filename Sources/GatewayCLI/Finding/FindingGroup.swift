internal import ArgumentParser

/// What the vendor's staff should look at.
struct FindingGroup: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "finding",
    abstract: "See what should be looked at, and say who does and how it ended.",
    discussion: """
      A finding is one for each installation and code; what comes again is counted, and opens it again. \
      What a code means, and what it does to the bill, is in Docs/Errors.

      Example: tally-gateway finding list --state /var/lib/tally-gateway
      """,
    subcommands: [
      FindingList.self, FindingShow.self, FindingAcknowledge.self, FindingResolve.self,
      FindingReopen.self,
    ])
}
