internal import ArgumentParser
internal import Gateway
internal import Terminal

/// Adds an endpoint.
struct WebhookAdd: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "add",
    abstract: "Send events to an endpoint from now on; its secret is shown once.",
    discussion: """
      The secret (whsec_…) is written to standard output. Each request is signed with it as Standard \
      Webhooks says: headers webhook-id, webhook-timestamp and webhook-signature.

      The URL is https; plain http is for the gateway's own machine alone. No redirect is followed.

      Example: tally-gateway webhook add https://hooks.vendor.example/tally --types \
      finding.opened,license.expiring --note "on call" --state /var/lib/tally-gateway
      """)

  @Argument(help: ArgumentHelp("Where to send events.", valueName: "url"))
  var url: String

  @Option(
    help: ArgumentHelp("The types of events, with commas; all by default.", valueName: "types"))
  var types: EventTypes?

  @Option(help: ArgumentHelp("What it is for, for people.", valueName: "text"))
  var note: String = ""

  @OptionGroup var options: WebhookOptions

  func run() async throws {
    let webhook = try await options.work {
      try await $0.add(url, types: types?.values, note: note)
    }
    options.show(webhook, "added webhook", "已添加 webhook")
  }
}
