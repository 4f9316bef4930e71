package import CivilTime
package import Sealing

/// What a finding rests on, by name and in order. Texts for people are made from facts alone.
///
/// Dates are `YYYY-MM-DD` and dates of the license's zone. Instants are objects `{at, utc, local}`:
/// Unix seconds and two spellings.
package struct Facts: Sendable, Equatable {
  package private(set) var members: [JSONMember] = []

  package init() {}

  /// Reads facts that were written as JSON.
  /// - Throws: ``Refusal`` `MALFORMED` unless the value is an object.
  package init(_ value: JSONValue, at path: String) throws(Refusal) {
    guard case .object(let members) = value else {
      throw .malformed("\(path) must be an object")
    }
    self.members = members
  }

  package var json: JSONValue { .object(members) }

  /// The value of a fact, nil where it is not known.
  package subscript(name: FactName) -> JSONValue? {
    members.first { $0.name.isSameBytes(as: name.rawValue) }?.value
  }

  /// Adds a fact, unless its value is nil.
  package mutating func add(_ name: FactName, json value: JSONValue?) {
    if let value { members.append(JSONMember(name.rawValue, value)) }
  }

  package mutating func add(_ name: FactName, _ text: String?) {
    add(name, json: text.map { JSONValue.string($0) })
  }

  package mutating func add(_ name: FactName, _ number: Int64?) {
    add(name, json: number.map { JSONValue.integer($0) })
  }

  package mutating func add(_ name: FactName, _ date: CivilDate?) {
    add(name, date?.description)
  }

  /// Adds an instant as Unix seconds and as text in UTC and in the zone.
  package mutating func add(_ name: FactName, instant: Int64?, in zone: Zone) {
    guard let instant else { return }
    let value: JSONValue = [
      "at": .integer(instant), "utc": .string(UTC.text(instant)),
      "local": .string(zone.localText(at: instant)),
    ]
    add(name, json: value)
  }
}

/// The names of facts; the raw values are stable.
package enum FactName: String, Sendable, CaseIterable {
  case license
  case line
  case revision
  case edition
  case product
  case document
  case reason
  case refused
  case revokedAt = "revoked_at"
  case knownRevision = "known_revision"
  case knownFrom = "known_from"
  case releaseProduct = "release_product"
  case activatedInstallation = "activated_installation"
  case installation
  case activatedLine = "activated_line"
  case countedLine = "counted_line"
  case from
  case begins
  case daysUntil = "days_until"
  case running
  case release
  case releaseCommit = "release_commit"
  case missing
  case released
  case coveredAsOf = "covered_as_of"
  case basis
  case through
  case newestCovered = "newest_covered"
  case ends
  case ended
  case daysAgo = "days_ago"
  case daysLeft = "days_left"
  case graceDays = "grace_days"
  case graceThrough = "grace_through"
  case graceEnds = "grace_ends"
  case evidence
  case since
  case leaseHours = "lease_hours"
  case leaseEnds = "lease_ends"
  case hoursLeft = "hours_left"
  case hoursAgo = "hours_ago"
  case epoch
  case issued
  case days
  case wall
  case floor
  case secondsBehind = "seconds_behind"
  case secondsMoved = "seconds_moved"
  case seq
  case limit
  case online
  case renewalRevision = "renewal_revision"
  case renewalFrom = "renewal_from"
}
