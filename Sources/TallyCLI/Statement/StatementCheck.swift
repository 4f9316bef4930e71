internal import ArgumentParser
internal import Billing
internal import Licensing
internal import Platform
internal import Sealing
internal import Terminal

/// What the gateway wrote, looked at by the office.
struct StatementGroup: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "statement", abstract: "Look at the statements that the gateway wrote.",
    discussion: "Example: tally statement check november.tally",
    subcommands: [StatementCheck.self])
}

/// Verifies a statement's seal and that its totals are the sums of its lines.
struct StatementCheck: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Verify a statement's seal and totals, and show what it comes to.",
    discussion: """
      The keysets may stand in the statement's file, in a keyset file, or in the registry. Lines are \
      computed anew by whoever has the records: tally-gateway statement explain, and for the customer \
      tally-verifier statement check.

      Exit status: 0 a gateway of the vendor sealed it and it adds up; 1 it is not so; 2 it cannot be told.

      Example: tally statement check november.tally --trust-root root.jwks
      """)

  @Argument(help: ArgumentHelp("The statement's file.", valueName: "file"))
  var file: String

  @Option(
    help: ArgumentHelp(
      "A file with the vendor's keysets, if the statement's has none.", valueName: "file"))
  var keyset: String?

  @Option(
    help: ArgumentHelp(
      "The vendor's root.jwks; else TALLY_TRUST_ROOT, else the registry's.", valueName: "file"))
  var trustRoot: String?

  @OptionGroup var registry: RegistryOptions
  @OptionGroup var format: FormatOption

  func run() throws {
    let statement: Statement
    do {
      statement = try StatementOpener(
        keyset: keyset, trustRoot: trustRoot, registry: registry
      ).open(file)
    } catch let refusal as Refusal {
      throw CommandError(.refused, "\(file): \(refusal)", refusal: refusal)
    }
    switch format.format {
    case .json: Output.data(statement.json)
    case .text: Output.data(Self.text(statement))
    }
  }

  private static func text(_ statement: Statement) -> String {
    let language = Language.spoken
    let (status, count) = (statement.status.rawValue, statement.lines.count)
    let corrections = statement.corrections.count
    var lines = [
      language.say(
        "the seal is a gateway's of the vendor, and the totals are the sums of the lines",
        "签名来自供应商的网关，合计等于各行之和"),
      language.say(
        "\(statement.customer), \(statement.line), \(statement.month): \(status), \(count) lines, "
          + "\(corrections) corrections, ledger position \(statement.position)",
        "\(statement.customer)，\(statement.line)，\(statement.month)：\(status)，\(count) 行，"
          + "\(corrections) 项更正，账本位置 \(statement.position)"),
    ]
    for total in statement.totals {
      let amount = "\(total.currency) \(MinorUnits.text(total.amount, total.currency))"
      lines.append(
        language.say(
          "\(amount) for \(total.quantity) collector-days", "\(amount)，共 \(total.quantity) 采集器日"))
    }
    return lines.map(Printable.line).joined(separator: "\n")
  }
}
