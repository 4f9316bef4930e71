import Foundation
import Testing

/// A table that `Oracle/tables.py` wrote: rows of words between tabs.
enum TableFile {
  static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().appendingPathComponent("Oracle")

  /// The rows; each must have so many words.
  static func rows(_ name: String, width: Int) throws -> [[String]] {
    try text(name).split(separator: "\n").map { line in
      let words = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
      try #require(words.count == width, "\(name): \(line)")
      return words
    }
  }

  static func text(_ name: String) throws -> String {
    try String(contentsOf: folder.appendingPathComponent(name), encoding: .utf8)
  }
}
