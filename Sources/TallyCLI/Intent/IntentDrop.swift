internal import ArgumentParser
internal import Authority
internal import Terminal

/// Drops the pending intent.
struct IntentDrop: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "drop",
    abstract: "Give up what an earlier command began; nothing of it was shown.",
    discussion: """
      Example: tally intent drop --why "the key is lost" --registry /srv/registry
      """)

  @OptionGroup var registry: RegistryOptions

  @Option(help: ArgumentHelp("The reason, for the audit log.", valueName: "text"))
  var why: String

  func run() throws {
    Output.data(try registry.open(for: .change).dropPending(why: why).description)
  }
}
