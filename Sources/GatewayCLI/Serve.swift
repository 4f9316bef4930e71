internal import ArgumentParser
internal import Gateway
internal import Logging
internal import Platform
internal import Terminal

/// Runs the gateway until it is told to stop.
struct Serve: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Take activations and reports, give receipts, answer the vendor's staff.",
    discussion: """
      Each setting comes from its flag, else from the environment (TALLY_GATEWAY_STATE, \
      TALLY_GATEWAY_LISTEN and so on), else from the file given by --settings, a JSON object. A \
      name that is no setting stops the start. The first line on standard output is the address, \
      which also stands in the file "listen" of the state folder.

      SIGTERM and SIGINT end it after what was begun has been answered. SIGHUP reads the certificate, \
      its key and the clients' authorities anew; files that are refused change nothing.

      The ledger lies in the state folder, or with --store in a PostgreSQL database, which several \
      gateways may share, each with a state folder of its own. Commands on the ledger take the same \
      --store.

      Example: tally-gateway serve --state /var/lib/tally-gateway --listen 127.0.0.1:8080 \
      --key gateway.pem --passphrase-file passphrase --keyset vendor.keyset
      """)

  @Option(help: ArgumentHelp("The folder of everything that lasts.", valueName: "folder"))
  var state: String?

  @Option(
    help: ArgumentHelp(
      "Where to listen, 127.0.0.1:8080 by default; port 0 lets the system choose.",
      valueName: "host:port"))
  var listen: String?

  @Option(help: ArgumentHelp("The gateway's key, an encrypted PEM.", valueName: "file"))
  var key: String?

  @Option(help: ArgumentHelp("The vendor's keyset.", valueName: "file"))
  var keyset: String?

  @Option(
    help: ArgumentHelp("Says little or much: info, debug, warning, error.", valueName: "level"))
  var logLevel: String?

  @Option(help: ArgumentHelp("A JSON object of settings.", valueName: "file"))
  var settings: String?

  @Flag(
    help:
      "Let the keyset take the place of keysets of other roots in a database that gateways share.")
  var newRoots = false

  @OptionGroup var database: StoreOption
  @OptionGroup var edge: EdgeOptions
  @OptionGroup var passphrase: PassphraseOptions
  @OptionGroup var trust: TrustOptions
  @OptionGroup var language: LanguageOption

  static let known = ["state", "store", "listen", "key", "keyset", "log-level"] + EdgeOptions.known

  func run() async throws {
    let settings = try readSettings()
    let level = try logLevel(settings)
    let application = try await GatewayApplication.open(try gatewaySettings(settings))
    if let announcement = application.announcement {
      Output.talk("tally-gateway: \(announcement.spoken)")
    }
    let logger = LogStream.logger("tally-gateway", LogThreshold(level))
    try await application.run(logger: logger) {
      Output.aside("listening on \($0)")
    } onFailure: {
      // Clients may hold connections open for long; nothing more can be acknowledged.
      ErrorReport.end($0)
    }
  }

  private func readSettings() throws -> Settings {
    let file = try settings.map { path in (path, try Files.read(path, maximum: 64 * 1024)) }
    return try Settings(
      program: "gateway", known: Self.known,
      flags: edge.flags.merging([
        "state": state, "store": database.store, "listen": listen, "key": key, "keyset": keyset,
        "log-level": logLevel,
      ]) { first, _ in first },
      environment: ProcessEnvironment.all(), file: file.map { (name: $0.0, bytes: $0.1) })
  }

  private func gatewaySettings(_ settings: Settings) throws -> GatewaySettings {
    let listen = settings.string("listen") ?? "127.0.0.1:8080"
    guard let (host, port) = GatewaySettings.address(listen) else {
      throw CommandError(.usage, "setting listen must be HOST:PORT, such as 127.0.0.1:8080")
    }
    return GatewaySettings(
      state: try settings.required("state"), host: host, port: port,
      key: try settings.required("key"), passphrase: try passphrase.source.read(),
      keyset: try settings.required("keyset"), trustRoot: trust.file,
      edge: try EdgeOptions.settings(settings),
      store: try database.address(else: settings.string("store")), takesNewRoots: newRoots)
  }

  private func logLevel(_ settings: Settings) throws -> Logger.Level {
    guard let text = settings.string("log-level") else { return .info }
    guard let level = Logger.Level(rawValue: text) else {
      throw CommandError(
        .usage,
        "setting log-level must be one of "
          + Logger.Level.allCases.map(\.rawValue).joined(separator: ", "))
    }
    return level
  }
}
