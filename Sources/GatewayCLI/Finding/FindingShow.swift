internal import ArgumentParser
internal import Gateway
internal import Platform
internal import Sealing
internal import Terminal

/// Shows one finding.
struct FindingShow: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show",
    abstract: "Show one finding: what was seen, what it does to the bill, what became of it.",
    discussion: "Example: tally-gateway finding show fnd_7 --state /var/lib/tally-gateway")

  @Argument(help: ArgumentHelp("The finding's name.", valueName: "finding"))
  var finding: FindingID

  @Option(help: "How to write it.")
  var format: Format = .text

  @OptionGroup var state: StateOptions

  func run() async throws {
    let store = try await state.openStore()
    let answer: Result<JSONValue, any Error>
    do {
      answer = .success(
        try await FindingService(store: store, clock: SystemClock()).show(finding))
    } catch { answer = .failure(error) }
    await store.close()
    let shown = try answer.get()
    switch format {
    case .json: Output.data(shown)
    case .text: Output.data(FindingText.text(shown))
    }
  }
}
