internal import ArgumentParser
internal import Billing
internal import Terminal

/// Takes decisions about bills back.
struct BillRestore: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "restore",
    abstract: "Bill dates by what was counted again, whatever was decided before.",
    discussion: """
      What was waived or corrected of these dates stands no more, be it part of a decision about more \
      dates. Both decisions stay in the ledger and are quoted on the statement.

      While serve runs on the state folder it is asked to decide; else the folder is opened, for which \
      the key, its passphrase and the keyset are needed as by serve. Sent again, the decision that \
      stands is shown.

      Example: tally-gateway bill restore SjmcdXZLu6RMVsQ6XqnKHL0Zrw0Gn8nVt3aYwW2N3xE --from \
      2026-11-21 --by alice --why "it was the wrong site" --state /var/lib/tally-gateway
      """)

  @OptionGroup var options: BillOptions

  func run() async throws { try await options.decide(.restore) }
}
