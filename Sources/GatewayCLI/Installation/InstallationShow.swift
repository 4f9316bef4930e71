internal import ArgumentParser
internal import Gateway
internal import Licensing
internal import Sealing
internal import Terminal

/// Shows one installation.
struct InstallationShow: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show",
    abstract: "Show one installation: its chain, findings, and what staff decided about it.",
    discussion: """
      --format json shows the newest receipt, the conflicting records of a fork and the decisions as \
      they are sealed, too.

      Example: tally-gateway installation show SjmcdXZLu6RMVsQ6XqnKHL0Zrw0Gn8nVt3aYwW2N3xE --state \
      /var/lib/tally-gateway
      """)

  @Argument(help: ArgumentHelp("The installation's name.", valueName: "installation"))
  var installation: Thumbprint

  @Option(help: "How to write it.")
  var format: Format = .text

  @OptionGroup var state: StateOptions

  func run() async throws {
    let store = try await state.openStore()
    let trust = try await GatewayState.trust(of: store)
    let service = InstallationService(store: store, shelf: LicenseShelf(store, trust))
    let shown = try await service.show(installation)
    await store.close()
    switch format {
    case .json: Output.data(shown)
    case .text: Output.data(InstallationText.text(shown))
    }
  }
}
