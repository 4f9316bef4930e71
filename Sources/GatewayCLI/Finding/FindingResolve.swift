internal import ArgumentParser
internal import Gateway
internal import Sealing
internal import Terminal

/// Says how a finding came to its end.
struct FindingResolve: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "resolve",
    abstract: "Say how a finding came to its end.",
    discussion: """
      fixed: the cause was put right. accepted: it stands as it is, and is billed as it is. settled: by a \
      decision or an agreement about the bill. dismissed: nothing was wrong. What comes again opens it \
      again. No bill changes by this.

      While serve runs on the state folder it is asked; else the folder is opened, for which the key, its \
      passphrase and the keyset are needed as by serve. Sent again, what stands is shown.

      Example: tally-gateway finding resolve fnd_7 --as fixed --by alice --why "the customer's clock is \
      right again" --state /var/lib/tally-gateway
      """)

  /// How staff say that one ended.
  enum Way: String, ExpressibleByArgument, CaseIterable {
    case fixed
    case accepted
    case settled
    case dismissed

    var resolution: LedgerFinding.Resolution {
      switch self {
      case .fixed: .fixed
      case .accepted: .accepted
      case .settled: .settled
      case .dismissed: .dismissed
      }
    }
  }

  @Option(name: .customLong("as"), help: "How it ended.")
  var way: Way

  @OptionGroup var options: FindingOptions

  func run() async throws {
    let more = [JSONMember("resolution", .string(way.rawValue))]
    try await options.take("resolve", more) { findings, word in
      try await findings.resolve(options.finding, as: way.resolution, word)
    }
  }
}
