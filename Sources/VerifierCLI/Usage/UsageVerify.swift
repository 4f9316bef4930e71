internal import ArgumentParser
internal import Sealing
internal import Terminal
internal import Verifier

/// Re-derives the whole ledger from its bytes.
struct UsageVerify: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify", abstract: "Check the whole ledger, from the first record on.",
    discussion: """
      Goes through every record: its bytes, its seal or a later one that attests it, its place, the \
      dates without holes between them, peaks that never fall. Then every receipt under the vendor's \
      keys, the evidence root of every closed date from the leaves that are kept, and what is kept of \
      the open date. The bounds of dates are held against the time zone data of the system; what differs \
      is said, and is no damage, for zones do change. Changes nothing. While serve runs it is asked to \
      do it and counts on meanwhile.

      Exit status: 0 whole; 1 something is wrong, and the first thing is named with what to do; 2 it \
      cannot be told.

      Example: tally-verifier usage verify --state /var/lib/tally-verifier
      """)

  @OptionGroup var options: StateOptions

  @Option(help: "How to write it.")
  var format: OutputFormat = .text

  func run() async throws {
    let surroundings = try options.surroundings(try options.read())
    let json: JSONValue
    do throws(VerifierError) {
      json = try await VerifierApplication.withDesk(
        surroundings, mayBegin: false, logger: StateOptions.quietLogger,
        direct: { desk throws(VerifierError) in try await desk.review() },
        served: { client throws(VerifierError) in try await client.review() })
    } catch {
      guard error.code == .ledgerUnusable else { throw error }
      throw CommandError(.refused, error.message, chinese: error.chinese)
    }
    format.write(json, text: Self.text)
    guard let finding = json["finding"] else { return }
    throw CommandError(
      .refused,
      "\(Self.place(finding)): \(finding["what"]?.string ?? ""); "
        + (finding["cure"]?.string ?? ""), chinese: VerifierError.Code.ledgerUnusable.chinese)
  }

  private static func place(_ finding: JSONValue) -> String {
    let seq = finding["seq"]?.integer
    return switch finding["place"]?.string {
    case "record": "record \(seq ?? 0)"
    case "receipt": "the receipt of record \(seq ?? 0)"
    case "evidence": "the evidence of record \(seq ?? 0)"
    case "journal": "the journal"
    default: "the ledger"
    }
  }

  private static func text(_ json: JSONValue) -> String {
    func number(_ name: String) -> String { json[name]?.integer.map { String($0) } ?? "0" }
    let isWhole = json["whole"] == .bool(true)
    let row = TextRow(width: 10)
    let installation = json["installation"]?.string ?? ""
    var lines = [
      isWhole
        ? row.say(
          "the ledger of \(installation) is whole\(json["other_bounds"] == nil ? "" : ", but see zone")",
          "\(installation) 的用量账本完好\(json["other_bounds"] == nil ? "" : "，但请看“时区”")")
        : row.say(
          "the ledger of \(installation) is damaged; up to there:",
          "\(installation) 的用量账本已损坏；到损坏处为止："),
      row.text(
        "records", "记录", "\(number("records")), \(number("dates")) of them closed a date",
        "\(number("records")) 条，其中 \(number("dates")) 条结束了一个日期"),
      row.text("receipts", "回执", number("receipts")),
      row.text(
        "evidence", "证据", "\(number("evidence_roots")) roots recomputed from the leaves kept",
        "由保留的叶子重算了 \(number("evidence_roots")) 个根"),
      row.text(
        "open", "计数中", json["open_date"]?.string ?? "no date is being counted",
        json["open_date"]?.string ?? "没有正在计数的日期"),
    ]
    if number("attested") != "0" {
      lines.append(
        row.text(
          "attested", "佐证", "\(number("attested")) records by a later seal only",
          "\(number("attested")) 条记录仅由后来的签名佐证"))
    }
    if number("receipts_of_revoked_keys") != "0" {
      let count = number("receipts_of_revoked_keys")
      lines.append(
        row.text("revoked", "已吊销", "\(count) receipts of revoked keys", "\(count) 份回执的密钥已被吊销"))
    }
    for (member, english, chinese) in [
      ("evidence_dropped", "dropped", "已过期"), ("evidence_lost", "lost", "已丢失"),
    ] {
      guard case .array(let dates)? = json[member], let first = dates.first?.string else {
        continue
      }
      lines.append(
        row.text(
          english, chinese,
          "evidence of \(dates.count) dates, first \(first): counted, but not to be explained any "
            + "more", "\(dates.count) 个日期的证据，最早为 \(first)：已计数，但不能再说明"))
    }
    return (lines + ZoneText.lines(json)).joined(separator: "\n")
  }
}

/// What is said of dates whose bounds are not those of this machine's zone data.
private enum ZoneText {
  private static let row = TextRow(width: 10)

  static func lines(_ json: JSONValue) -> [String] {
    var lines: [String] = []
    if case .array(let names)? = json["zones_unknown"] {
      let zones = names.compactMap(\.string).joined(separator: ", ")
      lines.append(
        row.text(
          "zone", "时区", "\(zones) is not on this machine: the dates were not held against it",
          "本机没有 \(zones)：未核对日期边界"))
    }
    guard let count = json["other_bounds"]?.integer, count > 0,
      case .array(let first)? = json["other_bounds_first"]
    else { return lines }
    lines.append(
      row.text(
        "zone", "时区",
        "\(count) records have other bounds of their date than this machine's zone data: update tzdata "
          + "here and where they were counted; if both are up to date, the zone data was changed there",
        "\(count) 条记录的日期边界与本机的时区数据不同：请更新本机和计数机器上的 tzdata；若都已是最新，"
          + "则计数机器的时区数据被改动过"))
    return lines + first.map(line)
  }

  private static func line(_ value: JSONValue) -> String {
    func utc(_ value: JSONValue?) -> String { value?["utc"]?.string ?? "-" }
    let seq = value["seq"]?.integer ?? 0
    let date = value["date"]?.string ?? "-"
    let zone = value["zone"]?.string ?? "-"
    let told = utc(value["from"]) + (value["to"].map { " – " + utc($0) } ?? "")
    let here = "\(utc(value["here"]?["from"])) – \(utc(value["here"]?["to"]))"
    return row.say(
      "  record \(seq), \(date) in \(zone): \(told); here \(here)",
      "  第 \(seq) 条记录，\(zone) 的 \(date)：\(told)；本机为 \(here)")
  }
}
