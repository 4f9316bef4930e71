import Foundation
import Sealing
import Testing

/// The texts of JSONTestSuite, see Vectors/README.md.
struct JSONVectorTests {
  private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("Vectors/json-parsing/test_parsing")

  /// Open in RFC 8259, accepted here: the grammar allows any number, and bounds come with meaning.
  private static let acceptedOpen: Set<String> = [
    "i_number_double_huge_neg_exp.json", "i_number_huge_exp.json",
    "i_number_neg_int_huge_exp.json", "i_number_pos_double_huge_exp.json",
    "i_number_real_neg_overflow.json", "i_number_real_pos_overflow.json",
    "i_number_real_underflow.json", "i_number_too_big_neg_int.json",
    "i_number_too_big_pos_int.json", "i_number_very_big_negative_int.json",
  ]

  /// Accepted by the grammar, refused in a sealed document: a member stands twice.
  private static let duplicates: Set<String> = [
    "y_object_duplicated_key.json", "y_object_duplicated_key_and_value.json",
  ]

  private static func files(_ prefix: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder.path)
      .filter { $0.hasPrefix(prefix) }.sorted()
  }

  private static func scan(_ file: String) throws -> Result<JSONValue, Refusal> {
    let bytes = Array(try Data(contentsOf: folder.appendingPathComponent(file)))
    return Result { () throws(Refusal) in try JSONScanner.scan(bytes) }
  }

  @Test func `every text that must be accepted is`() throws {
    let files = try Self.files("y_")
    #expect(files.count == 95)
    for file in files {
      #expect(throws: Never.self, "\(file)") { try Self.scan(file).get() }
    }
  }

  @Test func `every text that must be refused is malformed`() throws {
    let files = try Self.files("n_")
    #expect(files.count == 188)
    for file in files {
      #expect(throws: Refusal.malformed(""), "\(file)") { try Self.scan(file).get() }
    }
  }

  @Test func `every text that the standard leaves open is decided as before`() throws {
    let files = try Self.files("i_")
    #expect(files.count == 35)
    for file in files {
      let isAccepted = (try? Self.scan(file).get()) != nil
      #expect(isAccepted == Self.acceptedOpen.contains(file), "\(file)")
    }
  }

  @Test func `what is accepted and written again scans to the same value`() throws {
    var count = 0
    for file in try Self.files("y_") + Array(Self.acceptedOpen) {
      let value = try Self.scan(file).get()
      #expect(try JSONScanner.scan(value.serialized) == value, "\(file)")
      #expect(try JSONScanner.scan(Array(value.indentedText.utf8)) == value, "\(file)")
      count += 1
    }
    #expect(count == 105)
  }

  @Test func `a duplicate member passes the grammar and not the shape of a document`() throws {
    for file in Self.duplicates {
      let value = try Self.scan(file).get()
      #expect(throws: Refusal.malformed("")) { try value.requireDocumentShape() }
    }
  }
}
