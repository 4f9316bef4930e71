import Foundation
import Sealing

/// The payloads that Docs/Formats.md shows, by their kind: good ones for every door.
enum FormatExamples {
  private static let page = VectorFiles.tests.deletingLastPathComponent()
    .appending(path: "Docs/Formats.md")

  private static let loaded = Result { try load() }

  /// Every example of the page, in its order.
  static func all() throws -> [(kind: DocumentKind, payload: [UInt8])] { try loaded.get() }

  private static func load() throws -> [(kind: DocumentKind, payload: [UInt8])] {
    let text = try String(contentsOf: page, encoding: .utf8)
    func blocks(_ language: String) -> [String] {
      text.components(separatedBy: "```\(language)\n").dropFirst().compactMap {
        $0.components(separatedBy: "\n```").first
      }
    }
    return try zip(blocks("json"), blocks("tally")).map { payload, armour in
      let kind = try Armour.read(Array(armour.utf8)).first?.kind
      guard let kind else { throw Missing() }
      return (kind, try JSONScanner.scan(Array(payload.utf8)).serialized)
    }
  }

  /// The first example of a kind, nil where the page has none.
  static func payload(_ kind: DocumentKind) throws -> [UInt8]? {
    try all().first { $0.kind == kind }?.payload
  }

  struct Missing: Error {}
}
