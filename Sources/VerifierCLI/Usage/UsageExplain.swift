internal import ArgumentParser
internal import Sealing
internal import Terminal
internal import Verifier

/// Names the second of a date's peak and everyone who counted in it.
struct UsageExplain: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain",
    abstract: "Name the second of a date's peak and everyone counted in it.",
    discussion: """
      Shows the peak and its second, the rule by which collectors were told apart, the gaps of the \
      date, and each collector that counted in that second with its weight. The weights add up to the \
      peak; where evidence is no longer kept, or lost, it says so and ends with status 1. Dates are \
      dates of the license's time zone. Without --day it is the date that is being counted, as of the \
      last commit. Evidence is kept for 400 days.

      Up to 20,000 collectors are sorted by name; more stand in the order in which they are kept, \
      which is the same at every call for a closed date. --skip and --limit show a part of the list; \
      the sum is always that of all.

      Example: tally-verifier usage explain --state /var/lib/tally-verifier --day 2026-11-21

      Example: tally-verifier usage explain --state /var/lib/tally-verifier --day 2026-11-21 \
      --skip 1000 --limit 1000 --format json
      """)

  @OptionGroup var options: StateOptions

  @Option(help: ArgumentHelp("The date, as 2026-11-21.", valueName: "date"))
  var day: DateArgument?

  @Option(help: ArgumentHelp("Pass over so many collectors of the list.", valueName: "number"))
  var skip: Int64 = 0

  @Option(help: ArgumentHelp("List so many collectors at most.", valueName: "number"))
  var limit: Int64?

  @Option(help: "How to write it.")
  var format: OutputFormat = .text

  func validate() throws {
    let counts = ExplainRequest.counts
    guard counts.contains(skip), counts.contains(limit ?? 0) else {
      throw ValidationError("--skip and --limit must be from 0 to \(counts.upperBound)")
    }
  }

  func run() async throws {
    let surroundings = try options.surroundings(try options.read())
    let request = ExplainRequest(date: day?.date, skip: skip, limit: limit)
    let writer = ExplainWriter(format)
    try await VerifierApplication.withDesk(
      surroundings, mayBegin: false, logger: StateOptions.quietLogger,
      direct: { desk throws(VerifierError) in
        try await desk.explain(request).send(to: writer)
      },
      served: { client throws(VerifierError) in try await client.explain(request, to: writer) })
    try await writer.end()
  }
}
