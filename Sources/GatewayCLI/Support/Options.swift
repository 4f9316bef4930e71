internal import ArgumentParser
internal import Gateway
internal import Terminal

/// Where the gateway's folder is.
struct StateOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp("The gateway's folder; else TALLY_GATEWAY_STATE.", valueName: "folder"))
  var state: String?

  @OptionGroup var language: LanguageOption

  /// Opens the ledger of a folder that serve has used; serve may run meanwhile.
  /// - Throws: ``CommandError``, ``GatewayError``.
  func openStore() throws -> SQLiteLedgerStore {
    guard let folder = state ?? ProcessEnvironment.all()["TALLY_GATEWAY_STATE"], !folder.isEmpty
    else {
      throw CommandError(
        .usage, "no state: name the gateway's folder with --state or TALLY_GATEWAY_STATE")
    }
    return try GatewayState(folder).openExistingStore()
  }
}

/// How data is written.
enum Format: String, ExpressibleByArgument, CaseIterable {
  case text
  case json
}
