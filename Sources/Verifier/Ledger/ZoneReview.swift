package import CivilTime
internal import Licensing
package import Metering
internal import Platform
package import Sealing
package import StartupCheck

/// Holds the dates of records against the zone data that this machine has installed.
///
/// A zone's rules do change now and then, so that a difference is no damage; but a machine whose zone
/// data was changed while it counted shows here.
package struct ZoneReview: Sendable {
  /// A record whose date has other bounds here.
  package struct Difference: Sendable {
    package var seq: Int64
    package var date: CivilDate
    package var zone: String
    /// As the record has them; a sample has no end of its date.
    package var told: (from: Int64, to: Int64?)
    /// As the zone data has them.
    package var known: Range<Int64>

    package var json: JSONValue {
      var members = [
        JSONMember("seq", .integer(seq)), JSONMember("date", .string(date.description)),
        JSONMember("zone", .string(zone)), JSONMember("from", Self.json(told.from)),
      ]
      if let to = told.to { members.append(JSONMember("to", Self.json(to))) }
      members.append(
        JSONMember(
          "here", ["from": Self.json(known.lowerBound), "to": Self.json(known.upperBound)]))
      return .object(members)
    }

    private static func json(_ instant: Int64) -> JSONValue {
      ["at": .integer(instant), "utc": .string(UTC.text(instant))]
    }
  }

  /// The most differences that are named.
  private static let named = 20

  /// How many records differ.
  package private(set) var count: Int64 = 0
  /// The first of them.
  package private(set) var first: [Difference] = []
  /// Zones that this machine does not have, in the order in which they were met.
  package private(set) var unknown: [String] = []

  private let content: ShelfContent
  private let zones: ZoneSource
  private var known: [String: Zone] = [:]
  /// The names of zones by license.
  private var names: [String: String] = [:]

  /// - Parameters:
  ///   - content: the licenses that say in which zone dates are told.
  ///   - zones: as this machine has them installed.
  package init(_ content: ShelfContent, zones: @escaping ZoneSource) {
    self.content = content
    self.zones = zones
  }

  /// Looks at one record.
  package mutating func compare(_ record: UsageRecord) {
    guard let name = zoneName(of: record.license), let zone = zone(name) else { return }
    let range = zone.day(of: record.date)
    let to = record.stage == .day ? record.to : nil
    guard record.from != range.lowerBound || to.map({ $0 != range.upperBound }) ?? false else {
      return
    }
    count += 1
    guard first.count < Self.named else { return }
    first.append(
      Difference(
        seq: record.seq, date: record.date, zone: name, told: (record.from, to), known: range))
  }

  private mutating func zoneName(of license: String) -> String? {
    if let name = names[license] { return name }
    let name = content.kept(license)?.zone ?? content.lastCounted?.payload.zone
    names[license] = name
    return name
  }

  private mutating func zone(_ name: String) -> Zone? {
    if let zone = known[name] { return zone }
    guard !unknown.contains(name) else { return nil }
    guard let zone = try? zones(name) else {
      unknown.append(name)
      return nil
    }
    known[name] = zone
    return zone
  }
}
