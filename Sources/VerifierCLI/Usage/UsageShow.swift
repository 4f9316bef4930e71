internal import ArgumentParser
internal import CivilTime
internal import Terminal
internal import Verifier

/// Shows today's count, or an earlier date's, and the dates before.
struct UsageShow: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Show a date's peak and the dates closed before.",
    discussion: """
      Dates are dates of the license's time zone. Without --date it is the date that is being \
      counted.

      Example: tally-verifier usage show --state /var/lib/tally-verifier --date 2026-11-21
      """)

  @OptionGroup var options: StateOptions

  @Option(help: ArgumentHelp("The date, as 2026-11-21.", valueName: "date"))
  var date: String?

  @Option(help: "How to write it.")
  var format: OutputFormat = .text

  func run() async throws {
    let date = try date.map(Self.parse)
    let surroundings = try options.surroundings(try options.read())
    let json = try await VerifierApplication.withDesk(
      surroundings, mayBegin: false, logger: StateOptions.quietLogger,
      direct: { desk throws(VerifierError) in try await desk.usage(on: date) },
      served: { client throws(VerifierError) in try await client.usage(on: date) })
    format.write(json, text: UsageText.text)
  }

  private static func parse(_ text: String) throws(CommandError) -> CivilDate {
    guard let date = CivilDate(text) else {
      throw CommandError(.usage, "--date must be a date as 2026-11-21")
    }
    return date
  }
}
