internal import ArgumentParser

/// Statements.
struct StatementGroup: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "statement",
    abstract: "Compute what a line of licenses used in a month, and what that costs.",
    discussion: """
      Example: tally-gateway statement show --license lic_0192f0c1 --month 2026-11 \
      --state /var/lib/tally-gateway
      """,
    subcommands: [
      StatementShow.self, StatementFinal.self, StatementExplain.self, StatementExport.self,
      StatementAll.self,
    ])
}
