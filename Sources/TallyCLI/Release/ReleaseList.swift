internal import ArgumentParser
internal import Authority
internal import CivilTime
internal import Licensing
internal import Sealing
internal import Terminal

/// Lists releases.
struct ReleaseList: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List the releases that were signed.",
    discussion: "Example: tally release list --registry /srv/registry --format json")

  @OptionGroup var registry: RegistryOptions
  @OptionGroup var format: FormatOption

  func run() throws {
    let releases = try registry.open(for: .read).registry.releases()
    switch format.format {
    case .json: Output.data(.array(releases.map(\.json)))
    case .text:
      var table = TextTable(
        ["PRODUCT", "VERSION", "RELEASED", "COVERED AS OF", "COMMIT"],
        ["产品", "版本", "发布日期", "覆盖按此日期", "提交"])
      for issued in releases {
        let release = issued.release
        table.add([
          release.product, release.version, release.released.description,
          release.coveredAsOf?.description ?? "-", release.commit ?? "-",
        ])
      }
      Output.data(table.text)
    }
  }
}
