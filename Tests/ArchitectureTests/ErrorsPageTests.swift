import Foundation
import Testing

/// Docs/Errors.md explains every code that the sources know, and no other.
@Suite struct ErrorsPageTests {
  /// What every section says, in this order.
  static let parts = ["**Means:** ", "**See:** ", "**Customer:** ", "**Vendor:** "]

  struct Section {
    let code: String
    let paragraphs: [String]
  }

  static func sections() throws -> [Section] {
    let page = try String(
      contentsOf: ArchitectureTests.root.appending(path: "Docs/Errors.md"), encoding: .utf8)
    return page.components(separatedBy: "\n### ").dropFirst().map { text in
      let body = text.components(separatedBy: "\n## ")[0]
      let lines = body.split(separator: "\n", omittingEmptySubsequences: false)
      let rest = lines.dropFirst().joined(separator: "\n")
      let paragraphs = rest.components(separatedBy: "\n\n").map {
        $0.split(separator: "\n").joined(separator: " ")
      }
      return Section(
        code: String(lines[0]).trimmingCharacters(in: .whitespaces),
        paragraphs: paragraphs.filter { !$0.isEmpty })
    }
  }

  /// Enumerations of codes by the file that holds them: each `enum … { case name = "CODE" }`.
  static func enums() throws -> [String: Set<String>] {
    var found: [String: Set<String>] = [:]
    let programs = ["TallyCLI", "VerifierCLI", "GatewayCLI"]
    for target in ArchitectureTests.allowed.keys.sorted() + programs {
      for file in try ArchitectureTests.swiftFiles(in: "Sources/\(target)") {
        let text = try String(contentsOf: file, encoding: .utf8)
        let codes = text.matches(of: #/case \w+ = "([A-Z]{2,}(?:_[A-Z]+)*)"/#).map { String($0.1) }
        if !codes.isEmpty { found["\(target)/\(file.lastPathComponent)"] = Set(codes) }
      }
    }
    return found
  }

  /// Codes that stand in no enumeration: what the gateway gives a record as the reason why it is set
  /// aside.
  static func loose() throws -> Set<String> {
    let file = ArchitectureTests.root.appending(path: "Sources/Gateway/Intake/RecordJudge.swift")
    let text = try String(contentsOf: file, encoding: .utf8)
    return Set(text.matches(of: #/"([A-Z]{2,}(?:_[A-Z]+)+)"/#).map { String($0.1) })
  }

  @Test func `the enumerations of codes are found where they are`() throws {
    let enums = try Self.enums()
    let known = [
      "Sealing/Refusal.swift": 9, "Licensing/FindingCode.swift": 31,
      "Licensing/Standing.swift": 3, "Reporting/Problem.swift": 28,
      "StartupCheck/StartupCheckError.swift": 8, "Authority/AuthorityError.swift": 17,
      "Verifier/VerifierError.swift": 19, "Gateway/GatewayError.swift": 14,
      "Gateway/LedgerFinding.swift": 17, "Platform/PlatformError.swift": 11,
      "Storage/StorageError.swift": 7, "Libcrypto/LibcryptoError.swift": 3,
      "Billing/BillingError.swift": 2, "Verifier/ReporterOutcome.swift": 8,
      "Verifier/ReporterState.swift": 2,
    ]
    for (file, count) in known {
      #expect(enums[file]?.count ?? 0 >= count, "\(file): \(enums[file]?.count ?? 0)")
    }
    #expect(try Self.loose().count >= 4)
  }

  @Test func `every code has one section, and every section is of a code`() throws {
    let codes = try Self.enums().values.reduce(into: try Self.loose()) { $0.formUnion($1) }
    let sections = try Self.sections().map(\.code)
    #expect(sections.count >= 137)
    #expect(Set(sections).count == sections.count, "a code has two sections")
    #expect(codes.subtracting(sections).isEmpty, "no section: \(codes.subtracting(sections))")
    let strangers = Set(sections).subtracting(codes)
    #expect(strangers.isEmpty, "no such code: \(strangers)")
  }

  @Test func `every section says what it means, how to see it, and what both sides do`() throws {
    for section in try Self.sections() {
      let labels = section.paragraphs.prefix(4).map { paragraph in
        Self.parts.first { paragraph.hasPrefix($0) } ?? String(paragraph.prefix(20))
      }
      #expect(labels == Self.parts, "\(section.code)")
      for (part, paragraph) in zip(Self.parts, section.paragraphs) {
        let text = paragraph.dropFirst(part.count)
        #expect(text.count >= 8 && text.hasSuffix("."), "\(section.code): \(paragraph)")
      }
      #expect(section.paragraphs.first.map { $0.count > 40 } ?? false, "\(section.code)")
    }
  }

  @Test func `a code that a section points to has a section`() throws {
    let sections = try Self.sections()
    let codes = Set(sections.map(\.code))
    // What looks like a code and is none: variables and headers.
    let others: Set<String> = ["TZDIR", "VERSION"]
    for section in sections {
      for paragraph in section.paragraphs {
        for match in paragraph.matches(of: #/`([A-Z]{2,}(?:_[A-Z]+)*)`/#) {
          let name = String(match.1)
          guard !others.contains(name), !name.hasPrefix("TALLY_") else { continue }
          #expect(codes.contains(name), "\(section.code) points to \(name)")
        }
      }
    }
  }
}
