internal import ArgumentParser
internal import Licensing
internal import Terminal
internal import Verifier

/// Shows where an installation stands.
struct Status: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show license, verdict, ledger, receipts and the latest reports.",
    discussion: """
      The verdict needs to know what runs: give --release and --running, unless serve runs and has \
      them.

      Example: tally-verifier status --state /var/lib/tally-verifier --format json
      """)

  @OptionGroup var options: StateOptions

  @Option(help: ArgumentHelp("The release file of the install package.", valueName: "file"))
  var release: String?

  @Option(help: ArgumentHelp("What runs: VERSION or VERSION@COMMIT.", valueName: "version"))
  var running: String?

  @Option(
    help: ArgumentHelp(
      "How many of the latest attempts to report are shown, 0 to 500.", valueName: "number"))
  var runs = ControlDesk.shownRuns

  @Option(help: "How to write it.")
  var format: OutputFormat = .text

  func run() async throws {
    let language = Language.spoken
    guard ControlDesk.runs.contains(runs) else {
      throw CommandError(
        .usage, "--runs must be a whole number from 0 to \(ControlDesk.runs.upperBound)")
    }
    let settings = try options.read(["release": release, "running": running])
    let json = try await VerifierApplication.withDesk(
      try options.surroundings(settings), mayBegin: false, logger: StateOptions.quietLogger,
      direct: { desk throws(VerifierError) in try await desk.status(runs: runs) },
      served: { client throws(VerifierError) in try await client.status(runs: runs) })
    format.write(json) { StatusText.text($0, in: language) }
  }
}
