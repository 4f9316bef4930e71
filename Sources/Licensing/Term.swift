package import CivilTime
package import Sealing

/// A span of calendar dates; the last one is included.
package struct Term: Hashable, Sendable {
  package let from: CivilDate
  package let through: CivilDate

  /// - Returns: nil when `from` lies after `through`.
  package init?(from: CivilDate, through: CivilDate) {
    guard from <= through else { return nil }
    self.from = from
    self.through = through
  }

  /// How many dates it has, at least 1.
  package var days: Int64 { from.days(until: through) + 1 }

  package var json: JSONValue {
    ["from": .string(from.description), "through": .string(through.description)]
  }

  /// The seconds that it covers in a zone.
  package func seconds(in zone: Zone) -> Range<Int64> {
    let start = zone.day(of: from).lowerBound
    return start..<max(start, zone.day(of: through).upperBound)
  }
}

extension ObjectReader {
  /// A date as `YYYY-MM-DD`, from 1970 to 9999.
  package mutating func date(_ name: String) throws(Refusal) -> CivilDate {
    guard let date = CivilDate(try string(name)) else {
      throw .malformed("\(self.name(name)) must be a date such as 2026-11-21")
    }
    return date
  }

  /// A date as ``date(_:)``, nil when the member is absent.
  package mutating func optionalDate(_ name: String) throws(Refusal) -> CivilDate? {
    guard let text = try optionalString(name) else { return nil }
    guard let date = CivilDate(text) else {
      throw .malformed("\(self.name(name)) must be a date such as 2026-11-21")
    }
    return date
  }

  /// A span `{from, through}`, nil when the member is absent.
  mutating func optionalTerm(_ name: String) throws(Refusal) -> Term? {
    guard var reader = try optionalObject(name) else { return nil }
    let from = try reader.date("from")
    let through = try reader.date("through")
    try reader.end()
    guard let term = Term(from: from, through: through) else {
      throw .malformed("\(self.name(name)): from lies after through")
    }
    return term
  }
}
