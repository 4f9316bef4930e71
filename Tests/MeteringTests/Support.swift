import Foundation
import Metering
import Sealing

/// Runs of minutes, one by one.
enum MinuteCounts {
  static func expanded(_ runs: [MinuteRun]) -> [Int64] {
    runs.flatMap { Array(repeating: $0.count, count: Int($0.minutes)) }
  }
}

enum Digests {
  static let zero = Digest([UInt8](repeating: 0, count: 32))
}

/// Files that lie beside the tests.
enum TestFiles {
  static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()

  static func bytes(_ path: String) throws -> [UInt8] {
    Array(try Data(contentsOf: folder.appendingPathComponent(path)))
  }

  /// The files below a folder, by their paths, in order.
  static func paths(below path: String) throws -> [String] {
    let root = folder.appendingPathComponent(path).path
    guard let found = FileManager.default.enumerator(atPath: root) else { return [] }
    return found.compactMap { $0 as? String }.filter { $0.contains(".") }.sorted()
      .map { "\(path)/\($0)" }
  }
}
