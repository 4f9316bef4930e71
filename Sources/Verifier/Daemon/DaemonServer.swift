internal import Hummingbird
internal import Logging
internal import NIOCore
internal import Platform
internal import Serving
internal import ServiceLifecycle
internal import UnixSignals

/// Where a daemon listens: an address and a port, 0 for any that is free.
package struct ListenAddress: Sendable, Hashable, CustomStringConvertible {
  package let host: String
  package let port: Int

  /// Reads `127.0.0.1:8090`, `[::1]:8090` or `localhost:0`.
  /// - Returns: nil for any other form.
  package init?(_ text: String) {
    guard let colon = text.lastIndex(of: ":"),
      let port = Int(text[text.index(after: colon)...]), (0...65_535).contains(port)
    else { return nil }
    var host = text[..<colon]
    if host.first == "[" && host.last == "]" {
      host = host.dropFirst().dropLast()
    } else if host.contains(":") {
      return nil
    }
    guard !host.isEmpty else { return nil }
    self.host = String(host)
    self.port = port
  }

  init(host: String, port: Int) {
    self.host = host
    self.port = port
  }

  package var description: String {
    host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
  }
}

extension VerifierDaemon {
  /// How long requests that are being answered may hold up the end.
  private static let longestEnd = Duration.seconds(10)
  /// Connections that wait to be taken: a proxy opens many at once when it starts.
  private static let backlog = 4096

  /// Runs until SIGTERM or SIGINT.
  ///
  /// Everything ends the other way round than it started, so that no request comes in any more when the
  /// journal is committed for the last time.
  /// - Parameters:
  ///   - reloading: looks after files that change.
  ///   - onListening: told the address once requests are taken.
  /// - Throws: ``VerifierError``.
  package func run(
    listen: ListenAddress, reloading: ReloadService,
    onListening: @escaping @Sendable (String) -> Void
  ) async throws(VerifierError) {
    let folder = desk.installation.folder
    // What the servers say of themselves when another service fails only hides the cause.
    var quiet = logger
    quiet.logLevel = .critical
    let socket = Application(
      router: socketRouter(), server: .http1(configuration: .init(idleTimeout: .seconds(120))),
      configuration: ApplicationConfiguration(
        address: .unixDomainSocket(path: folder.socket), serverName: "tally-verifier"),
      onServerRunning: { _ in restrict(folder.socket) }, logger: quiet)
    let network = Application(
      router: intakeRouter(), server: .onLoops(.init(idleTimeout: .seconds(120))),
      configuration: ApplicationConfiguration(
        address: .hostname(listen.host, port: listen.port), serverName: "tally-verifier",
        backlog: Self.backlog),
      onServerRunning: { channel in
        let port = channel.localAddress?.port ?? listen.port
        let text = "http://\(ListenAddress(host: listen.host, port: port))"
        tell(text, folder)
        onListening(text)
      }, logger: quiet)
    let services: [any Service] = [
      CountingService(self), ReportingService(self), reloading, socket, network,
    ]
    var configuration = ServiceGroupConfiguration(
      services: services.map {
        // A server that is cancelled while a connection comes in ends the process by a trap of its own.
        .init(service: $0, failureTerminationBehavior: .gracefullyShutdownGroup)
      }, gracefulShutdownSignals: [.sigterm, .sigint], logger: quiet)
    configuration.maximumGracefulShutdownDuration = Self.longestEnd
    do { try await ServiceGroup(configuration: configuration).run() } catch {
      // The group gave up on a request; the journal is committed even so.
      guard !(error is CancellationError) else { return }
      throw Self.fault(error, listen)
    }
  }

  private func tell(_ address: String, _ folder: StateFolder) {
    do throws(PlatformError) {
      try Files.replace(folder.listen, with: Array("\(address)\n".utf8))
    } catch {
      logger.error("the listen file is not written", metadata: ["cause": "\(error.message)"])
      if error.code != .full { desk.findings.fail(VerifierError(error)) }
    }
  }

  /// The folder is its owner's alone; so is the socket.
  private func restrict(_ path: String) {
    do throws(PlatformError) { try Files.setMode(path, 0o600) } catch {
      logger.warning("the socket is open to others", metadata: ["cause": "\(error.message)"])
    }
  }

  private static func fault(_ error: any Error, _ listen: ListenAddress) -> VerifierError {
    if let error = error as? VerifierError { return error }
    let number = (error as? IOError)?.errnoCode
    switch number.flatMap({ ListenFault(errno: $0) }) {
    case .inUse:
      return VerifierError(
        .addressInUse,
        "\(listen) is in use by another program: stop it, or name another address with --listen")
    case .forbidden:
      return VerifierError(
        .addressUnusable, "this user may not listen on \(listen): choose a port above 1023")
    case .notHere:
      return VerifierError(
        .addressUnusable, "\(listen) is no address of this machine: name one with --listen")
    case nil:
      return VerifierError(.addressUnusable, "cannot listen on \(listen): \(error)")
    }
  }
}
