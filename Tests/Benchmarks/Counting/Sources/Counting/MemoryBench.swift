internal import Foundation
internal import Metering

/// Memory of the counter, in a process that does nothing else.
enum MemoryBench {
  static let collectors = 10_000_000

  struct Result: Codable {
    /// Bytes of the resident set beyond those before, for each collector.
    var each: Double
    /// The most there ever was, while the table grew.
    var most: Double
    /// The most while a date ended, with a segment for each collector.
    var midnight: Double
  }

  /// Runs in a process of its own.
  static func measure() throws -> Result {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
    process.arguments = ["memory-only"]
    let pipe = Pipe()
    process.standardOutput = pipe
    try process.run()
    let output = try pipe.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    return try JSONDecoder().decode(Result.self, from: output)
  }

  /// Lets collectors join, 100,000 in a second, and a date end.
  static func run() throws -> Result {
    guard let rules = CountingRules(window: 300) else { throw BenchError("no rules") }
    let before = try resident("VmRSS")
    var presence = Presence(rules: rules, at: 0)
    var random = SplitMix(state: 1)
    for second in 0..<100 {
      for _ in 0..<collectors / 100 {
        let id = CollectorID(high: random.next(), low: random.next())
        _ = presence.beat(id, at: Int64(second))
      }
      presence.advance(to: Int64(second + 1))
      _ = (presence.takeRows(), presence.takeRuns())
    }
    let after = try resident("VmRSS")
    let most = try resident("VmHWM")
    guard presence.onlineCollectors == collectors else { throw BenchError("not all are online") }
    _ = presence.closeDay(at: 200, rules: rules)
    let midnight = try resident("VmHWM")
    let each = 1 / Double(collectors)
    return Result(
      each: (after - before) * each, most: (most - before) * each,
      midnight: (midnight - before) * each)
  }

  /// Bytes of a line of this process's status.
  private static func resident(_ name: String) throws -> Double {
    let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
    guard let line = status.split(separator: "\n").first(where: { $0.hasPrefix(name) }),
      let number = line.split(whereSeparator: { $0 == " " || $0 == "\t" }).dropFirst().first,
      let kilobytes = Double(number)
    else { throw BenchError("no \(name) in /proc/self/status") }
    return kilobytes * 1024
  }
}
