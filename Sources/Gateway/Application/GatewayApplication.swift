internal import Hummingbird
internal import HummingbirdCore
internal import Libcrypto
package import Licensing
package import Logging
internal import NIOCore
package import Platform
internal import Sealing
internal import ServiceLifecycle
internal import Serving
internal import StartupCheck
internal import UnixSignals

/// The gateway as a program runs it: everything opened and checked, not yet listening.
package struct GatewayApplication: Sendable {
  package let gateway: Gateway
  /// What must be said at every start, nil where there is nothing to say.
  package let announcement: BilingualText?
  /// Of the settings no more than this: they hold the passphrase, which ends with ``open(_:clock:)``.
  private let address: (host: String, port: Int)
  private let state: GatewayState
  private let edge: EdgeSettings
  /// Nil speaks plain HTTP.
  private let tls: TLSIdentity?
  /// Held while the process lives: one gateway for each folder.
  private let lock: FileLock

  /// Seconds from the start in which no date is closed.
  static let patienceToClose: Int64 = 900

  /// Opens what the settings name.
  /// - Parameter serves: whether reports will come in; one command on the folder waits for none.
  /// - Throws: ``GatewayError`` with cause and cure.
  package static func open(
    _ settings: GatewaySettings, serves: Bool = true, clock: any WallClock = SystemClock()
  ) async throws -> GatewayApplication {
    let anchor: TrustAnchor
    do throws(StartupCheckError) { anchor = try TrustAnchor(file: settings.trustRoot) } catch {
      throw GatewayError(error)
    }
    let key = try GatewayFiles.key(settings.key, passphrase: settings.passphrase)
    let offered = try GatewayFiles.keysets(settings.keyset)
    let tls = try settings.edge.certificate.map { certificate throws(GatewayError) in
      try identity(certificate)
    }
    let state = GatewayState(settings.state, store: settings.store)
    try state.requireSocketPath()
    let lock = try takeLock(state)
    let store = try await state.openStore()
    let (stored, revocations) = try await store.read {
      (try $0.keysets().map(\.text), try $0.revocations())
    }
    let (trust, replacesStored) = try GatewayState.establish(
      anchor, offered: offered, stored: stored, revocations: revocations)
    guard !replacesStored || settings.takesNewRoots || !(store is any SharedLedgerStore) else {
      await store.close()
      throw GatewayError(
        .keysetUnusable,
        "the keysets in the database are of other roots than this program's, and other gateways rest on "
          + "them: start the build that they run, or, if the vendor changed its roots, start once with "
          + "--new-roots")
    }
    let now = try readClock(clock)
    if let obstacle = GatewaySeal(key, trust).obstacle(at: now) {
      await store.close()
      throw GatewayError(.keyNotInKeyset, obstacle)
    }
    let chain = trust.view.chain
    try await store.change { ledger in
      if replacesStored { try ledger.removeKeysets() }
      for keyset in chain { try ledger.put(keyset, at: now) }
    }
    let gateway = Gateway(
      store: store, trust: trust, key: key, clock: clock,
      perInstallation: settings.edge.perInstallation,
      closesFrom: serves ? now + patienceToClose : now)
    return GatewayApplication(
      gateway: gateway, announcement: announcement(anchor, replacesStored),
      address: (settings.host, settings.port), state: state, edge: settings.edge, tls: tls,
      lock: lock)
  }

  private static func identity(
    _ certificate: EdgeSettings.Certificate
  ) throws(GatewayError) -> TLSIdentity {
    let files = try GatewayFiles.identity(certificate)
    do throws(TLSIdentity.Fault) { return try TLSIdentity(files) } catch {
      throw GatewayError(.tlsUnusable, error.message)
    }
  }

  private static func announcement(_ anchor: TrustAnchor, _ replacesStored: Bool) -> BilingualText?
  {
    guard replacesStored else { return anchor.announcement }
    let word = BilingualText(
      "the stored keysets are of other roots than this program's: --keyset took their place",
      "已存的密钥集属于别的根密钥，已由 --keyset 取代")
    guard let first = anchor.announcement else { return word }
    return BilingualText(
      "\(first.english); \(word.english)", "\(first.chinese)；\(word.chinese)")
  }

  private static func takeLock(_ state: GatewayState) throws(GatewayError) -> FileLock {
    do throws(PlatformError) {
      try Files.makeFolder(state.folder)
      return try FileLock(state.lock)
    } catch {
      guard error.code == .locked else { throw GatewayError(error, .stateUnusable) }
      throw GatewayError(
        .stateInUse, "another gateway runs on \(state.folder): stop it, or name another --state")
    }
  }

  private static func readClock(_ clock: any WallClock) throws(GatewayError) -> Int64 {
    do throws(PlatformError) { return try clock.now() } catch {
      throw GatewayError(error, .clockUnreadable)
    }
  }
}

// Running.
extension GatewayApplication {
  /// Serves until the process is told to stop (SIGTERM, SIGINT), then finishes what was begun.
  /// - Parameters:
  ///   - onListening: told the address once it takes connections.
  ///   - onFailure: told when the store must not be used any more. Connections that clients hold open
  ///     may keep this call from returning; whoever must end at once ends the process here.
  /// - Throws: ``GatewayError``.
  package func run(
    logger: Logger, onListening: @escaping @Sendable (String) -> Void,
    onFailure: @escaping @Sendable (GatewayError) -> Void
  ) async throws {
    // Trapped before anything listens: who renews a certificate must not end the gateway.
    let signals = await UnixSignalsSequence(trapping: .sighup)
    let renewal = CertificateRenewal(
      certificate: edge.certificate, tls: tls, signals: signals, metrics: gateway.metrics,
      logger: logger, now: { gateway.now })
    do {
      let server = server(
        logger: logger, beside: [renewal, socket(logger: logger)], onListening: onListening,
        onFailure: onFailure)
      var configuration = ServiceGroupConfiguration(
        services: [server], gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
      configuration.maximumGracefulShutdownDuration = Self.patience
      try await ServiceGroup(configuration: configuration).run()
    } catch let error as IOError where error.errnoCode == Self.addressInUse {
      throw GatewayError(
        .addressInUse,
        "\(address.host):\(address.port) is in use by another program: stop it, or name another "
          + "--listen")
    } catch let error as IOError {
      throw GatewayError(
        .addressUnusable,
        "cannot listen on \(address.host):\(address.port): \(error)")
    }
  }

  /// `EADDRINUSE` of Linux.
  private static let addressInUse: CInt = 98

  /// The most connections at a time: further ones wait to be accepted.
  private static let connections = 4096

  /// How long requests that were begun may take to end, once the process is told to stop.
  private static let patience = Duration.seconds(10)

  /// The server with the store's guard beside it.
  private func server(
    logger: Logger, beside services: [any Service],
    onListening: @escaping @Sendable (String) -> Void,
    onFailure: @escaping @Sendable (GatewayError) -> Void
  ) -> some ApplicationProtocol {
    let file = state.listen
    let scheme = tls == nil ? "http" : "https"
    var limits = EdgeLimits()
    limits.connections = edge.connections
    limits.proxies = edge.proxies
    return Application(
      router: GatewayRouter.build(gateway, edge: Edge(edge)),
      server: .edge(limits, tls: tls),
      configuration: ApplicationConfiguration(
        address: .hostname(address.host, port: address.port), serverName: "tally-gateway",
        availableConnectionsDelegate: MaximumAvailableConnections(Self.connections)),
      services: [
        StoreGuard(store: gateway.store, onFailure: onFailure),
        Rounds.closing(gateway: gateway, time: ContinuousClock(), logger: logger),
        Rounds.finding(gateway: gateway, time: ContinuousClock(), logger: logger),
        Rounds.announcing(gateway: gateway, time: ContinuousClock(), logger: logger),
        WebhookRounds(gateway: gateway, time: ContinuousClock(), logger: logger),
      ] + services + watch(logger: logger),
      onServerRunning: { channel in
        guard let address = Self.url(of: channel, scheme) else { return }
        do throws(PlatformError) {
          try Files.replace(file, with: Array("\(address)\n".utf8))
        } catch { logger.warning("\(error.message)") }
        onListening(address)
      },
      logger: logger)
  }

  /// Where other gateways publish into the same store, what they publish is taken over.
  private func watch(logger: Logger) -> [any Service] {
    guard let store = gateway.store as? any SharedLedgerStore else { return [] }
    return [
      PublicationWatch(store: store, gateway: gateway, time: ContinuousClock(), logger: logger)
    ]
  }

  /// The way in for this machine's own programs, whatever certificate the world is shown.
  private func socket(logger: Logger) -> some Service {
    let path = state.socket
    return Application(
      router: GatewayRouter.build(gateway, edge: Edge(edge)), server: .edge(EdgeLimits(), tls: nil),
      configuration: ApplicationConfiguration(
        address: .unixDomainSocket(path: path), serverName: "tally-gateway"),
      onServerRunning: { _ in
        do throws(PlatformError) { try Files.setMode(path, 0o600) } catch {
          logger.warning("the socket is open to others", metadata: ["cause": "\(error.message)"])
        }
      }, logger: logger)
  }

  private static func url(of channel: any Channel, _ scheme: String) -> String? {
    guard let address = channel.localAddress, let port = address.port,
      let host = address.ipAddress
    else { return nil }
    return host.contains(":") ? "\(scheme)://[\(host)]:\(port)" : "\(scheme)://\(host):\(port)"
  }
}
