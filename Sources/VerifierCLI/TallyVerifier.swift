internal import ArgumentParser
internal import Glibc
internal import Licensing
internal import Platform
internal import StartupCheck
internal import Terminal
internal import Verifier

/// The customer's side on the command line: beside the platform, checking, counting and reporting.
@main
struct TallyVerifier: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tally-verifier",
    abstract: "Check the platform's license, count its collectors, report its usage.",
    discussion: """
      Exit status: 0 yes or done, 1 no, 2 it could not be done or told, 64 wrong usage. With \
      --version alone it says which version it is.

      Texts come in English or Chinese: --lang en or --lang zh, else what LC_ALL, LC_MESSAGES or LANG \
      says. JSON is the same in both.

      Example: tally-verifier check --license acme.license --release platform.release \
      --running 1.98.190
      """,
    subcommands: [
      Check.self, Simulate.self, LicenseGroup.self, Activate.self, Serve.self, Status.self,
      Collectors.self, Report.self, DoctorCommand.self,
      UsageGroup.self, StatementGroup.self,
    ])

  static func main() async {
    do {
      Hardening.forbidCoreDumps()
      Hardening.ignoreClosedPipes()
      let words = ProcessArguments.all.dropFirst()
      if ProgramVersion.answers(words, of: "tally-verifier") { return }
      let environment = ProcessEnvironment.all()
      try Variables.check(environment)
      // The platform waits for this one: it is read alone, without the tree of all commands.
      if words.first == "check", let request = CheckRequest(plain: words.dropFirst()) {
        Glibc.exit(try request.run(environment))
      }
      if words.first == "check" || words.first == "simulate" {
        try RepeatedOption.refuse(words.dropFirst(), many: ["--license"])
      }
      var command = try parseAsRoot(ShieldedName.shielding(words))
      if var command = command as? any AsyncParsableCommand {
        try await command.run()
      } else {
        try command.run()
      }
    } catch {
      ErrorReport.end(error)
    }
  }
}

/// The one mapping of errors to messages and exit statuses.
enum ErrorReport {
  /// Says what happened on standard error and ends the process.
  static func end(_ error: any Error) -> Never {
    guard let (status, message) = report(error, in: .spoken) else {
      ParserReport.end(error, of: TallyVerifier.self)
    }
    Output.talk("tally-verifier: \(message)")
    exit(status.rawValue)
  }

  /// - Returns: nil for what the argument parser reports itself: help, usage that it refuses, and an
  ///   exit status without a message.
  static func report(
    _ error: any Error, in language: Language = .english
  ) -> (status: ExitStatus, message: String)? {
    switch error {
    case let error as CommandError:
      (error.status, language.explained(error.chinese, error.message))
    case let error as StartupCheckError:
      (error.isWrongUsage ? .usage : .fault, error.message(in: language))
    case let error as PlatformError:
      (.fault, language.explained(error.code.chinese, error.message))
    case let error as VerifierError:
      (
        error.isRefusal ? .refused : .fault,
        language.explained(error.chinese, error.message)
      )
    default: nil
    }
  }
}

/// Our variables of the environment.
enum Variables {
  private static let known = ["TALLY_PASSPHRASE_FILE", "TALLY_STANDING", "TALLY_TRUST_ROOT"]
  /// Settings of the other programs, and of the daemon, which holds its own.
  private static let foreign = [
    "TALLY_VERIFIER_", "TALLY_GATEWAY_", "TALLY_REGISTRY", "TALLY_TOKEN_FILE",
  ]

  private static var names: [String] {
    let own = StateOptions.known.map { setting in
      "TALLY_VERIFIER_" + setting.uppercased().split(separator: "-").joined(separator: "_")
    }
    return known + own
  }

  /// A misspelt variable must not become a default.
  /// - Throws: ``CommandError`` naming it.
  static func check(_ environment: [String: String]) throws(CommandError) {
    for name in environment.keys.sorted() where name.hasPrefix("TALLY_") {
      guard !known.contains(name), !foreign.contains(where: name.hasPrefix) else { continue }
      throw CommandError(
        .usage,
        "unknown setting \(name.prefix(64)) in the environment: the settings are "
          + names.joined(separator: ", "))
    }
  }
}
