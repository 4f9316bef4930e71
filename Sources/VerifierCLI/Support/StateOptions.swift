internal import ArgumentParser
internal import Licensing
internal import Logging
internal import Platform
internal import StartupCheck
internal import Terminal
internal import Verifier

/// Where an installation is, and whom it trusts.
struct StateOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp("The installation's folder; else TALLY_VERIFIER_STATE.", valueName: "folder")
  )
  var state: String?

  @Option(
    help: ArgumentHelp(
      "The vendor's root.jwks, in a build without a root; else TALLY_TRUST_ROOT.",
      valueName: "file"))
  var trustRoot: String?

  @Option(
    help: ArgumentHelp(
      "A gateway in place of the license's: https, or http on this machine.", valueName: "url"))
  var gateway: String?

  @Option(
    help: ArgumentHelp(
      """
      An HTTP proxy to gateways: http://HOST:PORT, or none; else HTTPS_PROXY and NO_PROXY. One with \
      a password belongs into TALLY_VERIFIER_PROXY or the settings, where ps does not show it.
      """, valueName: "url"))
  var proxy: String?

  @Option(
    help: ArgumentHelp(
      "Certificates (PEM) that are trusted for gateways beside the system's.", valueName: "file"))
  var gatewayCa: String?

  @Option(
    help: ArgumentHelp(
      "A client certificate (PEM), for gateways that ask for one.", valueName: "file"))
  var gatewayCertificate: String?

  @Option(
    help: ArgumentHelp(
      "Its private key (PEM), readable by its owner alone.", valueName: "file"))
  var gatewayKey: String?

  @Option(help: ArgumentHelp("A JSON object of settings.", valueName: "file"))
  var settings: String?

  @OptionGroup var language: LanguageOption

  /// Every setting of the verifier. Commands that have no use for one live with it, so that all of
  /// them can share one environment and one file.
  static let known =
    [
      "state", "listen", "gateway", "proxy", "gateway-ca", "gateway-certificate", "gateway-key",
      "license", "release", "running", "gather-seconds", "report-seconds", "log-level",
    ] + IntakeOptions.known

  /// Reads the settings: flag, else environment, else file.
  /// - Parameter flags: further flags of the command.
  /// - Throws: ``CommandError``, ``PlatformError``.
  func read(_ flags: [String: String?] = [:]) throws -> Settings {
    let file = try settings.map { path in (path, try Files.read(path, maximum: 64 * 1024)) }
    let own: [String: String?] = [
      "state": state, "gateway": gateway, "proxy": proxy, "gateway-ca": gatewayCa,
      "gateway-certificate": gatewayCertificate, "gateway-key": gatewayKey,
    ]
    let environment = ProcessEnvironment.all()
    return try Settings(
      program: "verifier", known: Self.known, flags: flags.merging(own) { first, _ in first },
      environment: environment, file: file.map { (name: $0.0, bytes: $0.1) })
  }

  /// What the settings come to; says on standard error where the root is not compiled in.
  /// - Throws: ``CommandError``, ``StartupCheckError``.
  func surroundings(_ settings: Settings) throws -> Surroundings {
    let anchor = try TrustAnchor(
      file: trustRoot ?? ProcessEnvironment.all()["TALLY_TRUST_ROOT"])
    if let announcement = anchor.announcement {
      Output.talk("tally-verifier: \(announcement.spoken)")
    }
    let running = try settings.string("running").map(Self.running)
    let release = try settings.string("release").map { try GivenFile(path: $0, as: .release) }
    return Surroundings(
      folder: StateFolder(try settings.required("state")), roots: anchor.roots,
      gateway: try Self.gateway(settings), egress: try Self.egress(settings), release: release,
      running: running, wall: SystemClock(), boot: SystemClock(),
      bootID: Surroundings.currentBootID())
  }

  /// By which way gateways are reached.
  /// - Throws: ``CommandError``, ``PlatformError``.
  static func egress(_ settings: Settings) throws -> Egress {
    do {
      let authority = try settings.string("gateway-ca").map { path in
        try CertificateBundle(
          pem: try Files.read(path, maximum: 1 << 20, regular: true), source: path)
      }
      return try Egress(
        proxy: settings.string("proxy"), environment: ProcessEnvironment.all(),
        authority: authority, certificate: try certificate(settings))
    } catch let fault as SettingFault {
      throw CommandError(.usage, fault.message)
    }
  }

  private static func certificate(_ settings: Settings) throws -> ClientCertificate? {
    switch (settings.string("gateway-certificate"), settings.string("gateway-key")) {
    case (nil, nil): return nil
    case (let path?, let key?):
      return try ClientCertificate(
        pem: try Files.read(path, maximum: 1 << 20, regular: true),
        key: try Files.read(key, maximum: 64 * 1024, secret: true, regular: true), source: path)
    case (.some, nil), (nil, .some):
      throw SettingFault("settings gateway-certificate and gateway-key go together: give both")
    }
  }

  /// The gateway that takes the place of the license's, nil where none does.
  /// - Throws: ``CommandError``.
  static func gateway(_ settings: Settings) throws(CommandError) -> GatewayAddress? {
    guard let text = settings.string("gateway") else { return nil }
    guard let address = GatewayAddress(text) else {
      throw CommandError(
        .usage,
        "setting gateway must be https://HOST[:PORT][/PATH]; plain http only on this machine")
    }
    return address
  }

  private static func running(_ text: String) throws(CommandError) -> RunningRelease {
    guard let running = RunningRelease(text) else {
      throw CommandError(
        .usage,
        "setting running must be VERSION or VERSION@COMMIT, each 1 to 64 digits, letters or "
          + ". _ + ~ -")
    }
    return running
  }

  /// A log to standard error of what a single command has to say.
  static var quietLogger: Logger { LogStream.logger("tally-verifier", LogThreshold(.error)) }
}
