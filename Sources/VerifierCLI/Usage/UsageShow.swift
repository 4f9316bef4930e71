internal import ArgumentParser
internal import Terminal
internal import Verifier

/// Shows today's count, or an earlier date's, and the dates before.
struct UsageShow: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Show a date's peak and the dates closed before.",
    discussion: """
      Dates are dates of the license's time zone. Without --day it is the date that is being \
      counted.

      Example: tally-verifier usage show --state /var/lib/tally-verifier --day 2026-11-21
      """)

  @OptionGroup var options: StateOptions

  @Option(
    name: [.customLong("day"), .customLong("date")],
    help: ArgumentHelp("The date, as 2026-11-21.", valueName: "date"))
  var day: DateArgument?

  @Option(help: "How to write it.")
  var format: OutputFormat = .text

  func run() async throws {
    let date = day?.date
    let surroundings = try options.surroundings(try options.read())
    let json = try await VerifierApplication.withDesk(
      surroundings, mayBegin: false, logger: StateOptions.quietLogger,
      direct: { desk throws(VerifierError) in try await desk.usage(on: date) },
      served: { client throws(VerifierError) in try await client.usage(on: date) })
    format.write(json, text: UsageText.text)
  }
}
