import Foundation

/// A site whose gateway is reached by TLS under a firm's own authority, and through a proxy.
struct SecureSite: Sendable {
  /// The gateway's name; only the proxy knows where that is.
  static let host = "gateway.test"

  let site: Site
  let gateway: Daemon
  let proxy: Daemon
  var stage: Stage { site.stage }

  /// Where the server that ends TLS listens.
  var tlsPort: String {
    get throws { try stage.text("tls").trimmingCharacters(in: .whitespacesAndNewlines) }
  }

  static func open(on stage: Stage) async throws -> SecureSite {
    let site = try await Site.open(on: stage)
    try await makeCertificates(on: stage)
    let gateway = try await site.startGateway()
    let proxy = try await stage.start(
      try Programs.path("python3"),
      [
        Programs.script("secure_gateway.py"), "--folder", stage.folder.path, "--certificate",
        stage.path("leaf.pem"), "--key", stage.path("leaf.key"),
      ])
    try await site.office.issue(
      .payg, to: stage.path("payg.license"),
      ["--from", Day.today(-2), "--years", "1"] + Edition.usage(gateway: "https://\(host)"))
    try await stage.done(
      "tally-verifier",
      ["license", "install", "payg.license", "--state", "state"] + site.office.trust)
    return SecureSite(site: site, gateway: gateway, proxy: proxy)
  }

  /// An authority, and a certificate of it for the gateway's name and `localhost`.
  private static func makeCertificates(on stage: Stage) async throws {
    let curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    try await stage.done(
      "openssl",
      ["req", "-x509"] + curve + [
        "-keyout", "ca.key", "-out", "ca.pem", "-days", "2", "-subj", "/CN=A firm's own authority",
      ])
    try await stage.done(
      "openssl",
      ["req"] + curve + ["-keyout", "leaf.key", "-out", "leaf.csr", "-subj", "/CN=\(host)"])
    try stage.write("leaf.ext", "subjectAltName=DNS:\(host),DNS:localhost\n")
    try await stage.done(
      "openssl",
      [
        "x509", "-req", "-in", "leaf.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial",
        "-days", "2", "-extfile", "leaf.ext", "-out", "leaf.pem",
      ])
  }

  /// The first lines of the requests to the proxy.
  var tunnels: [String] {
    Command.read(stage.path("tunnels")).split(separator: "\n").map(String.init)
  }

  func report(
    _ more: [String] = [], environment: [String: String] = [:]
  ) async throws -> Outcome {
    try await ask(["report"], more, environment: environment)
  }

  /// Runs a command of the verifier on the site's folder.
  func ask(
    _ command: [String], _ more: [String] = [], environment: [String: String] = [:]
  ) async throws -> Outcome {
    try await stage.run(
      "tally-verifier", command + ["--state", "state"] + more + site.office.trust,
      environment: environment)
  }
}
