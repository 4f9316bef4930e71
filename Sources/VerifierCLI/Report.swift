internal import ArgumentParser
internal import Licensing
internal import Sealing
internal import Terminal
internal import Verifier

/// The daily job: sends what has no receipt yet.
struct Report: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Send what has no receipt yet, and record that it ran.",
    discussion: """
      Safe to run at any time and any number of times: what the gateway has is not sent again. Each \
      run is recorded with its result; status shows the latest. While serve runs it is asked to \
      report; while another report runs this one waits for it.

      Exit status: 0 everything has a receipt, or the license reports nothing by network; 1 the \
      gateway refused; 2 it could not be reached, or could not answer now.

      Example: tally-verifier report --state /var/lib/tally-verifier
      """)

  @OptionGroup var options: StateOptions

  @Option(help: "How to write the result.")
  var format: OutputFormat = .text

  func run() async throws {
    let surroundings = try options.surroundings(try options.read())
    let json = try await VerifierApplication.withDesk(
      surroundings, mayBegin: false, patience: .seconds(90), logger: StateOptions.quietLogger,
      direct: { desk throws(VerifierError) in try await desk.report().json },
      served: { client throws(VerifierError) in try await client.report() })
    format.write(json) { json in
      let records = json["records"]?.integer ?? 0
      let code = json["outcome"]?.string ?? "UNKNOWN"
      return Language.spoken.say(
        "\(code): \(records) records sent", "\(code)：已发送 \(records) 条记录")
    }
    try OutcomeStatus.require(json)
  }
}
