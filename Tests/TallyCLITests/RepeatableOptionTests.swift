import ArgumentParser
import Foundation
import Terminal
import Testing

@testable import TallyCLI

/// No option of any command is given twice with different values, but for those that may be.
struct RepeatableOptionTests {
  struct Dump: Decodable {
    struct Command: Decodable {
      let commandName: String
      let subcommands: [Command]?
      let arguments: [Argument]?
    }

    struct Argument: Decodable {
      struct Name: Decodable {
        let kind: String
        let name: String
      }

      let kind: String
      let isRepeating: Bool
      let names: [Name]?
    }

    let command: Command
  }

  private static func commands(
    _ command: Dump.Command, _ path: [String]
  ) -> [(path: [String], command: Dump.Command)] {
    guard let subcommands = command.subcommands, !subcommands.isEmpty else {
      return [(path, command)]
    }
    return subcommands.flatMap { commands($0, path + [$0.commandName]) }
  }

  private static func refusal(_ words: [String]) -> CommandError? {
    do throws(CommandError) {
      try RepeatedOption.refuse(words, many: RepeatableOptions.of(words))
    } catch { return error }
    return nil
  }

  @Test func `the table of those that may be is what the parser takes several times`() throws {
    let error = #expect(throws: (any Error).self) {
      try Tally.parseAsRoot(["--experimental-dump-help"])
    }
    let text = Tally.fullMessage(for: try #require(error))
    let dump = try JSONDecoder().decode(Dump.self, from: Data(text.utf8))
    var refused = 0
    var taken: [String: Set<String>] = [:]
    for (path, command) in Self.commands(dump.command, []) {
      for option in command.arguments ?? [] where option.kind == "option" {
        for name in option.names ?? [] where name.kind == "long" {
          let flag = "--\(name.name)"
          let forms = [
            [flag, "1", flag, "2"], ["\(flag)=1", "\(flag)=2"], [flag, "1", "\(flag)=2"],
          ]
          for form in forms {
            let error = Self.refusal(path + form)
            #expect((error == nil) == option.isRepeating, "\(path) \(form)")
            guard let error else { continue }
            #expect(error.status == .usage && error.message.contains(flag), "\(path)")
            refused += 1
          }
          #expect(Self.refusal(path + [flag, "1", flag, "1"]) == nil, "said twice, \(path)")
          if option.isRepeating { taken[path.joined(separator: " "), default: []].insert(flag) }
        }
      }
    }
    #expect(refused > 600)
    #expect(taken == RepeatableOptions.byCommand)
  }

  @Test func `names that begin with a hyphen are values as well`() {
    let keys = ["-", "_"].map { "\($0)" + String(repeating: "A", count: 42) }
    let words = ["license", "issue", "--key", keys[0], "--key", keys[1]]
    #expect(Self.refusal(ShieldedName.shielding(words))?.status == .usage)
  }
}
