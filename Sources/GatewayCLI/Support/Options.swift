internal import ArgumentParser
internal import Gateway
internal import Postgres
internal import Terminal

/// Where the gateway's folder is.
struct StateOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp("The gateway's folder; else TALLY_GATEWAY_STATE.", valueName: "folder"))
  var state: String?

  @OptionGroup var database: StoreOption
  @OptionGroup var language: LanguageOption

  /// Opens the ledger of a folder that serve has used, or of a database; serve may run meanwhile.
  /// - Throws: ``CommandError``, ``GatewayError``.
  func openStore() async throws -> any LedgerStore {
    let environment = ProcessEnvironment.all()
    if let address = try database.address(else: environment["TALLY_GATEWAY_STORE"]) {
      return try await GatewayState("", store: address).openExistingStore()
    }
    guard let folder = state ?? environment["TALLY_GATEWAY_STATE"], !folder.isEmpty else {
      throw CommandError(
        .usage, "no state: name the gateway's folder with --state or TALLY_GATEWAY_STATE")
    }
    return try await GatewayState(folder).openExistingStore()
  }
}

/// Where the ledger is, if not in the folder.
struct StoreOption: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The PostgreSQL database of the ledger, where it does not lie in the folder; else "
        + "TALLY_GATEWAY_STORE. A password comes by PGPASSFILE, PGPASSWORD or a service file.",
      valueName: "uri"))
  var store: String?

  /// - Parameter setting: what environment or file give.
  /// - Throws: ``CommandError``: what the command line says can be read by everyone on the machine.
  func address(else setting: String?) throws(CommandError) -> PostgresAddress? {
    guard let text = store ?? setting else { return nil }
    guard let address = PostgresAddress(text) else {
      throw CommandError(
        .usage,
        "setting store must be the URI of a PostgreSQL database, such as "
          + "postgres://gateway@db-1,db-2/tally")
    }
    guard store == nil || !address.holdsPassword else {
      throw CommandError(
        .usage,
        "--store holds a password, which everyone on this machine can read there: leave it out, and "
          + "give it in the file that PGPASSFILE names, in PGPASSWORD or in a service file")
    }
    return address
  }
}

/// How data is written.
enum Format: String, ExpressibleByArgument, CaseIterable {
  case text
  case json
}
