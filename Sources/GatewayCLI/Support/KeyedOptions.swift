internal import ArgumentParser
internal import Gateway
internal import Platform
internal import Sealing
internal import Terminal

/// How something is sealed into a gateway's ledger: through serve where it runs on the folder, else by
/// opening the folder with the gateway's key.
struct KeyedOptions: ParsableArguments {
  @Option(help: ArgumentHelp("The gateway's folder.", valueName: "folder"))
  var state: String?

  @Option(
    help: ArgumentHelp("The gateway's key, where serve does not run.", valueName: "file"))
  var key: String?

  @Option(
    help: ArgumentHelp("The vendor's keyset, where serve does not run.", valueName: "file"))
  var keyset: String?

  @Option(help: ArgumentHelp("A JSON object of settings, that of serve.", valueName: "file"))
  var settings: String?

  @OptionGroup var database: StoreOption
  @OptionGroup var passphrase: PassphraseOptions
  @OptionGroup var trust: TrustOptions
  @OptionGroup var language: LanguageOption

  /// Asks serve, or does the same itself.
  /// - Parameters:
  ///   - path: serve's path, and `body` what is sent there.
  ///   - act: the same, where serve does not run.
  /// - Returns: what serve answers.
  func ask(
    _ path: String, _ body: JSONValue, _ act: (Gateway) async throws -> JSONValue
  ) async throws -> JSONValue {
    try await work(
      served: { folder in
        try await withToken(of: folder) { token in
          try await ServeDesk(folder).ask(body, path, token: token)
        }
      }, opened: act)
  }

  /// Works on the folder: through serve where it runs there, else with the key.
  func work<Value: Sendable>(
    served: (GatewayState) async throws -> Value, opened: (Gateway) async throws -> Value
  ) async throws -> Value {
    let settings = try readSettings()
    let folder = GatewayState(
      try settings.required("state"),
      store: try database.address(else: settings.string("store")))
    return try await folder.isServed()
      ? served(folder) : self.opened(folder, settings, opened)
  }

  private func readSettings() throws -> Settings {
    let file = try settings.map { path in (path, try Files.read(path, maximum: 64 * 1024)) }
    return try Settings(
      program: "gateway", known: Serve.known,
      flags: ["state": state, "store": database.store, "key": key, "keyset": keyset],
      environment: ProcessEnvironment.all(), file: file.map { (name: $0.0, bytes: $0.1) })
  }

  private func opened<Value: Sendable>(
    _ folder: GatewayState, _ settings: Settings, _ body: (Gateway) async throws -> Value
  ) async throws -> Value {
    let application = try await GatewayApplication.open(
      GatewaySettings(
        state: folder.folder, host: "127.0.0.1", port: 0, key: try settings.required("key"),
        passphrase: try passphrase.source.read(), keyset: try settings.required("keyset"),
        trustRoot: trust.file, store: folder.store), serves: false)
    if let announcement = application.announcement {
      Output.talk("tally-gateway: \(announcement.spoken)")
    }
    let store = application.gateway.store
    let answer: Result<Value, any Error>
    do { answer = .success(try await body(application.gateway)) } catch {
      answer = .failure(error)
    }
    await store.close()
    return try answer.get()
  }

  /// Makes a token for one request: whoever may write the folder may make one anyway.
  private func withToken(
    of folder: GatewayState, _ body: (String) async throws -> JSONValue
  ) async throws -> JSONValue {
    let store = try await folder.openExistingStore()
    let tokens = TokenService(store: store, clock: SystemClock())
    let answer: Result<JSONValue, any Error>
    do {
      let (text, token) = try await tokens.make(
        [.decide], days: 1, note: "one decision by command")
      do { answer = .success(try await body(text)) } catch { answer = .failure(error) }
      _ = try await tokens.revoke(token.id)
    } catch {
      await store.close()
      throw error
    }
    await store.close()
    return try answer.get()
  }
}
