import Billing
import Foundation
import Libcrypto
import Licensing
import Metering
import Reporting
import Sealing
import Testing

/// Docs/Formats.md is held to what the programs write and read.
///
/// `TALLY_WRITE_FORMATS=1 swift test --filter FormatsTests` writes the examples of the page anew.
@Suite struct FormatsTests {
  static let page = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().appending(path: "Docs/Formats.md")
  static let begin = "<!-- examples begin -->\n"
  static let end = "<!-- examples end -->\n"

  /// The fenced blocks of one language.
  static func blocks(_ language: String, in text: String) -> [String] {
    text.components(separatedBy: "```\(language)\n").dropFirst().compactMap {
      $0.components(separatedBy: "\n```").first
    }
  }

  static func rendered(_ entries: [ExampleBook.Entry]) -> String {
    entries.map { entry in
      let file = Armour.write([ArmourBlock(kind: entry.kind, document: entry.document)])
      return "### \(entry.title)\n\n```json\n\(entry.payload.indentedText)\n```\n\n"
        + "```tally\n\(file)```\n"
    }.joined(separator: "\n")
  }

  @Test func `the page holds exactly the documents that the programs write`() throws {
    let entries = try ExampleBook().entries()
    let text = try String(contentsOf: Self.page, encoding: .utf8)
    let parts = text.components(separatedBy: Self.begin)
    let rest = try #require(parts.last?.components(separatedBy: Self.end))
    try #require(parts.count == 2 && rest.count == 2)
    let rendered = "\n" + Self.rendered(entries) + "\n"
    if ProcessInfo.processInfo.environment["TALLY_WRITE_FORMATS"] == "1" {
      let page = parts[0] + Self.begin + rendered + Self.end + rest[1]
      try Data(page.utf8).write(to: Self.page)
      return
    }
    #expect(rest[0] == rendered)
  }

  @Test func `every example of the page opens and says what stands beside it`() throws {
    let book = try ExampleBook()
    let text = try String(contentsOf: Self.page, encoding: .utf8)
    let payloads = Self.blocks("json", in: text)
    let files = Self.blocks("tally", in: text)
    #expect(files.count == 17)
    #expect(payloads.count == files.count)
    let blocks = try files.flatMap { try Armour.read(Array($0.utf8)) }
    let keysets = blocks.filter { $0.kind == .keyset }.map(\.document)
    let trust = try TrustSet.establish(
      roots: book.roots, keysets: keysets, using: LibcryptoProvider())
    var installation: InstallationSeal?
    for (payload, block) in zip(payloads, blocks) {
      let expected = try JSONScanner.scan(Array(payload.utf8))
      #expect(try Self.open(block, trust, &installation) == expected, "\(block.kind)")
    }
    #expect(installation != nil)
  }

  private static func open(
    _ block: ArmourBlock, _ trust: TrustSet, _ installation: inout InstallationSeal?
  ) throws -> JSONValue? {
    let bytes = Array(block.document.utf8)
    switch block.kind {
    case .keyset: return trust.keyset.json
    case .license: return try trust.open(bytes, as: License.self).payload.json
    case .release: return try trust.open(bytes, as: Release.self).payload.json
    case .revocations: return try trust.open(bytes, as: Revocations.self).payload.json
    case .activation: return try trust.open(bytes, as: Activation.self).payload.json
    case .receipt: return try trust.open(bytes, as: Receipt.self).payload.json
    case .enrolment:
      let (enrolment, key) = try InstallationSeal.openSelfSealed(
        bytes, as: Enrolment.self, using: LibcryptoProvider())
      installation = InstallationSeal(key: key, cryptography: LibcryptoProvider())
      return enrolment.payload.json
    case .usage: return try installation?.open(bytes, as: UsageRecord.self).payload.json
    case .alive: return try installation?.open(bytes, as: Alive.self).payload.json
    case .decision: return try trust.open(bytes, as: Decision.self).payload.json
    case .statement: return nil
    }
  }

  @Test func `the examples that the page calls a bundle and its answer are read as such`() throws {
    let text = try String(contentsOf: Self.page, encoding: .utf8)
    let files = Self.blocks("tally", in: text)
    func file(_ kinds: [DocumentKind]) throws -> [UInt8] {
      let chosen = try files.filter { file in
        try Armour.read(Array(file.utf8)).contains { kinds.contains($0.kind) }
      }
      return Array(chosen.joined(separator: "\n").utf8)
    }
    let license = try #require(
      files.first { $0.contains("LICENSE") }, "the license of the enrolment stands first")
    let bundle = try ReportBundle(
      file: Array(license.utf8) + [0x0A] + file([.enrolment, .usage, .alive]))
    #expect(bundle.records.count == 2 && bundle.alive != nil && bundle.activation != nil)
    let answer = try BundleAnswer(file: file([.keyset, .revocations, .activation, .receipt]))
    #expect(answer.activation != nil && answer.receipts.count == 1)
    #expect(answer.addressee == bundle.installation)
  }

  @Test func `the page has all four editions`() throws {
    let text = try String(contentsOf: Self.page, encoding: .utf8)
    for edition in Edition.allCases {
      #expect(text.contains("\"edition\": \"\(edition.rawValue)\""))
    }
  }

  @Test func `the page's table of members is the one that the code holds`() throws {
    let text = try String(contentsOf: Self.page, encoding: .utf8)
    for member in EditionMember.allCases {
      let cells = Edition.allCases.map { $0.requirement(of: member).rawValue }
      let row = "| `\(member.rawValue)` | \(cells.joined(separator: " | ")) |"
      #expect(text.contains(row), "\(row)")
    }
  }
}
