internal import ArgumentParser
internal import Authority
internal import CivilTime
internal import Licensing
internal import Sealing
internal import Terminal

/// Lists licenses.
struct LicenseList: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List the licenses.",
    discussion: "Example: tally license list --customer cus_... --registry /srv/registry")

  @Option(help: ArgumentHelp("Those of one customer.", valueName: "cus_..."))
  var customer: CustomerID?

  @Option(help: ArgumentHelp("Those of one line.", valueName: "lin_..."))
  var line: LineID?

  @OptionGroup var registry: RegistryOptions
  @OptionGroup var format: FormatOption

  func run() throws {
    let licenses = try registry.open(for: .read).registry.licenses().filter { issued in
      (customer == nil || issued.license.sub == customer)
        && (line == nil || issued.license.line == line)
    }
    switch format.format {
    case .json: Output.data(.array(licenses.map(\.json)))
    case .text:
      var table = TextTable([
        "LICENSE", "LINE", "REVISION", "EDITION", "FROM", "THROUGH", "STATE", "CUSTOMER",
      ])
      for issued in licenses {
        let license = issued.license
        let dates = license.term ?? license.maintenance
        table.add([
          license.jti.text, license.line.text, String(license.revision), license.edition.rawValue,
          dates?.from.description ?? "-", dates?.through.description ?? "-",
          issued.state.rawValue, Printable.text(license.customer),
        ])
      }
      Output.data(table.text)
    }
  }
}
