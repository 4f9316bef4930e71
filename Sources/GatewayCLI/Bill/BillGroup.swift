internal import ArgumentParser

/// What staff decide about bills.
struct BillGroup: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bill",
    abstract: "Decide that dates are billed otherwise than they were counted.",
    discussion: """
      What was counted stands, and the statement shows it beside what is billed.

      Example: tally-gateway bill waive SjmcdXZLu6RMVsQ6XqnKHL0Zrw0Gn8nVt3aYwW2N3xE --from \
      2026-11-21 --by alice --why "their disk failed" --state /var/lib/tally-gateway
      """,
    subcommands: [BillWaive.self, BillCorrect.self, BillRestore.self])
}
