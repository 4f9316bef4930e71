internal import ArgumentParser
internal import CivilTime

/// What an installation has counted.
struct UsageGroup: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "usage",
    abstract: "Show, explain and prove what was counted; carry it by file; check that it is whole.",
    discussion: "Example: tally-verifier usage show --state /var/lib/tally-verifier",
    subcommands: [
      UsageShow.self, UsageExplain.self, UsageProve.self, UsageExport.self, UsageImport.self,
      UsageVerify.self,
    ])
}

/// How dates are read from the command line. What is no date ends with usage and status 64.
struct DateArgument: ExpressibleByArgument {
  let date: CivilDate

  init?(argument: String) {
    guard let date = CivilDate(argument) else { return nil }
    self.date = date
  }
}
