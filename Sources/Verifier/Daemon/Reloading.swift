internal import Logging
internal import ServiceLifecycle
package import UnixSignals

/// What reading the settings anew came to.
package enum ReloadedSettings: Sendable {
  /// The settings that change while the daemon runs, and the names of those that differ from what the
  /// daemon was started with and do not.
  case values(LiveSettings.Values, fixed: [String])
  /// They cannot be read so: nothing has changed.
  case refused(String)
}

/// Looks at the license file every few seconds, and at everything when `SIGHUP` comes.
package struct ReloadService: Service, CustomStringConvertible {
  /// The name that logs show; a dump of what it holds has no place there.
  package var description: String { "reloading" }

  private static let interval: Int64 = 3000

  private let daemon: VerifierDaemon
  private let transport: GatewayTransport
  private let signals: UnixSignalsSequence
  private let settings: String
  private let read: @Sendable () -> ReloadedSettings

  /// - Parameters:
  ///   - signals: of `SIGHUP`, trapped already.
  ///   - settings: what to call the settings' file.
  ///   - read: reads the settings anew.
  package init(
    _ daemon: VerifierDaemon, transport: GatewayTransport, signals: UnixSignalsSequence,
    settings: String, read: @escaping @Sendable () -> ReloadedSettings
  ) {
    self.daemon = daemon
    self.transport = transport
    self.signals = signals
    self.settings = settings
    self.read = read
  }

  package func run() async throws {
    try await cancelWhenGracefulShutdown {
      try await withThrowingTaskGroup { group in
        group.addTask { try await watch() }
        group.addTask {
          for await _ in signals { try await reload() }
          // The stream ends where the task is cancelled.
        }
        try await group.waitForAll()
      }
    }
  }

  private func watch() async throws {
    let bell = Doorbell()
    while !Task.isCancelled {
      try await look(anew: false)
      await bell.wait(atMost: Self.interval)
    }
  }

  /// Reads settings and license anew. What is refused is said, and leaves everything as it was.
  package func reload() async throws {
    switch read() {
    case .refused(let why):
      note(.refused(why))
      daemon.logger.error(
        "the settings are refused, those before stay", metadata: ["cause": "\(why)"])
    case .values(let values, let fixed):
      daemon.live.use(values)
      transport.use(values.egress)
      await daemon.counting.use(values.pace)
      note(.taken)
      daemon.logger.notice("the settings are read anew")
      if !fixed.isEmpty {
        daemon.logger.warning(
          "settings that change only at a start have changed: start serve anew",
          metadata: ["settings": "\(fixed.joined(separator: ", "))"])
      }
    }
    try await look(anew: true)
    daemon.bell.ring()
  }

  private func look(anew: Bool) async throws {
    do { try await daemon.watcher.look(anew: anew) } catch {
      guard Task.isCancelled else { throw error }
    }
  }

  private func note(_ outcome: WatchedFiles.Outcome) {
    daemon.desk.files.note(
      outcome, .settings, settings, at: daemon.desk.installation.time.wall ?? 0)
  }
}
