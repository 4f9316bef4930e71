import Foundation
import Testing

extension ProgramTests {
  /// What Docs/Operations.md says is so.
  @Suite(.serialized) struct OperationsTests {
    static func manual() throws -> String {
      try String(
        contentsOf: Programs.package.appending(path: "Docs/Operations.md"), encoding: .utf8)
    }

    /// The text under a heading, up to the next one of its rank or above.
    static func section(_ heading: String) throws -> String {
      let lines = try manual().split(separator: "\n", omittingEmptySubsequences: false)
      guard let start = lines.firstIndex(where: { $0 == heading }) else {
        throw TestFault("Operations.md has no heading \(heading)")
      }
      let rank = heading.prefix { $0 == "#" }.count
      let rest = lines[(start + 1)...].prefix { line in
        let own = line.prefix { $0 == "#" }.count
        return own == 0 || own > rank
      }
      return rest.joined(separator: "\n")
    }

    /// The cells of the tables in a text, without headings.
    static func rows(_ text: String) -> [[String]] {
      let lines = text.split(separator: "\n").filter { $0.hasPrefix("| `") }
      return lines.map { line in
        line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
      }
    }

    /// What stands between backticks.
    static func quoted(_ text: String) -> [String] {
      let parts = text.split(separator: "`", omittingEmptySubsequences: false)
      return parts.enumerated().filter { $0.offset % 2 == 1 }.map { String($0.element) }
    }

    @Test func `every command line can be typed`() async throws {
      let lines = CommandLines.of(try Self.manual(), in: Programs.names)
      #expect(lines.count > 15)
      for words in lines { try await SampleTests.expectRight(words, in: "Operations.md") }
    }

    @Test func `the settings of both daemons are all there and no more`() async throws {
      for program in ["tally-verifier", "tally-gateway"] {
        let dump = try await HelpDump.of(program)
        let serve = try #require(dump.commands.first { $0.path == [program, "serve"] })
        let flags = (serve.command.arguments ?? []).flatMap(\.longNames).filter {
          $0 != "help" && $0 != "version"
        }
        let rows = Self.rows(try Self.section("### \(program) serve"))
        let told = rows.compactMap { Self.quoted($0[0]).first.map { String($0.dropFirst(2)) } }
        #expect(Set(told) == Set(flags) && told.count == flags.count, "\(program)")
        for row in rows where row.count > 1 {
          for variable in Self.quoted(row[1]) {
            let known = try await Self.isVariable(variable, of: program)
            #expect(known, "\(program) does not know \(variable)")
          }
        }
      }
    }

    /// Whether a variable is one: a misspelt one would be named as unknown.
    static func isVariable(_ name: String, of program: String) async throws -> Bool {
      let outcome = try await Command.run(
        program, ["serve", "--trust-root", "/nonexistent"], in: Programs.package,
        environment: [name: "value"])
      return !outcome.errors.contains("unknown setting") && outcome.status != 0
    }

    @Test func `the metrics of both daemons are all there and no more`() async throws {
      let told = Set(
        Self.rows(try Self.section("## Metrics and alerts")).map { row in
          Self.quoted(row[0]).first ?? ""
        })
      try await Stage.play { stage in
        let site = try await Site.open(on: stage)
        let gateway = try await site.startGateway()
        try await site.install(gateway: gateway.port)
        let verifier = try await site.startVerifier()
        let known = Set(
          try await SampleTests.metrics(of: gateway) + SampleTests.metrics(of: verifier))
        #expect(told == known, "\(told.symmetricDifference(known).sorted())")
      }
    }

    @Test func `every message that is explained is one that a program says`() throws {
      let sources = Programs.package.appending(path: "Sources")
      let walk = FileManager.default.enumerator(at: sources, includingPropertiesForKeys: nil)
      var code = ""
      for case let file as URL in walk ?? .init() where file.pathExtension == "swift" {
        code += try String(contentsOf: file, encoding: .utf8)
      }
      let whole = code.replacing(#/"\s*\+\s*"/#, with: "")
      let rows = Self.rows(try Self.section("## Troubleshooting, by message"))
      #expect(rows.count > 15)
      for row in rows {
        let message = Self.quoted(row[0]).first ?? ""
        for part in message.split(separator: "…") {
          let words = part.trimmingCharacters(in: .whitespaces)
          #expect(whole.contains(words), "no program says: \(words)")
        }
      }
    }

    @Test func `every link leads somewhere`() throws {
      let manual = try Self.manual()
      let links = manual.matches(of: #/\]\(([^)#]+)(#[^)]*)?\)/#).map { String($0.1) }
      #expect(links.count > 8)
      for link in links {
        let target = Programs.package.appending(path: "Docs/\(link)").path
        #expect(FileManager.default.fileExists(atPath: target), "\(link)")
      }
    }
  }
}
