internal import ArgumentParser
internal import Authority
internal import Sealing
internal import Terminal

/// Writes the revocations as a file.
struct RevocationsExport: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export", abstract: "Write the newest revocations, with their keysets, as a file.",
    discussion: """
      Example: tally revocations export --registry /srv/registry --out vendor.revocations
      """)

  @OptionGroup var registry: RegistryOptions
  @OptionGroup var output: OutputOption
  @OptionGroup var format: FormatOption

  func run() throws {
    try output.check()
    let file = try registry.open(for: .read).revocationsFile()
    try output.write(file, cure: "name another file with --out")
    output.show(file, format.format)
  }
}
