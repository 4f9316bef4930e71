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
    var lines = [
      "the ledger of \(json["installation"]?.string ?? "") is "
        + (isWhole ? "whole" : "damaged; up to there:"),
      "records   \(number("records")), \(number("dates")) of them closed a date",
      "receipts  \(number("receipts"))",
      "evidence  \(number("evidence_roots")) roots recomputed from the leaves kept",
      "open      \(json["open_date"]?.string ?? "no date is being counted")",
    ]
    if number("attested") != "0" {
      lines.append("attested  \(number("attested")) records by a later seal only")
    }
    if number("receipts_of_revoked_keys") != "0" {
      lines.append("revoked   \(number("receipts_of_revoked_keys")) receipts of revoked keys")
    }
    for (member, label) in [("evidence_dropped", "dropped"), ("evidence_lost", "lost   ")] {
      guard case .array(let dates)? = json[member], let first = dates.first else { continue }
      lines.append(
        "\(label)   evidence of \(dates.count) dates, first \(first.string ?? ""): counted, but not "
          + "to be explained any more")
    }
    return lines.joined(separator: "\n")
  }
}
