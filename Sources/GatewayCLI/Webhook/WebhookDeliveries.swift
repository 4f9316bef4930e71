internal import ArgumentParser
internal import CivilTime
internal import Gateway
internal import Licensing
internal import Sealing
internal import Terminal

/// Lists what was sent to an endpoint.
struct WebhookDeliveries: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "deliveries",
    abstract: "List what was sent to an endpoint, the latest event first, and how it ended.",
    discussion: """
      Example: tally-gateway webhook deliveries whk_0f3a9c5d17e2b684 --waiting --state \
      /var/lib/tally-gateway
      """)

  @Argument(help: ArgumentHelp("The endpoint's name.", valueName: "webhook"))
  var webhook: String

  @Flag(help: "Only those that are still tried.")
  var waiting = false

  @Option(help: ArgumentHelp("How many, 1 to 10000.", valueName: "number"))
  var limit: Int = 100

  @OptionGroup var options: WebhookOptions

  func validate() throws {
    guard (1...10_000).contains(limit) else {
      throw ValidationError("--limit must be from 1 to 10000")
    }
  }

  func run() async throws {
    let deliveries = try await options.work { service in
      var all: [WebhookDelivery] = []
      var cursor: Int64?
      repeat {
        let (page, next) = try await service.deliveries(
          of: webhook, before: cursor, state: waiting ? .waiting : nil)
        all += page
        cursor = next
      } while cursor != nil && all.count < limit
      return Array(all.prefix(limit))
    }
    switch options.format {
    case .json: Output.data(.array(deliveries.map(\.json)))
    case .text: Output.data(Self.table(deliveries).text)
    }
  }

  private static func table(_ deliveries: [WebhookDelivery]) -> TextTable {
    var table = TextTable(
      ["EVENT", "TYPE", "STATE", "TRIES", "LAST", "ANSWER", "NEXT"],
      ["事件", "类型", "状态", "次数", "最近一次", "回答", "下一次"])
    for delivery in deliveries {
      table.add([
        delivery.event.id, delivery.event.type, state(delivery).spoken, String(delivery.attempts),
        delivery.triedAt.map(UTC.text) ?? "-", answer(delivery),
        delivery.state == .waiting ? UTC.text(delivery.nextAt) : "-",
      ])
    }
    return table
  }

  /// The status, or what is known where none came.
  private static func answer(_ delivery: WebhookDelivery) -> String {
    if let status = delivery.status { return String(status) }
    guard let error = delivery.error else { return "-" }
    return BilingualText(error, "无回答（\(error)）").spoken
  }

  private static func state(_ delivery: WebhookDelivery) -> BilingualText {
    switch delivery.state {
    case .waiting: BilingualText("waiting", "等待中")
    case .delivered: BilingualText("delivered", "已送达")
    case .givenUp: BilingualText("given up", "已放弃")
    }
  }
}
