internal import ArgumentParser
internal import CivilTime
internal import Gateway
internal import Licensing
internal import Sealing
internal import Terminal

/// Lists installations and what they said last.
struct InstallationList: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list",
    abstract: "List the installations: their chain, and the newest date's peak so far.",
    discussion: """
      Example: tally-gateway installation list --state /var/lib/tally-gateway --line \
      lin_0192f0c1 --format json
      """)

  @Option(help: ArgumentHelp("Only those of one line.", valueName: "line"))
  var line: LineID?

  @Option(help: "How to write them.")
  var format: Format = .text

  @OptionGroup var state: StateOptions

  func run() async throws {
    let store = try await state.openStore()
    let trust = try await GatewayState.trust(of: store)
    let service = InstallationService(store: store, shelf: LicenseShelf(store, trust))
    var all: [JSONValue] = []
    var cursor: Thumbprint?
    repeat {
      let (page, next) = try await service.page(line: line, after: cursor)
      all += page
      cursor = next
    } while cursor != nil
    await store.close()
    switch format {
    case .json: Output.data(.array(all))
    case .text: Output.data(Self.table(all).text)
    }
  }

  private static func table(_ installations: [JSONValue]) -> TextTable {
    var table = TextTable(
      ["INSTALLATION", "LINE", "DATE", "PEAK", "ONLINE", "RECORDS", "RECEIPTS", "HEARD", "STATE"],
      ["安装", "系列", "日期", "峰值", "在线", "记录", "回执", "最近上报", "状态"])
    for value in installations {
      func text(_ name: String) -> String {
        value[name]?.string ?? value[name]?.integer.map { String($0) } ?? "-"
      }
      table.add([
        text("installation"), text("line"), text("date"), text("peak"), text("online"),
        text("records"), text("receipts"), value["heard_at"]?.integer.map(UTC.text) ?? "-",
        InstallationText.standing(value).spoken,
      ])
    }
    return table
  }
}
