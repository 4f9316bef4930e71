internal import ArgumentParser
internal import Billing
internal import Gateway
internal import Platform
internal import Sealing
internal import Terminal

/// Shows a statement, and seals it where the gateway's key is given.
struct StatementShow: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show",
    abstract: "Show the statement of a license's line and a month, final or as of now.",
    discussion: """
      A final statement is shown as it was made; another is computed as of now. Without --key nothing is \
      sealed anew. With it, dates that are due are closed first, --format json shows the sealed \
      statement beside its payload, and --out writes it to a file.

      Example: tally-gateway statement show --license lic_0192f0c1 --month 2026-11 \
      --state /var/lib/tally-gateway --format json
      """)

  @OptionGroup var source: StatementSource

  @Option(help: ArgumentHelp("Where to write the sealed statement.", valueName: "file"))
  var out: String?

  @Option(help: "How to write it.")
  var format: Format = .text

  func run() async throws {
    let (shown, _) = try await source.read()
    guard let out else {
      switch format {
      case .text: Output.data(StatementText.text(shown.statement))
      case .json: Output.data(shown.json)
      }
      return
    }
    let block = ArmourBlock(kind: .statement, document: try shown.requireSealed())
    try Files.replace(out, with: Array(Armour.write([block]).utf8))
    if format == .json {
      return Output.data(["out": .string(out), "statement": shown.statement.json])
    }
    Output.talk(
      "tally-gateway: wrote the sealed statement to \(out)", "tally-gateway: 已将签名的账单写入 \(out)")
  }
}

extension ShownStatement {
  /// - Throws: ``CommandError`` where nothing was sealed.
  func requireSealed() throws(CommandError) -> String {
    guard let sealed else {
      throw CommandError(
        .usage,
        "only a sealed statement is written to a file: give --key, or make the statement final")
    }
    return sealed
  }
}
