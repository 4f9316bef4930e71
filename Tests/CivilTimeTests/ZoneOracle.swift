import CivilTime
import Foundation

/// What Python's zoneinfo says about zones, see Oracle/generate.py.
struct ZoneOracle {
  struct Case {
    let zone: Zone
    var offsets: [(instant: Int64, offset: Int32)] = []
    var days: [(date: CivilDate, range: Range<Int64>)] = []
  }

  struct Unreadable: Error {
    let line: String
  }

  static func load() throws -> [Case] {
    let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("Oracle/zones.txt")
    var cases: [Case] = []
    for line in try String(contentsOf: path, encoding: .utf8).split(separator: "\n") {
      let words = line.split(separator: " ").map(String.init)
      switch words[0] {
      case "zone":
        guard let data = Data(base64Encoded: words[2]) else { throw Unreadable(line: words[1]) }
        cases.append(Case(zone: try Zone(name: words[1], tzif: Array(data))))
      case "o":
        guard let instant = Int64(words[1]), let offset = Int32(words[2]) else {
          throw Unreadable(line: String(line))
        }
        cases[cases.count - 1].offsets.append((instant, offset))
      case "d":
        guard let date = CivilDate(words[1]), let from = Int64(words[2]), let to = Int64(words[3])
        else { throw Unreadable(line: String(line)) }
        cases[cases.count - 1].days.append((date, from..<to))
      default: throw Unreadable(line: String(line))
      }
    }
    return cases
  }
}

/// The zone files of this system: the package that brings them is one that the programs need.
enum SystemZones {
  static let folder = "/usr/share/zoneinfo"

  static func bytes(_ name: String) throws -> [UInt8] {
    Array(try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(name)")))
  }

  /// The names of every zone that the database lists.
  static func names() throws -> [String] {
    let table = try String(contentsOfFile: "\(folder)/tzdata.zi", encoding: .utf8)
    return table.split(separator: "\n").compactMap { line in
      let words = line.split(separator: " ")
      switch words.first {
      case "Z": return words.count > 1 ? String(words[1]) : nil
      case "L": return words.count > 2 ? String(words[2]) : nil
      default: return nil
      }
    }
  }
}
