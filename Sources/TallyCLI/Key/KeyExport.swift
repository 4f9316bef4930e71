internal import ArgumentParser
internal import Authority
internal import Sealing
internal import Terminal

/// Writes the public half of a key.
struct KeyExport: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export", abstract: "Write the public half of a key as a JWK.",
    discussion: """
      Of a key of the registry, or of a private key's file that stands alone: the machine of a root \
      needs no registry. Nothing in it is secret. "tally key root --jwk" composes root.jwks from \
      such files, "tally keyset draft --add-root" takes one.

      Example: tally key export --key root-a.pem --passphrase-file P --out root-a.jwk
      """)

  @Argument(help: ArgumentHelp("A key of the registry.", valueName: "thumbprint"))
  var thumbprint: Thumbprint?

  @Option(help: ArgumentHelp("A private key's file instead.", valueName: "file"))
  var key: String?

  @OptionGroup var registry: RegistryOptions
  @OptionGroup var passphrase: PassphraseOptions
  @OptionGroup var output: OutputOption
  @OptionGroup var format: FormatOption

  func validate() throws {
    guard (thumbprint == nil) != (key == nil) else {
      throw ValidationError("name either a key of the registry or a file with --key")
    }
  }

  func run() throws {
    try output.check()
    let jwk: JSONValue
    if let thumbprint {
      jwk = try registry.open(for: .read).registry.key(thumbprint).key.jwk
    } else {
      jwk = try KeyFile.publicHalf(of: key ?? "", try passphrase.read()).jwk
    }
    let file = jwk.text + "\n"
    try output.write(file, cure: "name another file with --out")
    output.show(file, format.format, [JSONMember("jwk", jwk)])
  }
}
