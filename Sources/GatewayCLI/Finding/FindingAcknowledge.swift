internal import ArgumentParser
internal import Gateway
internal import Sealing
internal import Terminal

/// Says who looks after a finding.
struct FindingAcknowledge: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "acknowledge",
    abstract: "Say who looks after a finding.",
    discussion: """
      Another may take it over the same way. What comes again is counted, and leaves it acknowledged.

      While serve runs on the state folder it is asked; else the folder is opened, for which the key, its \
      passphrase and the keyset are needed as by serve. Sent again, what stands is shown.

      Example: tally-gateway finding acknowledge fnd_7 --by alice --why "asked the customer" --note \
      "ticket 4711" --state /var/lib/tally-gateway
      """)

  @Option(help: ArgumentHelp("Who looks after it; by default whoever says so.", valueName: "name"))
  var owner: String?

  @Option(help: ArgumentHelp("For whoever looks at it next.", valueName: "text"))
  var note: String?

  @OptionGroup var options: FindingOptions

  func run() async throws {
    var more: [JSONMember] = []
    if let owner { more.append(JSONMember("owner", .string(owner))) }
    if let note { more.append(JSONMember("note", .string(note))) }
    try await options.take("acknowledge", more) { findings, word in
      try await findings.acknowledge(options.finding, owner: owner, note: note, word)
    }
  }
}
