internal import ArgumentParser
internal import Gateway
internal import Sealing
internal import Terminal

/// Frees an installation's seat.
struct InstallationRelease: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "release",
    abstract: "Free the seat of an installation that is gone.",
    discussion: """
      Its chain ends: no date is closed or carried for it any more, and another installation can be \
      activated. This is not undone. What it reports after all is billed by its own chain, and found. \
      Who decided, when and why is sealed and quoted on the statement of the month.

      While serve runs on the state folder it is asked to decide; else the folder is opened, for which \
      the key, its passphrase and the keyset are needed as by serve. Sent again, the decision that \
      stands is shown.

      Example: tally-gateway installation release SjmcdXZLu6RMVsQ6XqnKHL0Zrw0Gn8nVt3aYwW2N3xE --by \
      alice --why "the site was closed" --state /var/lib/tally-gateway
      """)

  @Argument(help: ArgumentHelp("The installation's name.", valueName: "installation"))
  var installation: Thumbprint

  @Option(help: "How to write it.")
  var format: Format = .text

  @OptionGroup var deciding: DecidingOptions

  func run() async throws {
    let answer = try await deciding.decide("release", of: installation) { decisions, word in
      try await decisions.release(installation, word).json
    }
    switch format {
    case .json: Output.data(answer)
    case .text:
      Output.data(
        "the seat of \(installation) is free: \(DecisionText.text(answer["decision"]))",
        "安装 \(installation) 的席位已释放：\(DecisionText.text(answer["decision"]))")
    }
  }
}
