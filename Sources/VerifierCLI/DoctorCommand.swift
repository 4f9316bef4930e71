internal import ArgumentParser
internal import Licensing
internal import Platform
internal import Sealing
internal import Terminal
internal import Verifier

/// Looks at everything that a customer can get wrong.
struct DoctorCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor",
    abstract: "Look at folder, keys, disk, clock, license, gateway, lease and standing.",
    discussion: """
      One line for each thing, with what to do where something is wrong. The gateway is dialled once, \
      by the way that the settings of this command say (gateway, proxy, gateway-ca), and nothing of the \
      installation is sent; where that fails, the line begins with the step: DNS, TCP, PROXY, TLS or \
      HTTP. With an offline license nothing is dialled.

      Exit status: 0 nothing is wrong, 1 something is, 2 something could not be told.

      Example: tally-verifier doctor --state /var/lib/tally-verifier --platform-user platform
      """)

  @OptionGroup var options: StateOptions

  @Option(help: ArgumentHelp("The release file of the install package.", valueName: "file"))
  var release: String?

  @Option(help: ArgumentHelp("What runs: VERSION or VERSION@COMMIT.", valueName: "version"))
  var running: String?

  @Option(
    help: ArgumentHelp(
      "Whether this user may read the file standing is looked at, too.", valueName: "user"))
  var platformUser: String?

  @Option(help: "How to write it.")
  var format: OutputFormat = .text

  func run() async throws {
    let language = Language.spoken
    let account = try platformUser.map { name throws(CommandError) in
      guard let account = Account(named: name) else {
        throw CommandError(.usage, "--platform-user \(name.prefix(64)) is no user of this machine")
      }
      return account
    }
    let settings = try options.read(["release": release, "running": running])
    let surroundings = try options.surroundings(settings)
    let found = await VerifierApplication.diagnose(
      surroundings, platform: account, logger: StateOptions.quietLogger)
    format.write(["checks": .array(found.map(\.json))]) { _ in
      found.map { Self.line($0, in: language) }.joined(separator: "\n")
    }
    let states = Set(found.map(\.state))
    if states.contains(.fail) { throw ExitCode(ExitStatus.refused.rawValue) }
    if states.contains(.unknown) { throw ExitCode(ExitStatus.fault.rawValue) }
  }

  private static func line(_ diagnosis: Diagnosis, in language: Language) -> String {
    let label = diagnosis.subject.label.text(in: language)
    let width = language == .english ? label.count : label.count * 2
    let space = String(repeating: " ", count: max(14 - width, 1))
    let state = diagnosis.state.rawValue
    let what = Printable.line(diagnosis.what.text(in: language))
    let cure = diagnosis.cure.map { cure in
      (language == .english ? "; " : "；") + Printable.line(cure.text(in: language))
    }
    return
      "\(state)\(String(repeating: " ", count: 9 - state.count))\(label)\(space)\(what)\(cure ?? "")"
  }
}
