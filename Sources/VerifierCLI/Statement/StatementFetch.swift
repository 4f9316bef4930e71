internal import ArgumentParser
internal import Billing
internal import Licensing
internal import Platform
internal import Sealing
internal import Terminal
internal import Verifier

extension Month: ExpressibleByArgument {
  package init?(argument: String) { self.init(argument) }
}

/// How a statement that was brought is written.
enum FetchFormat: String, ExpressibleByArgument, CaseIterable {
  /// What it comes to.
  case text
  case json
  case csv
  case focus
  case jws

  /// The form of its file, nil for words.
  var file: StatementFormat? { StatementFormat(rawValue: rawValue) }
}

/// Brings the sealed statement of the installation's own line from the vendor's gateway.
struct StatementFetch: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fetch",
    abstract: "Bring the sealed statement of a month from the vendor's gateway.",
    discussion: """
      The installation asks with its own key, and gets the statement of its own license line: final where \
      it is, else as of now. Seal, line and month are verified before anything is written. While serve \
      runs it is asked to bring it.

      jws, the usual form with --out, is the sealed statement with the vendor's keysets, as it came; csv \
      is a table for spreadsheets, focus one of charges (FinOps Open Cost and Usage Specification 1.2), \
      json the payload. Where the license reports by file nothing dials: ask the vendor for the file.

      Exit status: 0 it is there, 1 the gateway refused, 2 it could not be reached or believed.

      Example: tally-verifier statement fetch --month 2026-11 --state /var/lib/tally-verifier \
      --out november.tally
      """)

  @OptionGroup var options: StateOptions

  @Option(help: ArgumentHelp("The month.", valueName: "YYYY-MM"))
  var month: Month

  @Option(help: "How to write it; text, and with --out jws, unless said otherwise.")
  var format: FetchFormat?

  @Option(help: ArgumentHelp("The file to write.", valueName: "file"))
  var out: String?

  func validate() throws {
    if out != nil && format == .text {
      throw ValidationError("--format text is no file: name json, csv, focus or jws")
    }
  }

  func run() async throws {
    let surroundings = try options.surroundings(try options.read())
    let fetched = try await VerifierApplication.withDesk(
      surroundings, mayBegin: false, patience: .seconds(90), logger: StateOptions.quietLogger,
      direct: { [month] desk throws(VerifierError) in try await desk.statement(of: month) },
      served: { [month] client throws(VerifierError) in try await client.statement(of: month) })
    try write(fetched)
  }

  private func write(_ fetched: FetchedStatement) throws {
    let statement = fetched.statement
    let words = StatementWords.summary(
      StatementWords.Heading(statement), totals: statement.totals)
    guard let form = (format ?? (out == nil ? .text : .jws)).file else {
      return Output.data(words)
    }
    if form == .json && out == nil { return Output.data(statement.json) }
    let file = statement.file(
      as: form, sealed: fetched.jws, keysets: fetched.keysets,
      in: try ZoneFiles.load(statement.zone))
    guard let out else { return Output.file(file) }
    try Files.replace(out, with: file)
    Output.talk(
      "tally-verifier: wrote the statement of \(statement.month) to \(out)",
      "tally-verifier: 已将 \(statement.month) 的账单写入 \(out)")
    Output.data(words)
  }
}
