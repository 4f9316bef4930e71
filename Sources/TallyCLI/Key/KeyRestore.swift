internal import ArgumentParser
internal import Authority
internal import Sealing
internal import Terminal

/// Takes back that a key was retired or revoked.
struct KeyRestore: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "restore", abstract: "Take back that a key was retired, or revoked by mistake.",
    discussion: """
      The next keyset names it again. A key that a published keyset has revoked stays so for ever.

      Example: tally key restore THUMBPRINT --why "the wrong one" --registry /srv/registry
      """)

  @Argument(help: ArgumentHelp("The key.", valueName: "thumbprint"))
  var thumbprint: Thumbprint

  @OptionGroup var registry: RegistryOptions
  @OptionGroup var why: WhyOption
  @OptionGroup var format: FormatOption

  func run() throws {
    let key = try registry.open(for: .change).restoreKey(thumbprint, why: why.why)
    switch format.format {
    case .json: Output.data(key.json)
    case .text:
      Output.data(
        "\(key.role.rawValue) key \(key.thumbprint) stands again",
        "\(key.role.rawValue) 密钥 \(key.thumbprint) 恢复有效")
    }
  }
}
