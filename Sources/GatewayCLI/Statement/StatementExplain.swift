internal import ArgumentParser
internal import Billing
internal import CivilTime
internal import Gateway
internal import Licensing
internal import Platform
internal import Sealing
internal import Terminal

/// Leads from a line of a statement to the records and receipts that it rests on.
struct StatementExplain: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain",
    abstract: "Say what an installation's date costs, why, and which records and receipts say so.",
    discussion: """
      As of now. --format json shows every record, receipt and decision as it is sealed, too: whoever \
      has the vendor's keyset and the installation's key can verify them.

      Example: tally-gateway statement explain SjmcdXZLu6RMVsQ6XqnKHL0Zrw0Gn8nVt3aYwW2N3xE --date \
      2026-11-21 --state /var/lib/tally-gateway
      """)

  @Argument(help: ArgumentHelp("The installation's name.", valueName: "installation"))
  var installation: Thumbprint

  @Option(help: ArgumentHelp("The date of the line.", valueName: "YYYY-MM-DD"))
  var date: CivilDate

  @Option(help: "How to write it.")
  var format: Format = .text

  @OptionGroup var state: StateOptions

  func run() async throws {
    let store = try await state.openStore()
    let shelf = LicenseShelf(store, try await GatewayState.trust(of: store))
    let service = StatementService(store: store, shelf: shelf, clock: SystemClock())
    let explanation = try await service.explain(installation, on: date)
    await store.close()
    switch format {
    case .json: Output.data(explanation.json)
    case .text: Output.data(ExplanationText.text(explanation))
    }
  }
}
