internal import ArgumentParser
internal import Authority
internal import Terminal

/// Finishes the pending intent.
struct IntentFinish: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "finish", abstract: "Sign the payload that an earlier command had fixed.",
    discussion: """
      "tally license export" then writes the license's file.

      Example: tally intent finish --registry /srv/registry --passphrase-file P
      """)

  @OptionGroup var registry: RegistryOptions
  @OptionGroup var passphrase: PassphraseOptions

  func run() throws {
    let secret = try passphrase.read()
    let authority = try registry.open(for: .change)
    guard let intent = try authority.finishPending(secret) else {
      Output.talk("nothing was pending")
      return
    }
    Output.data(intent.description)
  }
}
