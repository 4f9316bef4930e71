package import Logging
package import Platform
internal import Sealing
internal import UnixSignals

/// The ways in which programs and tests start the verifier.
package enum VerifierApplication {
  /// How long a command waits for another process that holds the folder without answering.
  package static let patience = Duration.seconds(4)
  private static let pause = Duration.milliseconds(200)

  /// Where a daemon has its settings from, besides what it was started with.
  package struct Reloads: Sendable {
    /// What to call the settings' file.
    package let source: String
    package let read: @Sendable () -> ReloadedSettings

    package init(source: String, read: @escaping @Sendable () -> ReloadedSettings) {
      self.source = source
      self.read = read
    }
  }

  /// Runs the daemon until SIGTERM or SIGINT.
  /// - Parameters:
  ///   - live: the settings that change while it runs.
  ///   - announce: told the address once requests are taken.
  /// - Throws: ``VerifierError``.
  package static func serve(
    _ surroundings: Surroundings, listen: ListenAddress, intake: IntakeSettings,
    live: LiveSettings, reloads: Reloads, logger: Logger,
    announce: @escaping @Sendable (String) -> Void
  ) async throws(VerifierError) {
    // From now on SIGHUP ends nothing.
    let signals = await UnixSignalsSequence(trapping: .sighup)
    try await withTransport(surroundings.egress) { transport throws(VerifierError) in
      let installation = try await patiently { () async throws(VerifierError) in
        try await Installation(surroundings)
      } waiting: { error in
        logger.warning(
          "the state folder is in use: waiting \(patience.components.seconds) s for it",
          metadata: ["cause": "\(error.message)"])
      }
      for remark in try await installation.remarks() { logger.warning("\(remark)") }
      if let remark = surroundings.folder.openness { logger.warning("\(remark)") }
      let daemon = try await VerifierDaemon(
        installation, client: HTTPGatewayClient(transport, clock: surroundings.wall),
        intake: intake,
        live: live, logger: logger)
      if daemon.counting.keeper == nil && live.current.license == nil {
        logger.warning("no license is installed: nothing is counted until one is")
      }
      let reloading = ReloadService(
        daemon, transport: transport, signals: signals, settings: reloads.source,
        read: reloads.read)
      try await daemon.run(listen: listen, reloading: reloading, onListening: announce)
    }
  }

  /// Opens the state folder for one command; if a daemon has it, there is a client of that instead.
  /// - Parameters:
  ///   - mayBegin: whether a folder without an installation becomes one.
  ///   - patience: how long to wait for another command that works on the folder.
  /// - Throws: ``VerifierError``.
  package static func withDesk<Value: Sendable>(
    _ surroundings: Surroundings, mayBegin: Bool, patience: Duration = patience, logger: Logger,
    direct: (ControlDesk) async throws(VerifierError) -> Value,
    served: (ControlClient) async throws(VerifierError) -> Value
  ) async throws(VerifierError) -> Value {
    let folder = surroundings.folder
    let hasKeys = try StateKeys.exist(in: folder)
    let isReplaced = try ReplacementFolder.isDecided(in: folder)
    guard mayBegin || hasKeys || isReplaced || Files.exists(folder.ledger) else {
      throw VerifierError(
        .stateUnusable,
        "there is no installation in \(surroundings.folder.path): name its state folder, or begin "
          + "with license install")
    }
    let opened: Opened<Value> = try await patiently(patience) { () async throws(VerifierError) in
      do throws(VerifierError) {
        return .installation(try await Installation(surroundings))
      } catch {
        guard error.code == .stateLocked else { throw error }
        return .answer(try await served(ControlClient(folder)))
      }
    }
    switch opened {
    case .answer(let value): return value
    case .installation(let installation):
      return try await withTransport(surroundings.egress) { transport throws(VerifierError) in
        let desk = try await ControlDesk.direct(
          installation, client: HTTPGatewayClient(transport, clock: surroundings.wall),
          logger: logger)
        let value = try await direct(desk)
        // The file `standing` could not be written.
        if let fault = desk.findings.fault { throw fault }
        return value
      }
    }
  }

  /// Looks at everything that a customer can get wrong.
  /// - Parameter platform: the user whose way to the file `standing` is looked at.
  package static func diagnose(
    _ surroundings: Surroundings, platform: Account?, logger: Logger
  ) async -> [Diagnosis] {
    let status: Result<JSONValue, VerifierError>
    do throws(VerifierError) {
      status = .success(
        try await withDesk(
          surroundings, mayBegin: false, logger: logger,
          direct: { desk throws(VerifierError) in try await desk.status() },
          served: { client throws(VerifierError) in try await client.status() }))
    } catch { status = .failure(error) }
    let transport = GatewayTransport(surroundings.egress)
    let found = await Doctor(surroundings, transport: transport, platform: platform)
      .diagnose(status)
    await transport.shutdown()
    return found
  }

  private enum Opened<Value: Sendable> {
    case installation(Installation)
    case answer(Value)
  }

  /// Tries again for a while where another process holds the folder without answering: a command that
  /// is about to end, a daemon that is about to listen.
  /// - Parameter waiting: told once, before the first wait.
  private static func patiently<Value: Sendable>(
    _ patience: Duration = patience, _ body: () async throws(VerifierError) -> Value,
    waiting: (VerifierError) -> Void = { _ in }
  ) async throws(VerifierError) -> Value {
    for attempt in 0..<Int(patience / pause) {
      do throws(VerifierError) { return try await body() } catch {
        guard error.code == .stateLocked || error.code == .notServing else { throw error }
        if attempt == 0 { waiting(error) }
        try? await Task.sleep(for: pause)
      }
    }
    return try await body()
  }

  static func withTransport<Value: Sendable>(
    _ egress: Egress, _ body: (GatewayTransport) async throws(VerifierError) -> Value
  ) async throws(VerifierError) -> Value {
    let transport = GatewayTransport(egress)
    do throws(VerifierError) {
      let value = try await body(transport)
      await transport.shutdown()
      return value
    } catch {
      await transport.shutdown()
      throw error
    }
  }
}
