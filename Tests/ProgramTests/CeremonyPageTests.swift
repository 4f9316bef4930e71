import Foundation
import Testing

extension ProgramTests {
  /// What Docs/Ceremonies.md says is so.
  @Suite(.serialized) struct CeremonyPageTests {
    static func page() throws -> String {
      try String(
        contentsOf: Programs.package.appending(path: "Docs/Ceremonies.md"), encoding: .utf8)
    }

    @Test func `every command line can be typed`() async throws {
      let lines = CommandLines.of(try Self.page(), in: Programs.names)
      #expect(lines.count > 30)
      for words in lines { try await SampleTests.expectRight(words, in: "Ceremonies.md") }
    }

    @Test func `every command of keys and keysets stands on the page`() throws {
      let page = try Self.page()
      let commands = [
        "key new", "key export", "key root", "key retire", "key revoke", "key restore",
        "keyset draft", "keyset show", "keyset sign", "keyset publish", "keyset export",
        "license revoke", "license reissue", "release reissue", "revocations export",
        "revocations issue", "intent finish", "intent drop", "audit verify",
      ]
      #expect(commands.count == 19)
      for command in commands { #expect(page.contains("tally \(command)"), "\(command)") }
    }

    @Test func `every link leads to a heading of the page, and every heading is linked`() throws {
      let page = try Self.page()
      let links = page.matches(of: #/\]\(#([^)]+)\)/#).map { String($0.1) }
      let headings = page.split(separator: "\n").filter { $0.hasPrefix("## ") }.map { line in
        line.dropFirst(3).lowercased().replacing(",", with: "").replacing(" ", with: "-")
      }
      #expect(links.count > 8 && links == headings)
    }
  }
}
