import Foundation
import Testing

/// Holds Docs/ThreatModel.md against the tests that it names.
@Suite struct ThreatModelTests {
  /// A test that the page names: its file and, in quotation marks after it, its name.
  struct Named: Hashable {
    let file: String
    let name: String
  }

  static func page() throws -> String {
    let url = ArchitectureTests.root.appending(path: "Docs/ThreatModel.md")
    return try String(contentsOf: url, encoding: .utf8)
  }

  /// The rows of the tables of attacks: cells between bars, the first one a number.
  static func rows(of page: String) -> [[String]] {
    page.split(separator: "\n").compactMap { line in
      guard line.hasPrefix("| ") else { return nil }
      let cells = line.split(separator: "|", omittingEmptySubsequences: false)
        .dropFirst().dropLast().map { $0.trimmingCharacters(in: .whitespaces) }
      guard let first = cells.first, Int(first) != nil else { return nil }
      return cells
    }
  }

  /// `FILE: "NAME"; FILE: "NAME", "NAME"` as it stands in the last cell.
  static func named(in cell: String) -> [Named] {
    var file = ""
    var names: [Named] = []
    for (index, piece) in cell.split(separator: "\"", omittingEmptySubsequences: false).enumerated()
    {
      if index.isMultiple(of: 2) {
        if let path = piece.split(separator: "`").first(where: { $0.hasPrefix("Tests/") }) {
          file = String(path)
        }
      } else {
        names.append(Named(file: file, name: String(piece)))
      }
    }
    return names
  }

  @Test func `every attack of the threat model names tests that exist`() throws {
    let rows = Self.rows(of: try Self.page())
    var sources: [String: String] = [:]
    var tests: Set<Named> = []
    for row in rows {
      let named = Self.named(in: try #require(row.last))
      #expect(!named.isEmpty, "attack \(row[0]) names no test")
      for test in named {
        tests.insert(test)
        if sources[test.file] == nil {
          let url = ArchitectureTests.root.appending(path: test.file)
          sources[test.file] = try? String(contentsOf: url, encoding: .utf8)
        }
        guard let source = sources[test.file] else {
          Issue.record("attack \(row[0]) names the file \(test.file), which is not there")
          continue
        }
        #expect(
          source.contains("func `\(test.name)`(") || source.contains("def \(test.name)("),
          "attack \(row[0]): \(test.file) has no test \(test.name)")
      }
    }
    #expect(rows.count >= 40)
    #expect(tests.count >= 40)
  }

  @Test func `the reader of the page finds what is wrong with a row`() {
    let rows = Self.rows(of: "| 1 | a | b | `Tests/X/Y.swift`: \"one\", \"two\" |\n| x | y |\n")
    #expect(rows.count == 1)
    #expect(
      Self.named(in: rows[0][3]) == [
        Named(file: "Tests/X/Y.swift", name: "one"), Named(file: "Tests/X/Y.swift", name: "two"),
      ])
    #expect(Self.named(in: "no test").isEmpty)
  }
}
