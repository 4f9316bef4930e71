internal import ArgumentParser
internal import Authority
internal import Sealing
internal import Terminal

/// Finishes the pending intent.
struct IntentFinish: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "finish", abstract: "Sign the payload that an earlier command had fixed.",
    discussion: """
      "tally license export" then writes the license's file. A keyset needs the roots, of which each \
      may have a passphrase of its own.

      Example: tally intent finish --registry /srv/registry --passphrase-file P
      """)

  @OptionGroup var registry: RegistryOptions
  @OptionGroup var passphrase: PassphraseOptions
  @OptionGroup var roots: RootPassphraseOptions
  @OptionGroup var format: FormatOption

  func run() throws {
    let passphrases = try roots.read(with: passphrase)
    let intent = try registry.open(for: .change).finishPending(passphrases)
    switch (format.format, intent) {
    case (.json, let intent):
      Output.data(
        intent.map {
          ["kind": .string($0.kind.rawValue), "subject": .string($0.subject)]
        } ?? .null)
    case (.text, let intent?): Output.data(intent.words.spoken)
    case (.text, nil): Output.talk("nothing was pending", "没有未完成的内容")
    }
  }
}
