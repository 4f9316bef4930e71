import Foundation
import Sealing

/// The vector files of the tests, wherever they lie.
enum VectorFiles {
  /// The folder of the tests.
  static let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent()

  static let wycheproof = "LibcryptoTests/Vectors/wycheproof"
  static let jsonParsing = "SealingTests/Vectors/json-parsing/test_parsing"
  static let merkle = "MeteringTests/Vectors/merkle"
  static let cookbook = "VectorTests/Vectors/jose-cookbook"
  static let rfc7515 = "VectorTests/Vectors/rfc7515"

  static func bytes(_ path: String) throws -> [UInt8] {
    Array(try Data(contentsOf: tests.appending(path: path)))
  }

  /// A file of JSON.
  static func json(_ path: String) throws -> JSONValue {
    try JSONScanner.scan(try bytes(path), maximumDepth: 16)
  }

  /// The paths of the JSON files of a folder, and of those below it, in order.
  static func names(in folder: String, deep: Bool = false) throws -> [String] {
    let path = tests.appending(path: folder).path
    let names =
      deep
      ? try FileManager.default.subpathsOfDirectory(atPath: path)
      : try FileManager.default.contentsOfDirectory(atPath: path)
    return names.filter { $0.hasSuffix(".json") }.sorted().map { "\(folder)/\($0)" }
  }
}

extension JSONValue {
  /// The elements of an array, none for any other value.
  var elements: [JSONValue] {
    guard case .array(let elements) = self else { return [] }
    return elements
  }

  /// The value with one member changed, found by a path of names and indices.
  func replacing(_ path: [String], with value: JSONValue) -> JSONValue {
    guard let first = path.first else { return value }
    let rest = Array(path.dropFirst())
    switch self {
    case .object(let members):
      return .object(
        members.map { member in
          member.name == first
            ? JSONMember(first, member.value.replacing(rest, with: value)) : member
        })
    case .array(let elements):
      return .array(
        elements.enumerated().map { index, element in
          String(index) == first ? element.replacing(rest, with: value) : element
        })
    case .null, .bool, .number, .string: return self
    }
  }
}

extension String {
  /// The bytes that hexadecimal digits say.
  var hexadecimal: [UInt8] {
    let digits = utf8.compactMap(Hexadecimal.value)
    return stride(from: 0, to: digits.count - 1, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
  }
}
