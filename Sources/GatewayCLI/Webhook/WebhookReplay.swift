internal import ArgumentParser
internal import CivilTime
internal import Gateway
internal import Licensing
internal import Sealing
internal import Terminal

/// Sends events anew.
struct WebhookReplay: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "replay",
    abstract: "Send kept events to an endpoint anew, or for the first time.",
    discussion: """
      Events are kept for 90 days, also those from before the endpoint was added. One that is sent \
      again has the same webhook-id. At most 10,000 are put in line at once, the earliest first; serve \
      sends them.

      Example: tally-gateway webhook replay whk_0f3a9c5d17e2b684 --since 2026-11-01 --state \
      /var/lib/tally-gateway
      """)

  @Argument(help: ArgumentHelp("The endpoint's name.", valueName: "webhook"))
  var webhook: String

  @Option(help: ArgumentHelp("One event, by its name (evt_…).", valueName: "event"))
  var event: String?

  @Option(
    help: ArgumentHelp(
      "All of the endpoint's types that were announced from this date (UTC) on.",
      valueName: "YYYY-MM-DD"))
  var since: CivilDate?

  @OptionGroup var options: WebhookOptions

  func validate() throws {
    guard (event == nil) != (since == nil) else {
      throw ValidationError("give one of --event and --since")
    }
  }

  func run() async throws {
    let start = since.map { $0.daysSinceEpoch * 86_400 } ?? 0
    let count = try await options.work {
      try await $0.replay(to: webhook, event: event, since: start)
    }
    switch options.format {
    case .json: Output.data(["queued": .integer(count)])
    case .text: Output.data("\(count) events are in line", "\(count) 个事件已排队")
    }
  }
}
