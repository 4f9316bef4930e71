internal import AsyncHTTPClient
package import Logging
internal import Platform

/// The ways in which programs and tests start the verifier.
package enum VerifierApplication {
  private static let attempts = 20
  private static let pause = Duration.milliseconds(200)

  /// Runs the daemon until SIGTERM or SIGINT.
  /// - Parameters:
  ///   - announce: told the address once requests are taken.
  /// - Throws: ``VerifierError``.
  package static func serve(
    _ surroundings: Surroundings, listen: ListenAddress, gate: IntakeGate,
    pace: SampleSchedule.Pace, logger: Logger, announce: @escaping @Sendable (String) -> Void
  ) async throws(VerifierError) {
    try await withClient { client throws(VerifierError) in
      let installation = try await patiently { () async throws(VerifierError) in
        try await Installation(surroundings)
      }
      let daemon = try await VerifierDaemon(
        installation, client: client, gate: gate, pace: pace, logger: logger)
      if daemon.counting.keeper == nil {
        logger.warning("no license is installed: nothing is counted until one is")
      }
      try await daemon.run(listen: listen, onListening: announce)
    }
  }

  /// Opens the state folder for one command; if a daemon has it, there is a client of that instead.
  /// - Parameter mayBegin: whether a folder without an installation becomes one.
  /// - Throws: ``VerifierError``.
  package static func withDesk<Value: Sendable>(
    _ surroundings: Surroundings, mayBegin: Bool, logger: Logger,
    direct: (ControlDesk) async throws(VerifierError) -> Value,
    served: (ControlClient) async throws(VerifierError) -> Value
  ) async throws(VerifierError) -> Value {
    let folder = surroundings.folder
    let isBegun =
      StateKeys.exist(in: folder) || Files.exists(folder.ledger)
      || ReplacementFolder.isDecided(in: folder)
    guard mayBegin || isBegun else {
      throw VerifierError(
        .stateUnusable,
        "there is no installation in \(surroundings.folder.path): name its state folder, or begin "
          + "with license install")
    }
    let opened: Opened<Value> = try await patiently { () async throws(VerifierError) in
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
      return try await withClient { client throws(VerifierError) in
        try await direct(
          try await ControlDesk.direct(installation, client: client, logger: logger))
      }
    }
  }

  private enum Opened<Value: Sendable> {
    case installation(Installation)
    case answer(Value)
  }

  /// Tries again for a while where another process holds the folder without answering: a command that
  /// is about to end, a daemon that is about to listen.
  private static func patiently<Value: Sendable>(
    _ body: () async throws(VerifierError) -> Value
  ) async throws(VerifierError) -> Value {
    for _ in 0..<attempts {
      do throws(VerifierError) { return try await body() } catch {
        guard error.code == .stateLocked || error.code == .notServing else { throw error }
        try? await Task.sleep(for: pause)
      }
    }
    return try await body()
  }

  static func withClient<Value: Sendable>(
    _ body: (HTTPGatewayClient) async throws(VerifierError) -> Value
  ) async throws(VerifierError) -> Value {
    let http = HTTPClient(
      eventLoopGroupProvider: .singleton, configuration: HTTPGatewayClient.configuration)
    do throws(VerifierError) {
      let value = try await body(HTTPGatewayClient(http))
      try? await http.shutdown()
      return value
    } catch {
      try? await http.shutdown()
      throw error
    }
  }
}
