internal import ArgumentParser
internal import Authority
internal import Sealing
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

  @OptionGroup var format: FormatOption

  func run() throws {
    let authority = try registry.open(for: .change)
    let intent = try authority.dropPending(why: why)
    for lost in try authority.lostByDropping(intent) { Output.talk("tally: \(lost.spoken)") }
    switch format.format {
    case .json:
      Output.data(["kind": .string(intent.kind.rawValue), "subject": .string(intent.subject)])
    case .text: Output.data(intent.words.spoken)
    }
  }
}
