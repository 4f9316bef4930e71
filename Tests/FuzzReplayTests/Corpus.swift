import Foundation
import FuzzHarness

/// The inputs that the fuzzers found worth keeping: `Tests/Fuzz/Corpus/TARGET.base64`, one in base 64 on
/// each line, and the files of `Tests/Fuzz/Findings/TARGET`.
enum Corpus {
  private static let folder = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().appending(path: "Fuzz")

  struct Unreadable: Error {
    let line: Int
  }

  static func inputs(_ target: FuzzTarget) throws -> [[UInt8]] {
    let path = folder.appending(path: "Corpus/\(target.rawValue).base64")
    return try String(contentsOf: path, encoding: .utf8).split(separator: "\n").enumerated().map {
      guard let bytes = Data(base64Encoded: String($0.element)) else {
        throw Unreadable(line: $0.offset + 1)
      }
      return Array(bytes)
    }
  }

  /// Inputs that once contradicted a decoder.
  static func findings(_ target: FuzzTarget) throws -> [[UInt8]] {
    let findings = folder.appending(path: "Findings/\(target.rawValue)")
    guard FileManager.default.fileExists(atPath: findings.path) else { return [] }
    return try FileManager.default.contentsOfDirectory(
      at: findings, includingPropertiesForKeys: nil
    ).map { Array(try Data(contentsOf: $0)) }
  }

  /// The names in a folder of `Tests/Fuzz`.
  static func names(in part: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder.appending(path: part).path)
  }
}
