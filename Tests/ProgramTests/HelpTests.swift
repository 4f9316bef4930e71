import Foundation
import Testing

extension ProgramTests {
  @Suite(.serialized) struct HelpTests {
    @Test func `every subcommand has help, and help has an example that is right`() async throws {
      var walked = 0
      for program in Programs.names {
        let dump = try await HelpDump.of(program)
        for (path, command) in dump.commands {
          walked += 1
          let name = path.joined(separator: " ")
          let help = try await Command.run(
            program, Array(path.dropFirst()) + ["--help"], in: Programs.package)
          #expect(help.status == 0 && help.errors.isEmpty, "\(name): \(help.said)")
          #expect(help.output.contains("USAGE:"), "\(name): \(help.said)")
          #expect(command.abstract?.isEmpty == false, "\(name) has no abstract")
          let examples = CommandLines.of(command.discussion ?? "", in: Programs.names)
          #expect(
            examples.contains { $0.starts(with: path) }, "\(name) has no example of itself")
          for example in examples {
            let other = try await HelpDump.of(example[0])
            let complaint = other.complaint(about: example)
            #expect(complaint == nil, "\(name): \(example): \(complaint ?? "")")
          }
        }
      }
      #expect(walked > 25)
    }

    @Test(arguments: Programs.names) func `each program says its version`(_ name: String)
      async throws
    {
      let said = try await Command.run(name, ["--version"], in: Programs.package)
      #expect(said.status == 0 && said.output == "\(name) 1.0.0\n", "\(said.said)")
      let more = try await Command.run(name, ["--version", "again"], in: Programs.package)
      #expect(more.status == 64, "\(more.said)")
    }

    /// What a text says between two marks of a kind, where it begins with a program's name.
    static func commands(in text: String, mark: String) -> [[String]] {
      text.components(separatedBy: mark).compactMap { part in
        guard !part.contains("\n\n"),
          Programs.names.contains(where: { part.hasPrefix("\($0) ") })
        else { return nil }
        return CommandLines.words(part.replacing("\n", with: " "))
      }
    }

    @Test func `every command that a page or a message names exists, with its flags`() async throws
    {
      var dumps: [String: HelpDump] = [:]
      for program in Programs.names { dumps[program] = try await HelpDump.of(program) }
      var counts = (pages: 0, messages: 0)
      func hold(_ words: [String], _ place: String) throws {
        let fault = try #require(dumps[words[0]]).unknown(in: words)
        #expect(fault == nil, "\(place): \(words.joined(separator: " ")): \(fault ?? "")")
      }
      for file in try Self.files(in: "Docs", of: "md") {
        let page = try String(contentsOf: file, encoding: .utf8)
        for words in Self.commands(in: page, mark: "`") {
          try hold(words, file.lastPathComponent)
          counts.pages += 1
        }
      }
      for file in try Self.files(in: "Sources", of: "swift") {
        // Strings that are continued on the next line are one.
        let source = try String(contentsOf: file, encoding: .utf8)
          .replacing(/"\s*\n\s*\+ "/, with: "").replacing(/\\\n\s*/, with: "")
        for words in Self.commands(in: source, mark: #"\""#) {
          try hold(words, file.lastPathComponent)
          counts.messages += 1
        }
      }
      #expect(counts.pages > 100 && counts.messages > 30, "\(counts)")
    }

    static func files(in folder: String, of suffix: String) throws -> [URL] {
      let root = Programs.package.appending(path: folder)
      let all = FileManager.default.enumerator(at: root, includingPropertiesForKeys: nil)
      return (all?.compactMap { $0 as? URL } ?? []).filter { $0.pathExtension == suffix }
    }
  }
}
