import CivilTime
import Foundation
import Metering

/// Where dates begin, told apart from the code that it judges.
struct DateLine {
  private struct Start {
    /// Days since 1970-01-01.
    var number: Int64
    var from: Int64
  }

  struct Missing: Error {
    let zone: String
  }

  /// How long each date is, from the epoch on; nil for those of a zone.
  private let length: Int64?
  /// The dates of a zone in order, without those that it skips.
  private let starts: [Start]
  /// The same for the counter.
  let grid: DayGrid

  /// Dates of so many seconds from the epoch on.
  static func blocks(_ length: Int64) -> DateLine {
    DateLine(length: length, starts: [], grid: .blocks(length))
  }

  /// A zone with a change of its clocks.
  static func zone(_ random: inout SeededRandom) throws -> (DateLine, change: Int64) {
    let (name, year) = zones[Int.random(in: 0..<zones.count, using: &random)]
    let start = Int64(year - 1970) * 31_556_952 + Int64.random(in: 0...20_000_000, using: &random)
    guard let zone = TimeZone(identifier: name),
      let change = zone.nextDaylightSavingTimeTransition(
        after: Date(timeIntervalSince1970: TimeInterval(start)))
    else { throw Missing(zone: name) }
    let instant = Int64(change.timeIntervalSince1970)
    let file = URL(fileURLWithPath: "/usr/share/zoneinfo/\(name)")
    let grid = DayGrid.zone(try Zone(name: name, tzif: Array(try Data(contentsOf: file))))
    return (DateLine(length: nil, starts: starts(zone, around: instant), grid: grid), instant)
  }

  /// Zones with changes at all hours, at midnight both ways, of half an hour, and over a whole date.
  private static let zones: [(String, year: Int)] = [
    ("Europe/Berlin", 2023), ("America/New_York", 2019), ("America/Santiago", 2021),
    ("Australia/Lord_Howe", 2020), ("Pacific/Apia", 2011), ("Asia/Beirut", 2021),
    ("America/Havana", 2019), ("America/Sao_Paulo", 2016), ("Atlantic/Azores", 2022),
    ("Asia/Tehran", 2019), ("America/Asuncion", 2020), ("Africa/Cairo", 2014),
  ]

  /// A date begins with the first instant whose local date is that date or later.
  private static func starts(_ zone: TimeZone, around instant: Int64) -> [Start] {
    var starts: [Start] = []
    var last = Int64.min
    // Clocks change at whole quarters of an hour.
    let first = (instant - 400_000) / 900 * 900
    for quarter in stride(from: first, to: instant + 1_400_000, by: 900) {
      let date = Date(timeIntervalSince1970: TimeInterval(quarter))
      let local = quarter + Int64(zone.secondsFromGMT(for: date))
      let number = local / 86_400
      if last == Int64.min { last = number }
      if number > last {
        starts.append(Start(number: number, from: quarter))
        last = number
      }
    }
    return starts
  }

  /// The index of the date that has the name.
  func index(of name: Int64) -> Int {
    if let length { return Int(name / length) }
    var low = 0
    var high = starts.count - 1
    while low < high {
      let middle = (low + high + 1) / 2
      if starts[middle].from <= name { low = middle } else { high = middle - 1 }
    }
    return low
  }

  /// Days since 1970-01-01.
  func number(_ index: Int) -> Int64 { length == nil ? starts[index].number : Int64(index) }

  /// The first second of the date.
  func from(_ index: Int) -> Int64 { length.map { Int64(index) * $0 } ?? starts[index].from }

  /// The first second after the date.
  func end(_ index: Int) -> Int64 { from(index + 1) }
}
