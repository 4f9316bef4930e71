internal import ArgumentParser
internal import Authority
internal import Glibc
internal import Licensing
internal import Platform
internal import StartupCheck
internal import Terminal

/// The one mapping of errors to messages and exit statuses.
enum ErrorReport {
  /// Says what happened on standard error and ends the process.
  static func end(_ error: any Error) -> Never {
    guard let (status, message) = report(error, in: .spoken) else {
      ParserReport.end(error, of: Tally.self)
    }
    Output.talk("tally: \(message)")
    exit(status.rawValue)
  }

  /// - Returns: nil for what the argument parser reports itself: help, and usage that it refuses.
  static func report(
    _ error: any Error, in language: Language = .english
  ) -> (status: ExitStatus, message: String)? {
    switch error {
    case let error as CommandError:
      (error.status, language.explained(error.chinese, error.message))
    case let error as AuthorityError:
      (status(of: error.code), language.explained(error.chinese, error.message))
    case let error as PlatformError:
      (.fault, language.explained(error.code.chinese, error.message))
    case let error as StartupCheckError:
      (error.isWrongUsage ? .usage : .fault, error.message(in: language))
    default: nil
    }
  }

  private static func status(of code: AuthorityError.Code) -> ExitStatus {
    switch code {
    case .documentRefused, .questionsOpen: .refused
    case .inputInvalid: .usage
    case .registryMissing, .registryInUse, .storeUnavailable, .registryDamaged, .fileUnavailable,
      .notFound, .conflict, .keyMissing, .keyUnreadable, .passphraseWrong, .keysetMissing,
      .intentPending, .cryptographyFailed, .clockUnreadable:
      .fault
    }
  }
}

/// Our variables of the environment.
enum Variables {
  private static let known = [
    "TALLY_REGISTRY", "TALLY_PASSPHRASE_FILE", "TALLY_TOKEN_FILE", "TALLY_TRUST_ROOT",
  ]
  /// Beginnings of the names of settings of the other programs.
  private static let foreign = ["TALLY_VERIFIER_", "TALLY_GATEWAY_"]

  /// A misspelt variable must not become a default.
  /// - Throws: ``CommandError`` naming it.
  static func check(_ environment: [String: String]) throws(CommandError) {
    for name in environment.keys.sorted() where name.hasPrefix("TALLY_") {
      guard !known.contains(name), !foreign.contains(where: name.hasPrefix) else { continue }
      throw CommandError(
        .usage,
        "unknown setting \(name.prefix(64)) in the environment: the settings are "
          + known.joined(separator: ", "))
    }
  }
}
