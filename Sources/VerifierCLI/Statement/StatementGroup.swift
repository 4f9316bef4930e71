internal import ArgumentParser

/// What the vendor bills, looked at by the customer.
struct StatementGroup: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "statement",
    abstract: "Bring the vendor's statements and hold them against this installation's ledger.",
    discussion: """
      Example: tally-verifier statement fetch --month 2026-11 --state /var/lib/tally-verifier \
      --out november.tally

      Example: tally-verifier statement check november.tally --state /var/lib/tally-verifier
      """,
    subcommands: [StatementFetch.self, StatementCheck.self])
}
