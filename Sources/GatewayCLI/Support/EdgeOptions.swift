internal import ArgumentParser
internal import Gateway
internal import Serving
internal import Terminal

/// How serve meets the world.
struct EdgeOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The certificate (PEM) and those that lead to its authority: serve speaks TLS then.",
      valueName: "file"))
  var tlsCertificate: String?

  @Option(
    help: ArgumentHelp(
      "The certificate's private key (PEM), readable by its owner alone.", valueName: "file"))
  var tlsKey: String?

  @Option(
    help: ArgumentHelp(
      "Authorities (PEM) whose clients alone are let in.", valueName: "file"))
  var clientCa: String?

  @Option(
    help: ArgumentHelp(
      "Proxies that are believed on where a request came from; this machine by default.",
      valueName: "addresses"))
  var proxies: String?

  @Option(
    help: ArgumentHelp(
      "Who sees /metrics and /readyz; this machine by default.", valueName: "addresses"))
  var metricsFrom: String?

  @Option(
    help: ArgumentHelp(
      "Requests of one address a minute, 3000 by default; 0 for any number.", valueName: "number"))
  var addressRate: String?

  @Option(
    help: ArgumentHelp(
      "Reports of one installation a minute, 120 by default; 0 for any number.",
      valueName: "number"))
  var installationRate: String?

  @Option(
    help: ArgumentHelp(
      "Connections of one address at a time, 256 by default.", valueName: "number"))
  var addressConnections: String?

  static let known = [
    "tls-certificate", "tls-key", "client-ca", "proxies", "metrics-from", "address-rate",
    "installation-rate", "address-connections",
  ]

  var flags: [String: String?] {
    [
      "tls-certificate": tlsCertificate, "tls-key": tlsKey, "client-ca": clientCa,
      "proxies": proxies, "metrics-from": metricsFrom, "address-rate": addressRate,
      "installation-rate": installationRate, "address-connections": addressConnections,
    ]
  }

  /// - Throws: ``CommandError`` naming the setting that is wrong.
  static func settings(_ settings: Settings) throws(CommandError) -> EdgeSettings {
    var edge = EdgeSettings()
    edge.certificate = try certificate(settings)
    if let proxies = try peers("proxies", settings) { edge.proxies = proxies }
    if let monitors = try peers("metrics-from", settings) { edge.monitors = monitors }
    let most = 60_000_000
    edge.perAddress = Int64(
      try settings.integer("address-rate", in: 0...most, default: Int(edge.perAddress)))
    edge.perInstallation = Int64(
      try settings.integer("installation-rate", in: 0...most, default: Int(edge.perInstallation)))
    edge.connections = try settings.integer(
      "address-connections", in: 1...4096, default: edge.connections)
    return edge
  }

  private static func certificate(
    _ settings: Settings
  ) throws(CommandError) -> EdgeSettings.Certificate? {
    let clients = settings.string("client-ca")
    switch (settings.string("tls-certificate"), settings.string("tls-key")) {
    case (let chain?, let key?): return .init(chain: chain, key: key, clients: clients)
    case (nil, nil) where clients == nil: return nil
    case (nil, nil), (.some, nil), (nil, .some):
      throw CommandError(
        .usage,
        "settings tls-certificate and tls-key go together, and client-ca with both: give what is "
          + "missing")
    }
  }

  private static func peers(
    _ name: String, _ settings: Settings
  ) throws(CommandError) -> PeerList? {
    guard let text = settings.string(name) else { return nil }
    guard let list = PeerList(text) else {
      throw CommandError(
        .usage,
        "setting \(name) must be addresses and IPv4 networks with commas between them, such as "
          + "10.0.0.5,10.1.0.0/16")
    }
    return list
  }
}
