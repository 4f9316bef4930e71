internal import ArgumentParser
internal import CivilTime
internal import Gateway
internal import Licensing
internal import Platform
internal import Reporting
internal import Sealing
internal import Terminal

/// Takes what an installation reports by file.
struct Import: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Take a bundle that an installation wrote, and write the answer to it.",
    discussion: """
      A bundle is what tally-verifier usage export made: an enrolment, usage records, a sign of life. \
      It is taken as if it had come by wire, 1000 records at a time, and everything that the answer \
      acknowledges is durable. The answer holds the activation, the receipts, and what the back channel \
      brings: newer licenses of the line, keyset, revocations. The customer gives it to tally-verifier \
      usage import. The same bundle gets the same receipts, however often it is brought.

      While serve runs on the state folder it is asked to take the bundle; else the folder is opened, \
      for which the key, its passphrase and the keyset are needed as by serve.

      Exit status: 0 everything was taken; 1 something was refused, and the code says why: what was \
      acknowledged before it is in the answer; 2 it could not be done.

      Example: tally-gateway import 2026-11.bundle --out 2026-11.answer --state /var/lib/tally-gateway \
      --key gateway.pem --passphrase-file passphrase --keyset vendor.keyset
      """)

  @Argument(help: ArgumentHelp("The bundle's file.", valueName: "file"))
  var file: String

  @Option(help: ArgumentHelp("The answer's file to make; it must not exist.", valueName: "file"))
  var out: String

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

  @Option(help: "How to write what became of the bundle.")
  var format: Format = .text

  @OptionGroup var passphrase: PassphraseOptions
  @OptionGroup var trust: TrustOptions
  @OptionGroup var language: LanguageOption

  func run() async throws {
    guard !Files.exists(out) else {
      throw CommandError(.fault, "\(out) exists already: name another or remove it")
    }
    let bundle = try read()
    let outcome = try await take(bundle)
    if !outcome.answer.isEmpty {
      try Files.create(out, with: Array(outcome.answer.file.utf8))
    }
    switch format {
    case .json: Output.data(BundleText.json(outcome, out: out))
    case .text: Output.data(BundleText.text(outcome))
    }
    guard let problem = outcome.problem else { return }
    let written = outcome.answer.isEmpty ? "no answer was written" : "the rest is in \(out)"
    throw CommandError(
      .refused,
      "\(problem.code.rawValue): \(problem.detail)\(BundleText.hint(problem)); \(written)",
      chinese: problem.code.chinese)
  }

  private func read() throws -> ReportBundle {
    let bytes = try Files.read(file, maximum: ReportBundle.maximumSize)
    do throws(Refusal) { return try ReportBundle(file: bytes) } catch {
      throw CommandError(.refused, "\(file): \(error)", refusal: error)
    }
  }

  private func take(_ bundle: ReportBundle) async throws -> BundleOutcome {
    let settings = try readSettings()
    let folder = GatewayState(try settings.required("state"))
    guard Files.exists(folder.ledger) else {
      throw GatewayError(
        .notFound, "\(folder.folder) holds no gateway's ledger: name the folder that serve uses")
    }
    if try Self.isServed(folder) {
      return try await BundleIntake.take(bundle, at: ServeDesk(folder))
    }
    let application = try await GatewayApplication.open(
      GatewaySettings(
        state: folder.folder, host: "127.0.0.1", port: 0, key: try settings.required("key"),
        passphrase: try passphrase.source.read(), keyset: try settings.required("keyset"),
        trustRoot: trust.file))
    if let announcement = application.announcement {
      Output.talk("tally-gateway: \(announcement.spoken)")
    }
    let gateway = application.gateway
    do {
      let outcome = try await BundleIntake.take(bundle, at: gateway)
      await gateway.store.close()
      return outcome
    } catch {
      await gateway.store.close()
      throw error
    }
  }

  private func readSettings() throws -> Settings {
    let file = try settings.map { path in (path, try Files.read(path, maximum: 64 * 1024)) }
    return try Settings(
      program: "gateway", known: Serve.known,
      flags: ["state": state, "key": key, "keyset": keyset],
      environment: ProcessEnvironment.all(), file: file.map { (name: $0.0, bytes: $0.1) })
  }

  /// Whether a process works on the folder.
  private static func isServed(_ folder: GatewayState) throws -> Bool {
    do throws(PlatformError) {
      _ = try FileLock(folder.lock)
      return false
    } catch {
      guard error.code == .locked else { throw error }
      return true
    }
  }
}
