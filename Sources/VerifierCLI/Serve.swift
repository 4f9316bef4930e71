internal import ArgumentParser
internal import Logging
internal import Terminal
internal import Verifier

/// Counts collectors and reports, until it is told to stop.
struct Serve: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Count collectors, keep the ledger, report.",
    discussion: """
      Each setting comes from its flag, else from the environment (TALLY_VERIFIER_STATE, \
      TALLY_VERIFIER_LISTEN and so on), else from the file given by --settings, a JSON object. A \
      name that is no setting stops the start. The first line on standard output is the address, \
      which also stands in the file "listen" of the state folder. Collectors that use POST /v1/beats \
      show the token in the file "token" of that folder.

      SIGTERM and SIGINT end it after what was begun has been answered and kept.

      Example: tally-verifier serve --state /var/lib/tally-verifier --listen 127.0.0.1:8090 \
      --release platform.release --running 1.98.190
      """)

  @OptionGroup var options: StateOptions

  @Option(
    help: ArgumentHelp(
      "Where to listen, 127.0.0.1:8090 by default; port 0 lets the system choose.",
      valueName: "host:port"))
  var listen: String?

  @Option(help: ArgumentHelp("The release file of the install package.", valueName: "file"))
  var release: String?

  @Option(
    help: ArgumentHelp(
      "What runs, as the platform itself says: VERSION or VERSION@COMMIT.", valueName: "version"))
  var running: String?

  @Option(
    help: ArgumentHelp(
      """
      Proxies from which beats without a token are taken, besides this machine: addresses and IPv4 \
      networks with commas between them, or any.
      """, valueName: "list"))
  var intakeFrom: String?

  @Option(
    help: ArgumentHelp(
      "Seconds in which a new peak is gathered before it is reported, 3 by default.",
      valueName: "seconds"))
  var gatherSeconds: String?

  @Option(
    help: ArgumentHelp(
      "Seconds after which any other change, or a sign of life, is reported, 300 by default.",
      valueName: "seconds"))
  var reportSeconds: String?

  @Option(
    help: ArgumentHelp("Says little or much: debug, info, warning, error.", valueName: "level"))
  var logLevel: String?

  func run() async throws {
    let settings = try options.read([
      "listen": listen, "release": release, "running": running, "intake-from": intakeFrom,
      "gather-seconds": gatherSeconds, "report-seconds": reportSeconds, "log-level": logLevel,
    ])
    var logger = Logger(label: "tally-verifier") { StreamLogHandler.standardError(label: $0) }
    logger.logLevel = try Self.level(settings)
    try await VerifierApplication.serve(
      try options.surroundings(settings), listen: try Self.listen(settings),
      gate: try Self.gate(settings), pace: try Self.pace(settings), logger: logger
    ) { address in
      Output.aside("listening on \(address)")
    }
  }

  private static func listen(_ settings: Settings) throws(CommandError) -> ListenAddress {
    guard let address = ListenAddress(settings.string("listen") ?? "127.0.0.1:8090") else {
      throw CommandError(.usage, "setting listen must be HOST:PORT, such as 127.0.0.1:8090")
    }
    return address
  }

  private static func gate(_ settings: Settings) throws(CommandError) -> IntakeGate {
    guard let list = settings.string("intake-from") else { return .thisMachine }
    guard let gate = IntakeGate(list) else {
      throw CommandError(
        .usage,
        "setting intake-from must be any, or addresses and IPv4 networks with commas between "
          + "them, such as 10.0.0.7,192.168.0.0/16")
    }
    return gate
  }

  private static func pace(_ settings: Settings) throws(CommandError) -> SampleSchedule.Pace {
    let gather = try settings.integer("gather-seconds", in: 0...60, default: 3)
    let report = try settings.integer("report-seconds", in: 1...3600, default: 300)
    return SampleSchedule.Pace(gather: Int64(gather) * 1000, interval: Int64(report) * 1000)
  }

  private static func level(_ settings: Settings) throws(CommandError) -> Logger.Level {
    guard let text = settings.string("log-level") else { return .warning }
    guard let level = Logger.Level(rawValue: text) else {
      throw CommandError(
        .usage,
        "setting log-level must be one of "
          + Logger.Level.allCases.map(\.rawValue).joined(separator: ", "))
    }
    return level
  }
}
