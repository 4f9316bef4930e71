internal import ArgumentParser
internal import Gateway
internal import Sealing
internal import Terminal

/// Removes an endpoint.
struct WebhookRemove: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "remove",
    abstract: "Send an endpoint nothing more; what waits for it is given up.",
    discussion:
      "Example: tally-gateway webhook remove whk_0f3a9c5d17e2b684 --state /var/lib/tally-gateway")

  @Argument(help: ArgumentHelp("The endpoint's name.", valueName: "webhook"))
  var webhook: String

  @OptionGroup var options: WebhookOptions

  func run() async throws {
    try await options.work { try await $0.remove(webhook) }
    switch options.format {
    case .json: Output.data(["id": .string(webhook), "removed": true])
    case .text:
      Output.talk("tally-gateway: removed \(webhook)", "tally-gateway: 已删除 \(webhook)")
    }
  }
}
