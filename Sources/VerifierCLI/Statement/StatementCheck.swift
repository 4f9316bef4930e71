internal import ArgumentParser
internal import Billing
internal import Libcrypto
internal import Licensing
internal import Platform
internal import Sealing
internal import StartupCheck
internal import Terminal

/// What the vendor bills, looked at by the customer.
struct StatementGroup: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "statement",
    abstract: "Look at the vendor's statements.",
    discussion: "Example: tally-verifier statement check november.tally",
    subcommands: [StatementCheck.self])
}

/// Verifies a statement's seal and that its totals are the sums of its lines.
struct StatementCheck: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Verify a statement's seal and totals, and show what it comes to.",
    discussion: """
      The keysets may stand in the statement's file, in a keyset file, or in the standing.

      Exit status: 0 it is the vendor's and adds up, 1 it is not, 2 it cannot be told.

      Example: tally-verifier statement check november.tally --standing /var/lib/tally/standing
      """)

  @Argument(help: ArgumentHelp("The statement's file.", valueName: "file"))
  var file: String

  @Option(
    name: .customLong("keyset"),
    help: ArgumentHelp("A file with the vendor's keysets.", valueName: "file"))
  var keyset: String?

  @Option(
    help: ArgumentHelp("The file that the running verifier keeps.", valueName: "file"))
  var standing: String?

  @Option(
    help: ArgumentHelp(
      "The vendor's root.jwks, in a build without a root; else TALLY_TRUST_ROOT.",
      valueName: "file"))
  var trustRoot: String?

  @Option(help: "How to write what it comes to.")
  var format: VerdictFormat = .text

  @OptionGroup var language: LanguageOption

  func run() throws {
    let root = trustRoot ?? ProcessEnvironment.all()["TALLY_TRUST_ROOT"]
    let anchor = try TrustAnchor(file: root)
    if let announcement = anchor.announcement {
      Output.talk("tally-verifier: \(announcement.spoken)")
    }
    do {
      let statement = try open(try blocks(), anchor)
      switch format {
      case .json: Output.data(statement.json)
      case .text: Output.data(Self.text(statement))
      }
    } catch let refusal as Refusal {
      throw CommandError(.refused, "\(file): \(refusal)", refusal: refusal)
    }
  }

  private func blocks() throws -> [ArmourBlock] {
    var blocks = try Armour.read(try Files.read(file))
    if let keyset { blocks += try Armour.read(try Files.read(keyset)) }
    if let standing, case .document(let document) = try StandingFile(standing).read() {
      blocks += document.keysets.map { ArmourBlock(kind: .keyset, document: $0) }
    }
    return blocks
  }

  private func open(_ blocks: [ArmourBlock], _ anchor: TrustAnchor) throws(Refusal) -> Statement {
    let trust = try TrustSet.establish(
      roots: anchor.roots, keysets: blocks.filter { $0.kind == .keyset }.map(\.document),
      using: LibcryptoProvider())
    guard let block = blocks.first(where: { $0.kind == .statement }) else {
      throw Refusal(.wrongKind, "the file holds no statement")
    }
    return try trust.open(Array(block.document.utf8), as: Statement.self).payload
  }

  private static func text(_ statement: Statement) -> String {
    let language = Language.spoken
    let (status, count) = (statement.status, statement.lines.count)
    var lines = [
      language.say(
        "the seal is the vendor's, and the totals are the sums of the lines",
        "签名是供应商的，合计等于各行之和"),
      language.say(
        "\(statement.customer), \(statement.line), \(statement.month): \(status.rawValue), "
          + "\(count) lines, ledger position \(statement.position)",
        "\(statement.customer)，\(statement.line)，\(statement.month)：\(status.rawValue)，\(count) 行，"
          + "账本位置 \(statement.position)"),
    ]
    for total in statement.totals {
      let amount = "\(total.currency) \(total.amount)"
      lines.append(
        language.say(
          "\(amount) in minor units for \(total.quantity) collector-days",
          "\(amount)（最小货币单位），共 \(total.quantity) 采集器日"))
    }
    return lines.map(Printable.line).joined(separator: "\n")
  }
}
