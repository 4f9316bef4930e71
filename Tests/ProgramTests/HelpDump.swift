import Foundation
import Synchronization

/// What `--experimental-dump-help` tells of a program: its commands and their flags.
struct HelpDump: Decodable, Sendable {
  struct Subcommand: Decodable, Sendable {
    let commandName: String
    let abstract: String?
    let discussion: String?
    let subcommands: [Subcommand]?
    let arguments: [Argument]?
  }

  struct Argument: Decodable, Sendable {
    struct Name: Decodable, Sendable {
      let kind: String
      let name: String
    }

    let kind: String
    let isOptional: Bool
    let names: [Name]?

    var longNames: [String] { (names ?? []).filter { $0.kind == "long" }.map(\.name) }
  }

  let command: Subcommand

  private static let known = Mutex<[String: Task<HelpDump, any Error>]>([:])

  /// Asks each program once.
  static func of(_ program: String) async throws -> HelpDump {
    let asked = known.withLock { known in
      if let asked = known[program] { return asked }
      let asked = Task {
        try await Command.run(
          program, ["--experimental-dump-help"], in: FileManager.default.temporaryDirectory
        ).json(HelpDump.self)
      }
      known[program] = asked
      return asked
    }
    return try await asked.value
  }

  /// Every command with the words that lead to it.
  var commands: [(path: [String], command: Subcommand)] { Self.walk(command, []) }

  private static func walk(
    _ command: Subcommand, _ path: [String]
  ) -> [(path: [String], command: Subcommand)] {
    let mine = path + [command.commandName]
    return [(mine, command)]
      + (command.subcommands ?? []).filter { $0.commandName != "help" }.flatMap { walk($0, mine) }
  }

  /// The command or flag of a command line, or of the beginning of one, that this program does not
  /// have; nil where it has all of them.
  func unknown(in words: [String]) -> String? {
    var current = command
    for word in words.dropFirst() {
      if let flag = word.firstMatch(of: /^--([a-z-]+)/)?.output.1, flag != "help" {
        let known = (current.arguments ?? []).flatMap(\.longNames)
        guard known.contains(String(flag)) else { return "no flag --\(flag)" }
      } else if let sub = current.subcommands?.first(where: { $0.commandName == word }) {
        current = sub
      } else if let subcommands = current.subcommands, !subcommands.isEmpty {
        return "no subcommand \(word)"
      }
    }
    return nil
  }

  /// What is wrong with a command line of this program; nil where nothing is.
  func complaint(about words: [String]) -> String? {
    var current = command
    var rest = words.dropFirst()
    while let word = rest.first,
      let sub = current.subcommands?.first(where: { $0.commandName == word })
    {
      current = sub
      rest = rest.dropFirst()
    }
    // The parser's own flag, which no dump names.
    if words.dropFirst().first == "--generate-completion-script", words.count == 3 { return nil }
    if let subcommands = current.subcommands, !subcommands.isEmpty, !rest.contains("--help") {
      return "no subcommand \(rest.first ?? "") of \(current.commandName)"
    }
    let used = rest.filter { $0.hasPrefix("--") && $0 != "--" }.map { word in
      String(word.dropFirst(2).prefix { $0 != "=" })
    }
    let arguments = current.arguments ?? []
    let known = Set(arguments.flatMap(\.longNames) + ["help"])
    if let unknown = used.first(where: { !known.contains($0) }) { return "no flag --\(unknown)" }
    if used.contains("help") { return nil }
    let missing = arguments.first { argument in
      argument.kind == "option" && !argument.isOptional
        && Set(argument.longNames).isDisjoint(with: used)
    }
    return missing.map { "--\($0.longNames.first ?? "") is missing" }
  }
}
