internal import ArgumentParser
internal import Authority
internal import Sealing
internal import Terminal

/// Writes a release's file again.
struct ReleaseExport: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export", abstract: "Write the file of a release again, with the newest keyset.",
    discussion: """
      Example: tally release export --product observability-platform --version 1.98.190 \
      --out 1.98.190.release --registry /srv/registry
      """)

  @Option(help: ArgumentHelp("The product.", valueName: "name"))
  var product: String

  @Option(help: ArgumentHelp("The version.", valueName: "version"))
  var version: String

  @Option(help: ArgumentHelp("The commit, if the document names one.", valueName: "commit"))
  var commit: String?

  @OptionGroup var registry: RegistryOptions
  @OptionGroup var output: OutputOption
  @OptionGroup var format: FormatOption

  func run() throws {
    try output.check()
    let authority = try registry.open(for: .read)
    let file = try authority.releaseFile(product, version, commit: commit)
    let dying = try authority.unbelieved()
    try output.write(file, cure: "name another file with --out")
    output.show(
      file, format.format,
      [JSONMember("product", .string(product)), JSONMember("version", .string(version))])
    // The file carries the newest keyset to everybody who installs the release.
    KeysetPublish.warn(of: dying)
  }
}
