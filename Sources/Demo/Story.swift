import AsyncHTTPClient
import CivilTime
import Foundation

/// What the demo plays, chapter by chapter, and what it has learnt so far.
final class Story {
  let shell: Shell
  /// Where the customer is: Shanghai, or elsewhere when its day is about to end.
  let zone: String
  /// Today at the customer, in the licenses' zone.
  let today: CivilDate
  /// How many figures have been compared.
  private(set) var checked = 0
  /// The pay-as-you-go license and its line.
  var license = ""
  var line = ""

  static let product = "observability-platform"
  static let registry = ["--registry", "registry", "--passphrase-file", "passphrase"]

  init(shell: Shell) throws {
    self.shell = shell
    let now = Int64(Date().timeIntervalSince1970)
    for name in ["Asia/Shanghai", "Europe/Berlin"] {
      let data = try Data(contentsOf: URL(fileURLWithPath: "/usr/share/zoneinfo/\(name)"))
      let zone = try Zone(name: name, tzif: Array(data))
      let date = zone.date(at: now)
      guard zone.date(at: now + 120) == date else { continue }
      (self.zone, today) = (name, date)
      return
    }
    throw DemoError("no zone has two minutes left of its day")
  }

  /// Plays everything.
  func play() async throws {
    try prepareVendor()
    try signReleases()
    try playEditions()
    try await playMetering()
  }

  func heading(_ text: String) {
    say("\n== \(text)")
  }

  /// Compares a figure with what it must be.
  func expect<Value: Equatable>(_ what: String, _ value: Value, _ expected: Value) throws {
    guard value == expected else {
      throw DemoError("\(what) is \(value), but must be \(expected)")
    }
    checked += 1
    say("   ok: \(what) is \(expected)")
  }

  /// Asks again until a condition holds.
  func wait<Value: Equatable>(
    _ what: String, for expected: Value, seconds: Int = 15, _ value: () throws -> Value
  ) async throws {
    let end = ContinuousClock.now + .seconds(seconds)
    var last: Value?
    while ContinuousClock.now < end {
      let now = try value()
      if now == expected { return try expect(what, now, expected) }
      last = now
      try await Task.sleep(for: .milliseconds(250))
    }
    throw DemoError("\(what) is \(last.map { "\($0)" } ?? "unknown"), but must be \(expected)")
  }

  func day(_ days: Int64) throws -> String {
    guard let date = today.adding(days: days) else { throw DemoError("no such date") }
    return date.description
  }

  /// A value of a JSON text by its path of names and indices.
  static func find(_ path: String, in text: String) throws -> Any? {
    var value: Any? = try JSONSerialization.jsonObject(
      with: Data(text.utf8), options: [.fragmentsAllowed])
    for step in path.split(separator: ".") {
      if let index = Int(step), let list = value as? [Any] {
        value = index < list.count ? list[index] : nil
      } else {
        value = (value as? [String: Any])?[String(step)]
      }
    }
    return value is NSNull ? nil : value
  }

  static func number(_ path: String, in text: String) throws -> Int {
    (try find(path, in: text) as? Int) ?? -1
  }

  static func text(_ path: String, in text: String) throws -> String {
    (try find(path, in: text) as? String) ?? ""
  }
}
