internal import Logging
internal import Serving
internal import ServiceLifecycle
internal import UnixSignals

/// Reads the files of TLS anew when `SIGHUP` comes, and says in the metrics when the certificate ends.
struct CertificateRenewal: Service, CustomStringConvertible {
  /// The name that logs show.
  var description: String { "certificate renewal" }

  /// How often the metrics are brought up to date, in seconds.
  private static let interval = 60

  let certificate: EdgeSettings.Certificate?
  let tls: TLSIdentity?
  let signals: UnixSignalsSequence
  let metrics: GatewayMetrics
  let logger: Logger
  let now: @Sendable () -> Int64?

  func run() async throws {
    try await cancelWhenGracefulShutdown {
      try await withThrowingTaskGroup { group in
        group.addTask {
          while !Task.isCancelled {
            measure()
            try? await Task.sleep(for: .seconds(Self.interval))
          }
        }
        group.addTask { for await _ in signals { renew() } }
        try await group.waitForAll()
      }
    }
  }

  private func renew() {
    guard let certificate, let tls else {
      logger.notice("there is no certificate to read anew")
      return
    }
    do {
      try tls.use(try GatewayFiles.identity(certificate))
      logger.notice("the certificate is read anew", metadata: ["file": "\(certificate.chain)"])
      measure()
    } catch {
      logger.error(
        "the certificate is refused, the one before stays", metadata: ["cause": "\(error)"])
    }
  }

  private func measure() {
    guard let tls, let now = now() else { return }
    metrics.certificateEnds(in: tls.expires - now)
  }
}
