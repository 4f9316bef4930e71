internal import ArgumentParser
internal import Gateway
internal import Sealing
internal import Terminal

/// Opens a resolved finding again.
struct FindingReopen: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "reopen",
    abstract: "Open a resolved finding again.",
    discussion: """
      While serve runs on the state folder it is asked; else the folder is opened, for which the key, its \
      passphrase and the keyset are needed as by serve. Sent again, what stands is shown.

      Example: tally-gateway finding reopen fnd_7 --by alice --why "the clock is wrong again" --state \
      /var/lib/tally-gateway
      """)

  @OptionGroup var options: FindingOptions

  func run() async throws {
    try await options.take("reopen") { findings, word in
      try await findings.reopen(options.finding, word)
    }
  }
}
