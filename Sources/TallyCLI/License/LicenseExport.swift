internal import ArgumentParser
internal import Authority
internal import Licensing
internal import Sealing
internal import Terminal

/// Writes a license's file again.
struct LicenseExport: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export", abstract: "Write the file of a license again, with the newest keyset.",
    discussion: "Example: tally license export lic_... --out acme.license --registry /srv/registry")

  @Argument(help: ArgumentHelp("The license.", valueName: "lic_..."))
  var license: LicenseID

  @OptionGroup var registry: RegistryOptions
  @OptionGroup var output: OutputOption
  @OptionGroup var format: FormatOption

  func run() throws {
    try output.check()
    let file = try registry.open(for: .read).file(of: license)
    try output.write(file, cure: "name another file with --out")
    output.show(file, format.format, [JSONMember("jti", license.json)])
  }
}
