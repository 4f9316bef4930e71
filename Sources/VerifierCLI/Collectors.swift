internal import ArgumentParser
internal import CivilTime
internal import Licensing
internal import Platform
internal import Sealing
internal import Terminal
internal import Verifier

/// Shows who is there.
struct Collectors: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show the collectors that were seen, to check the bill against.",
    discussion: """
      In order of kind and identity, a page at a time; --after goes on where a page ended. While serve \
      does not run, nobody is online.

      Example: tally-verifier collectors --state /var/lib/tally-verifier --kind datakit --online
      """)

  @OptionGroup var options: StateOptions

  @Option(help: ArgumentHelp("Only this kind, such as datakit.", valueName: "kind"))
  var kind: String?

  @Option(help: ArgumentHelp("Only this host.", valueName: "host"))
  var host: String?

  @Option(help: ArgumentHelp("Only identities that begin so.", valueName: "text"))
  var prefix: String?

  @Flag(help: "Only those that are online.")
  var online = false

  @Flag(help: "Only those that are not online.")
  var offline = false

  @Option(help: ArgumentHelp("How many at most, 1 to 1000; 100 by default.", valueName: "number"))
  var limit: Int?

  @Option(help: ArgumentHelp("What the page before ended with.", valueName: "cursor"))
  var after: String?

  @Option(help: "How to write it.")
  var format: OutputFormat = .text

  func run() async throws {
    let query = try query()
    let json = try await VerifierApplication.withDesk(
      try options.surroundings(try options.read()), mayBegin: false,
      logger: StateOptions.quietLogger,
      direct: { desk throws(VerifierError) in try await desk.collectors(query) },
      served: { client throws(VerifierError) in try await client.collectors(query) })
    format.write(json, text: CollectorsText.text)
  }

  private func query() throws(CommandError) -> InventoryQuery {
    guard !(online && offline) else {
      throw CommandError(.usage, "--online and --offline exclude each other: give one")
    }
    var query = InventoryQuery()
    query.kind = kind
    query.host = host
    query.prefix = prefix ?? ""
    query.isOnline = online ? true : offline ? false : nil
    query.limit = limit ?? query.limit
    guard (1...InventoryQuery.most).contains(query.limit) else {
      throw CommandError(.usage, "--limit must be a number from 1 to \(InventoryQuery.most)")
    }
    guard query.go(behind: after) else {
      throw CommandError(.usage, "--after must be what the page before ended with")
    }
    return query
  }
}

/// The text of `collectors`: one line for each.
enum CollectorsText {
  static func text(_ json: JSONValue) -> String {
    guard case .array(let collectors)? = json["collectors"] else { return "" }
    var rows = [
      Language.spoken == .english
        ? ["KIND", "IDENTITY", "WEIGHT", "ONLINE", "LAST SEEN", "FIRST SEEN", "VERSION", ""]
        : ["种类", "标识", "权重", "在线", "最近一次", "首次", "版本", ""]
    ]
    rows += collectors.map(row)
    let widths = rows[0].indices.map { column in
      rows.map { TextWidth.columns($0[column]) }.max() ?? 0
    }
    var lines = rows.map { row in
      let cells = zip(row, widths).map { cell, width in TextWidth.padded(cell, to: width) }
      let line = cells.joined(separator: "  ")
      return line.lastIndex { $0 != " " }.map { String(line[...$0]) } ?? ""
    }
    if let next = json["next"]?.string {
      let flag = "--after \(Printable.line(next))"
      lines.append(Language.spoken.say("more: \(flag)", "还有更多：\(flag)"))
    }
    return lines.joined(separator: "\n")
  }

  private static func row(_ value: JSONValue) -> [String] {
    var remarks: [String] = []
    if let returns = value["suspected_pair"]?["returns"]?.integer {
      remarks.append(
        say("two collectors? came back \(returns) times", "疑为两个采集器？往返 \(returns) 次"))
    }
    if let refused = value["refused_at"]?.integer {
      remarks.append(say("refused \(time(refused))", "拒绝于 \(time(refused))"))
    }
    return [
      text(value, "kind"), text(value, "identity"),
      value["weight"]?.integer.map { String($0) } ?? "-",
      value["online"] == .bool(true) ? say("yes", "是") : say("no", "否"),
      value["last_seen"]?.integer.map(time) ?? "-", value["first_seen"]?.integer.map(time) ?? "-",
      text(value, "version"), remarks.joined(separator: say(", ", "，")),
    ]
  }

  private static func say(
    _ english: @autoclosure () -> String, _ chinese: @autoclosure () -> String
  ) -> String {
    Language.spoken.say(english(), chinese())
  }

  private static func time(_ instant: Int64) -> String { UTC.text(instant) }

  private static func text(_ value: JSONValue, _ name: String) -> String {
    value[name]?.string.map(Printable.line) ?? "-"
  }
}
