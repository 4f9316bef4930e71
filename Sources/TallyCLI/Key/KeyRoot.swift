internal import ArgumentParser
internal import Authority
internal import Sealing
internal import Terminal

/// Prints the trust root.
struct KeyRoot: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "root", abstract: "Print root.jwks: the public root keys and their threshold.",
    discussion: """
      Put it into Keys/root.jwks before building the programs that customers get. Nothing in it is \
      secret.

      Example: tally key root --registry /srv/registry > root.jwks
      """)

  @OptionGroup var registry: RegistryOptions

  func run() throws {
    Output.data(try registry.open(for: .read).roots().json.text)
  }
}
