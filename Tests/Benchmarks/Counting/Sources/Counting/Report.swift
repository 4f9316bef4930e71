internal import Foundation

/// Each figure beside its limit.
enum Report {
  private static let alternations = 9
  private static let million = 1e6

  static func digests(_ collectors: Int) throws {
    var bench = try DigestBench(collectors: collectors)
    let result = try bench.run(alternations: alternations)
    let ours = result.together.median
    let bare = result.bare.median
    line(
      "beats from digests at \(collectors) collectors, of a bare table in C", ours / bare, "",
      least: 0.7)
    note("\(millions(ours)) beside \(millions(bare)) beats/s, 1000 at a time")
    note(
      "one by one \(millions(result.single.median)), the bare table with its places fetched ahead "
        + "\(millions(result.bareAhead.median))")
    note("\(millions(result.rows.median)) rows/s for the journal")
  }

  static func identities() throws {
    let rates = try IdentityBench().strings(rounds: alternations * 5)
    line("beats from identity strings", rates.median / million, "million/s", least: 2)
  }

  static func bodies() throws {
    let bench = try IdentityBench()
    for shape in IdentityBench.Shape.allCases {
      let rates = try bench.bodies(shape, rounds: alternations * 5)
      line(
        "beats from bodies of 1000, \(shape.rawValue), parsed and taken", rates.median / million,
        "million/s", least: 1)
    }
  }

  static func memory() throws {
    let result = try MemoryBench.measure()
    line(
      "memory of each of \(MemoryBench.collectors) collectors", result.each, "bytes", most: 64)
    note("\(number(result.most)) at most while the table grew")
    note("\(number(result.midnight)) at most while a date ended, with a segment for each")
  }

  static func redis() throws {
    guard let redis = try RedisBench.measure() else {
      print("MISS of pipelined ZADD: no redis-server is here (apt-get install redis-server)")
      return
    }
    var bench = try DigestBench(collectors: RedisBench.members)
    let ours = try bench.run(alternations: alternations).together.median
    line(
      "beats at \(RedisBench.members) collectors, of pipelined ZADD of Redis",
      ours / redis.ofProcessor, "times", least: 20)
    note(
      "\(millions(ours)) beside \(millions(redis.ofProcessor)) in a second of its processor, "
        + "\(millions(redis.ofClock)) in a second of the clock")
  }

  private static func line(_ what: String, _ figure: Double, _ unit: String, least limit: Double) {
    line(what, figure, unit, "at least", limit, holds: figure >= limit)
  }

  private static func line(_ what: String, _ figure: Double, _ unit: String, most limit: Double) {
    line(what, figure, unit, "at most", limit, holds: figure <= limit)
  }

  private static func line(
    _ what: String, _ figure: Double, _ unit: String, _ word: String, _ limit: Double, holds: Bool
  ) {
    let unit = unit.isEmpty ? "" : " \(unit)"
    print(
      "\(holds ? "ok  " : "MISS") \(what): \(number(figure))\(unit) (\(word) \(number(limit)))")
    fflush(nil)
  }

  private static func note(_ text: String) {
    print("     \(text)")
    fflush(nil)
  }

  private static func millions(_ rate: Double) -> String { "\(number(rate / million)) million" }

  private static func number(_ number: Double) -> String {
    String(format: abs(number) < 10 ? "%.2f" : "%.1f", number)
  }
}
