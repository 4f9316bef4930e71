internal import ArgumentParser
internal import Logging
internal import Platform
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

      SIGTERM and SIGINT end it after what was begun has been answered and kept. SIGHUP reads the \
      settings file and the license file anew: gateway, proxy, gateway-ca, gateway-certificate, \
      gateway-key, license, gather-seconds, report-seconds and log-level change at once, others at the next start. A file that is refused \
      changes nothing; status says why it was.

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

  @OptionGroup var intake: IntakeOptions

  @Option(
    help: ArgumentHelp(
      """
      A license file, or a folder of them, that is installed now and whenever it changes; license \
      install is not needed then.
      """, valueName: "path"))
  var license: String?

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
    Hardening.returnFreeMemory()
    let settings = try readSettings()
    let threshold = LogThreshold(try Self.level(settings))
    let live = LiveSettings(try Self.live(settings))
    let source = options.settings ?? "the environment"
    let reloads = VerifierApplication.Reloads(source: source) {
      reread(besides: settings, threshold)
    }
    try await VerifierApplication.serve(
      try options.surroundings(settings), listen: try Self.listen(settings),
      intake: try IntakeOptions.settings(settings), live: live, reloads: reloads,
      logger: LogStream.logger("tally-verifier", threshold)
    ) { address in
      Output.aside("listening on \(address)")
    }
  }

  private func readSettings() throws -> Settings {
    let own: [String: String?] = [
      "listen": listen, "release": release, "running": running, "license": license,
      "gather-seconds": gatherSeconds, "report-seconds": reportSeconds, "log-level": logLevel,
    ]
    return try options.read(own.merging(intake.flags) { first, _ in first })
  }

  /// Those that change while it runs.
  private static let changing: Set<String> = [
    "gateway", "proxy", "gateway-ca", "gateway-certificate", "gateway-key", "license",
    "gather-seconds", "report-seconds", "log-level",
  ]

  private static func live(_ settings: Settings) throws -> LiveSettings.Values {
    LiveSettings.Values(
      gateway: try StateOptions.gateway(settings), egress: try StateOptions.egress(settings),
      license: settings.string("license"), pace: try pace(settings))
  }

  /// Reads the settings anew; all of them must be right, or none changes.
  private func reread(besides first: Settings, _ threshold: LogThreshold) -> ReloadedSettings {
    do {
      let settings = try readSettings()
      let values = try Self.live(settings)
      let level = try Self.level(settings)
      _ = (try Self.listen(settings), try IntakeOptions.settings(settings))
      threshold.use(level)
      let fixed = StateOptions.known.filter { name in
        !Self.changing.contains(name) && settings.string(name) != first.string(name)
      }
      return .values(values, fixed: fixed)
    } catch { return .refused("\(error)") }
  }

  private static func listen(_ settings: Settings) throws(CommandError) -> ListenAddress {
    guard let address = ListenAddress(settings.string("listen") ?? "127.0.0.1:8090") else {
      throw CommandError(.usage, "setting listen must be HOST:PORT, such as 127.0.0.1:8090")
    }
    return address
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
