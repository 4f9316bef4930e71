import CivilTime
import Foundation

/// What Python's zoneinfo says about zones, see Oracle/generate.py.
struct ZoneOracle {
  struct Case {
    let zone: Zone
    var offsets: [(instant: Int64, offset: Int32)] = []
    var dates: [(instant: Int64, date: CivilDate)] = []
    var days: [(date: CivilDate, range: Range<Int64>)] = []
  }

  struct Unreadable: Error {
    let line: String
  }

  static func load() throws -> [Case] {
    let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("Oracle/zones.txt")
    return try parse(String(contentsOf: path, encoding: .utf8))
  }

  /// What zoneinfo says at this moment about every zone of this machine, see Oracle/every_zone.py.
  static func everyZone(seed: Int) throws -> [Case] {
    let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("Oracle/every_zone.py")
    let process = Process()
    let pipe = Pipe()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["python3", "-B", script.path, String(seed)]
    process.standardOutput = pipe
    try process.run()
    let output = try pipe.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      throw Unreadable(line: "python3 ended with \(process.terminationStatus)")
    }
    return try parse(String(decoding: output, as: UTF8.self))
  }

  private static func parse(_ text: String) throws -> [Case] {
    var cases: [Case] = []
    for line in text.split(separator: "\n") {
      let words = line.split(separator: " ").map(String.init)
      if words[0] == "zone" {
        let data = words.count == 3 ? Data(base64Encoded: words[2]).map(Array.init) : nil
        let bytes = try data ?? SystemZones.bytes(words[1])
        cases.append(Case(zone: try Zone(name: words[1], tzif: bytes)))
      } else {
        guard !cases.isEmpty, cases[cases.count - 1].take(words) else {
          throw Unreadable(line: String(line))
        }
      }
    }
    return cases
  }
}

extension ZoneOracle.Case {
  /// Takes what a line says about the zone; false where it cannot be read.
  fileprivate mutating func take(_ words: [String]) -> Bool {
    switch words[0] {
    case "o":
      guard let instant = Int64(words[1]), let offset = Int32(words[2]) else { return false }
      offsets.append((instant, offset))
    case "l":
      guard let instant = Int64(words[1]), let date = CivilDate(words[2]) else { return false }
      dates.append((instant, date))
    case "d":
      guard let date = CivilDate(words[1]), let from = Int64(words[2]), let to = Int64(words[3])
      else { return false }
      days.append((date, from..<to))
    default: return false
    }
    return true
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
