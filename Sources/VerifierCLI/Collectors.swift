internal import ArgumentParser
internal import CivilTime
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
    var rows = [["KIND", "IDENTITY", "WEIGHT", "ONLINE", "LAST SEEN", "FIRST SEEN", "VERSION", ""]]
    rows += collectors.map(row)
    let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    var lines = rows.map { row in
      let cells = zip(row, widths).map { cell, width in
        cell + String(repeating: " ", count: width - cell.count)
      }
      let line = cells.joined(separator: "  ")
      return line.lastIndex { $0 != " " }.map { String(line[...$0]) } ?? ""
    }
    if let next = json["next"]?.string { lines.append("more: --after \(Printable.line(next))") }
    return lines.joined(separator: "\n")
  }

  private static func row(_ value: JSONValue) -> [String] {
    var remarks: [String] = []
    if let returns = value["suspected_pair"]?["returns"]?.integer {
      remarks.append("two collectors? came back \(returns) times")
    }
    if let refused = value["refused_at"]?.integer { remarks.append("refused \(time(refused))") }
    return [
      text(value, "kind"), text(value, "identity"),
      value["weight"]?.integer.map { String($0) } ?? "-",
      value["online"] == .bool(true) ? "yes" : "no",
      value["last_seen"]?.integer.map(time) ?? "-", value["first_seen"]?.integer.map(time) ?? "-",
      text(value, "version"), remarks.joined(separator: ", "),
    ]
  }

  private static func time(_ instant: Int64) -> String { UTC.text(instant) }

  private static func text(_ value: JSONValue, _ name: String) -> String {
    value[name]?.string.map(Printable.line) ?? "-"
  }
}
