internal import ArgumentParser
internal import CivilTime
internal import Gateway
internal import Licensing
internal import Sealing
internal import Terminal

/// Lists the endpoints.
struct WebhookList: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list",
    abstract: "List the endpoints; none shows its secret.",
    discussion: "Example: tally-gateway webhook list --state /var/lib/tally-gateway --format json")

  @OptionGroup var options: WebhookOptions

  func run() async throws {
    let webhooks = try await options.work { try await $0.list() }
    switch options.format {
    case .json: Output.data(.array(webhooks.map(\.json)))
    case .text:
      var table = TextTable(
        ["WEBHOOK", "CREATED", "STATE", "TYPES", "URL", "NOTE"],
        ["WEBHOOK", "创建", "状态", "类型", "地址", "备注"])
      for webhook in webhooks {
        let types = webhook.types.map { $0.map(\.rawValue).sorted().joined(separator: ",") }
        table.add([
          webhook.id, UTC.text(webhook.createdAt), Self.state(webhook).spoken, types ?? "*",
          webhook.url, webhook.note,
        ])
      }
      Output.data(table.text)
    }
  }

  private static func state(_ webhook: Webhook) -> BilingualText {
    webhook.disabledAt == nil ? BilingualText("active", "使用中") : BilingualText("disabled", "已停用")
  }
}
