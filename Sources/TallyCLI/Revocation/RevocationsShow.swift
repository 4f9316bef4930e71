internal import ArgumentParser
internal import Authority
internal import CivilTime
internal import Licensing
internal import Sealing
internal import Terminal

/// Shows the revocations.
struct RevocationsShow: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Show the licenses that the newest revocations name.",
    discussion: "Example: tally revocations show --registry /srv/registry --format json")

  @OptionGroup var registry: RegistryOptions
  @OptionGroup var format: FormatOption

  func run() throws {
    let newest = try registry.open(for: .read).registry.newestRevocations()
    switch format.format {
    case .json: Output.data(newest?.json ?? .null)
    case .text:
      var table = TextTable(["LICENSE", "AT", "REASON"], ["许可证", "时刻", "原因"])
      for entry in newest?.revocations.revoked ?? [] {
        table.add([entry.jti.text, UTC.text(entry.at), entry.reason])
      }
      Output.data(table.text)
    }
  }
}
