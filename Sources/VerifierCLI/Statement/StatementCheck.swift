internal import ArgumentParser
internal import Billing
internal import Libcrypto
internal import Licensing
internal import Platform
internal import Sealing
internal import StartupCheck
internal import Terminal
internal import Verifier

/// Verifies a statement's seal and that its totals are the sums of its lines; with an installation's
/// folder it computes the installation's own lines anew.
struct StatementCheck: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Verify a statement's seal and totals, and compute this installation's lines anew.",
    discussion: """
      With --state the lines and corrections of this installation are computed anew from its own ledger \
      and licenses, and the first that differs is named; what one installation cannot tell is said. \
      Without it only seal and totals are verified: then the keysets may stand in the statement's file, \
      in a keyset file, or in the standing.

      Exit status: 0 it is the vendor's and adds up, 1 it is not or differs, 2 it cannot be told.

      Example: tally-verifier statement check november.tally --state /var/lib/tally-verifier

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

  @Option(help: "How to write what it comes to.")
  var format: VerdictFormat = .text

  @OptionGroup var options: StateOptions

  func run() async throws {
    let settings = try options.read()
    guard settings.string("state") != nil, standing == nil else { return try checkAlone() }
    try await checkWithLedger(try options.surroundings(settings))
  }

  private func checkWithLedger(_ surroundings: Surroundings) async throws {
    var bytes = try Files.read(file, maximum: Statement.kind.maximumFile)
    if let keyset { bytes = Self.joined(bytes, try Files.read(keyset)) }
    let json = try await VerifierApplication.withDesk(
      surroundings, mayBegin: false, patience: .seconds(90), logger: StateOptions.quietLogger,
      direct: { [bytes, file] desk throws(VerifierError) in
        try await desk.check(statement: bytes, source: file).json
      },
      served: { [bytes, file] client throws(VerifierError) in
        try await client.check(statement: bytes, source: file)
      })
    switch format {
    case .json: Output.data(json)
    case .text: Output.data(StatementWords.checked(json))
    }
    if let difference = json["difference"] {
      throw CommandError(.refused, StatementWords.difference(difference))
    }
  }

  /// Blocks of armour one after the other; a bare statement is put into armour first.
  private static func joined(_ statement: [UInt8], _ keyset: [UInt8]) -> [UInt8] {
    guard let blocks = try? Armour.read(statement), let more = try? Armour.read(keyset) else {
      return statement
    }
    return Array(Armour.write(blocks + more).utf8)
  }

  private func checkAlone() throws {
    let root = options.trustRoot ?? ProcessEnvironment.all()["TALLY_TRUST_ROOT"]
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
    var blocks = try Armour.read(try Files.read(file, maximum: Statement.kind.maximumFile))
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
    let statement = try trust.open(Array(block.document.utf8), as: Statement.self).payload
    try statement.requireDecided(under: trust)
    return statement
  }

  private static func text(_ statement: Statement) -> String {
    Language.spoken.say(
      "the seal is the vendor's, and the totals are the sums of the lines", "签名是供应商的，合计等于各行之和")
      + "\n"
      + StatementWords.summary(StatementWords.Heading(statement), totals: statement.totals)
  }
}
