internal import ArgumentParser
internal import Gateway
internal import Platform
internal import Sealing
internal import Terminal

/// The gateway whose endpoints are meant, and how the answer is written.
struct WebhookOptions: ParsableArguments {
  @Option(help: "How to write it.")
  var format: Format = .text

  @OptionGroup var state: StateOptions

  /// Opens the ledger, beside serve where that runs, and closes it afterwards.
  func work<Value: Sendable>(
    _ body: (WebhookService) async throws -> Value
  ) async throws -> Value {
    let store = try await state.openStore()
    let value: Result<Value, any Error>
    do {
      value = .success(try await body(WebhookService(store: store, clock: SystemClock())))
    } catch { value = .failure(error) }
    await store.close()
    return try value.get()
  }

  /// Writes an endpoint and its secret: the secret alone is data, so that it can be piped.
  func show(_ webhook: Webhook, _ english: String, _ chinese: String) {
    switch format {
    case .json: Output.data(webhook.jsonWithSecret)
    case .text:
      Output.talk(
        "tally-gateway: \(english) \(webhook.id); its secret is shown this once",
        "tally-gateway: \(chinese) \(webhook.id)；密钥只在此时显示一次")
      Output.data(webhook.secret.text)
    }
  }
}
