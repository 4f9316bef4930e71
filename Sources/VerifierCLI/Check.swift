internal import ArgumentParser
internal import Licensing
internal import Platform
internal import Sealing
internal import StartupCheck
internal import Terminal

/// Judges whether the platform may run: what it asks when it starts.
struct Check: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check", _superCommandName: "tally-verifier",
    abstract: "Check at start-up whether the platform may run.",
    discussion: """
      Reads the license files given, the file "standing" that the running verifier keeps, and the \
      release file of the install package. Needs no daemon, no network, no database and no writable \
      disk. A license or release file that is named must be there; the standing need not be yet.

      Exit status: 0 yes (allow or warn), 1 no (deny), 2 it cannot be told, 64 wrong usage.

      Example: tally-verifier check --license acme.license --release platform.release \
      --running 1.98.190
      """)

  @Option(
    name: .customLong("license"),
    help: ArgumentHelp("A license file; may be given several times.", valueName: "file"))
  var licenses: [String] = []

  @Option(
    help: ArgumentHelp(
      "The file that the running verifier keeps; else TALLY_STANDING.", valueName: "file"))
  var standing: String?

  @Option(help: ArgumentHelp("The release file of the install package.", valueName: "file"))
  var release: String?

  @Option(
    help: ArgumentHelp(
      "What runs, as the program itself says: VERSION or VERSION@COMMIT.", valueName: "version"))
  var running: String?

  @Option(help: ArgumentHelp("The product that runs.", valueName: "name"))
  var product: String?

  @Option(
    help: ArgumentHelp(
      "The vendor's root.jwks, in a build without a root; else TALLY_TRUST_ROOT.",
      valueName: "file"))
  var trustRoot: String?

  @Option(help: "How to write the verdict.")
  var format: VerdictFormat = .text

  func run() throws {
    let environment = ProcessEnvironment.all()
    let inputs = CheckInputs(
      licenseFiles: licenses, standingFile: standing ?? environment["TALLY_STANDING"],
      releaseFile: release, running: running, product: product)
    let runningRelease = try inputs.runningRelease()
    let anchor = try TrustAnchor(file: trustRoot ?? environment["TALLY_TRUST_ROOT"])
    if let announcement = anchor.announcement { Output.talk("tally-verifier: \(announcement)") }
    let dossier = try inputs.dossier(anchor: anchor)
    let judgement = dossier.judge(
      running: runningRelease, product: product, clock: SystemClock())
    switch judgement {
    case .cannotTell(let reason): throw StartupCheckError(reason)
    case .verdict(let verdict):
      switch format {
      case .json: Output.aside(verdict.json.indentedText)
      case .text: Output.aside(VerdictText.text(verdict, dossier, running: runningRelease))
      }
      guard verdict.exitCode == 0 else { throw ExitCode(verdict.exitCode) }
    }
  }
}

/// How a verdict is written.
enum VerdictFormat: String, ExpressibleByArgument, CaseIterable {
  case text
  case json
}
