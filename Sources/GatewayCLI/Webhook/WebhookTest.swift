internal import ArgumentParser
internal import Gateway
internal import Terminal

/// Tries an endpoint.
struct WebhookTest: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "test",
    abstract: "Send an endpoint a signed event of type webhook.test, and say what it answered.",
    discussion: """
      It is sent from here at once, whether serve runs or not, and kept nowhere. An endpoint that was \
      disabled because it answered 410 (gone) is told of events again once it takes one.

      Exit status: 0 it took it (2xx), 1 it did not.

      Example: tally-gateway webhook test whk_0f3a9c5d17e2b684 --state /var/lib/tally-gateway
      """)

  @Argument(help: ArgumentHelp("The endpoint's name.", valueName: "webhook"))
  var webhook: String

  @OptionGroup var options: WebhookOptions

  func run() async throws {
    let trial = try await options.work { try await $0.test(webhook) }
    switch options.format {
    case .json: Output.data(trial.json)
    case .text where trial.isDelivered:
      Output.data("\(webhook) took the event", "\(webhook) 已接收测试事件")
    case .text: break
    }
    guard trial.isDelivered else {
      throw CommandError(
        .refused, "\(webhook) did not take the event: \(trial.error ?? "no answer")",
        chinese: "该 webhook 没有接收测试事件；请检查地址、证书和接收端的日志")
    }
  }
}
