internal import ArgumentParser
internal import Billing
internal import Gateway
internal import Platform
internal import Sealing
internal import Terminal

extension StatementFormat: ExpressibleByArgument {}

/// Writes a statement for other programs and for the customer.
struct StatementExport: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Write a statement as a file: sealed, JSON, CSV or FOCUS 1.2.",
    discussion: """
      jws is the sealed statement with the vendor's keysets, for the customer to check with \
      tally-verifier statement check: it needs --key, or a statement that is final. csv is a table for \
      spreadsheets, with a row for each line and correction. focus is a table of charges in the columns \
      of the FinOps Open Cost and Usage Specification 1.2. json is the payload.

      Without --out the file goes to standard output.

      Example: tally-gateway statement export --license lic_0192f0c1 --month 2026-11 \
      --state /var/lib/tally-gateway --format csv --out november.csv

      Example: tally-gateway statement export --line lin_0192f0c1 --month 2026-11 \
      --state /var/lib/tally-gateway --format jws --out november.tally
      """)

  @OptionGroup var source: StatementSource

  @Option(help: "What to write.")
  var format: StatementFormat

  @Option(help: ArgumentHelp("The file to write.", valueName: "file"))
  var out: String?

  func run() async throws {
    let (shown, keysets) = try await source.read()
    let statement = shown.statement
    if format == .json && out == nil { return Output.data(statement.json) }
    let sealed = format == .jws ? try shown.requireSealed() : ""
    let file = statement.file(
      as: format, sealed: sealed, keysets: keysets, in: try ZoneFiles.load(statement.zone))
    guard let out else { return Output.file(file) }
    try Files.replace(out, with: file)
    Output.talk(
      "tally-gateway: wrote the statement of \(statement.month) to \(out)",
      "tally-gateway: 已将 \(statement.month) 的账单写入 \(out)")
  }
}
