internal import ArgumentParser
internal import Billing
internal import Terminal

/// Bills nothing for dates.
struct BillWaive: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "waive",
    abstract: "Bill nothing for dates of an installation.",
    discussion: """
      The dates bill nothing; their lines still show what was counted and what would have been billed. \
      Nothing else changes: a later date that carries a peak carries what was counted. In a month whose \
      statement is final, the next statement gives back what was billed. Who decided, when and why is \
      sealed and quoted on the statement; bill restore takes it back.

      While serve runs on the state folder it is asked to decide; else the folder is opened, for which \
      the key, its passphrase and the keyset are needed as by serve. Sent again, the decision that \
      stands is shown.

      Example: tally-gateway bill waive SjmcdXZLu6RMVsQ6XqnKHL0Zrw0Gn8nVt3aYwW2N3xE --from \
      2026-11-21 --through 2026-11-23 --finding FORKED --by alice --why "it was a restored snapshot" \
      --state /var/lib/tally-gateway
      """)

  @OptionGroup var options: BillOptions

  func run() async throws { try await options.decide(.waive) }
}
