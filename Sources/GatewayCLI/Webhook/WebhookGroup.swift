internal import ArgumentParser

/// Endpoints that are told of events.
struct WebhookGroup: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "webhook",
    abstract: "Say where events are sent, signed, and see what became of them.",
    discussion: """
      Events: \(EventTypes.list).

      While serve runs it sends within a second what is announced. What an endpoint does not take \
      (2xx) is tried again for 24 hours.

      Example: tally-gateway webhook list --state /var/lib/tally-gateway
      """,
    subcommands: [
      WebhookAdd.self, WebhookList.self, WebhookRemove.self, WebhookRotate.self, WebhookTest.self,
      WebhookReplay.self, WebhookDeliveries.self,
    ])
}
