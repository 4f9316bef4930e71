internal import ArgumentParser
internal import Authority
internal import Sealing
internal import Terminal

/// Writes the keysets as a file.
struct KeysetExport: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Write the newest keyset, and those that lead to it, as a file.",
    discussion: """
      A gateway takes it at its start.

      Example: tally keyset export --registry /srv/registry --out vendor.keyset
      """)

  @OptionGroup var registry: RegistryOptions
  @OptionGroup var output: OutputOption
  @OptionGroup var format: FormatOption

  func run() throws {
    try output.check()
    let authority = try registry.open(for: .read)
    let file = Self.file(try authority.trust())
    let dying = try authority.unbelieved()
    try output.write(file, cure: "name another file with --out")
    output.show(file, format.format)
    KeysetPublish.warn(of: dying)
  }

  static func file(_ trust: TrustSet) -> String {
    Armour.write(trust.chain.map { ArmourBlock(kind: .keyset, document: $0) })
  }
}
