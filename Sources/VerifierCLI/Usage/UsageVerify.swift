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
      the open date. Changes nothing. While serve runs it is asked to do it and counts on meanwhile.

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
        ? row.say("the ledger of \(installation) is whole", "\(installation) 的用量账本完好")
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
    return lines.joined(separator: "\n")
  }
}
