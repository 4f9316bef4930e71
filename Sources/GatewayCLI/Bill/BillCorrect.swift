internal import ArgumentParser
internal import Billing
internal import Sealing
internal import Terminal

/// Bills a stated quantity for dates.
struct BillCorrect: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "correct",
    abstract: "Bill a stated quantity for each of an installation's dates.",
    discussion: """
      Each of the dates bills the quantity in place of what was counted or carried; their lines still \
      show that. Each must have a line on its statement. Nothing else changes: a later date that carries \
      a peak carries what was counted. In a month whose statement is final, the next statement makes \
      good the difference. Who decided, when and why is sealed and quoted on the statement; bill restore \
      takes it back.

      While serve runs on the state folder it is asked to decide; else the folder is opened, for which \
      the key, its passphrase and the keyset are needed as by serve. Sent again, the decision that \
      stands is shown.

      Example: tally-gateway bill correct SjmcdXZLu6RMVsQ6XqnKHL0Zrw0Gn8nVt3aYwW2N3xE --from \
      2026-11-21 --quantity 120 --by alice --why "their test fleet was counted" \
      --state /var/lib/tally-gateway
      """)

  @Option(
    help: ArgumentHelp("How many collectors each date bills.", valueName: "collectors"))
  var quantity: Int64

  @OptionGroup var options: BillOptions

  func validate() throws {
    guard SealedLimits.counts.contains(quantity) else {
      throw ValidationError("--quantity must be from 0 to \(SealedLimits.counts.upperBound)")
    }
  }

  func run() async throws { try await options.decide(.correct(quantity)) }
}
