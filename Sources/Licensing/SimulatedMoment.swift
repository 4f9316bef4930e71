package import CivilTime
import Sealing

/// A time as a person names it: a date, whose zone is that of the license, or an instant.
package enum SimulatedMoment: Sendable, Equatable {
  case date(CivilDate)
  /// Unix seconds.
  case instant(Int64)

  /// What the forms are, for messages.
  package static let forms =
    "a date (2027-11-21), an instant (2027-11-21T08:00:00Z, 2027-11-21T16:00:00+08:00) or Unix "
    + "seconds"

  /// Reads `YYYY-MM-DD`, RFC 3339 in whole seconds, or Unix seconds.
  /// - Returns: nil for any other form, and outside the years 1970 to 9999.
  package init?(_ text: String) {
    if let date = CivilDate(text) {
      self = .date(date)
    } else if let instant = Self.seconds(text) ?? Self.instant(text) {
      guard SealedLimits.instants.contains(instant) else { return nil }
      self = .instant(instant)
    } else {
      return nil
    }
  }

  /// The first second of a date in the zone, or the instant.
  package func instant(in zone: Zone) -> Int64 {
    switch self {
    case .date(let date): zone.day(of: date).lowerBound
    case .instant(let instant): instant
    }
  }

  /// The last second of a date in the zone, or the instant.
  package func lastInstant(in zone: Zone) -> Int64 {
    switch self {
    case .date(let date): max(zone.day(of: date).upperBound - 1, zone.day(of: date).lowerBound)
    case .instant(let instant): instant
    }
  }

  /// Fewer than nine digits are a year or a slip, not a second of 1970.
  private static func seconds(_ text: String) -> Int64? {
    guard (9...12).contains(text.utf8.count), text.utf8.allSatisfy({ (0x30...0x39).contains($0) })
    else { return nil }
    return Int64(text)
  }

  private static func instant(_ text: String) -> Int64? {
    let bytes = Array(text.utf8)
    guard bytes.count >= 20, bytes[10] == UInt8(ascii: "T"),
      let date = CivilDate(String(decoding: bytes[..<10], as: UTF8.self)),
      let clock = clock(bytes[11..<19]), let offset = offset(bytes[19...])
    else { return nil }
    return date.daysSinceEpoch * 86_400 + clock - offset
  }

  /// Seconds of a day, from `08:00:00`.
  private static func clock(_ text: ArraySlice<UInt8>) -> Int64? {
    let parts = text.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
    guard parts.count == 3, let hour = number(parts[0], below: 24),
      let minute = number(parts[1], below: 60), let second = number(parts[2], below: 60)
    else { return nil }
    return hour * 3600 + minute * 60 + second
  }

  /// Seconds east of UTC, from `Z` or `+08:00`.
  private static func offset(_ text: ArraySlice<UInt8>) -> Int64? {
    if text.elementsEqual([UInt8(ascii: "Z")]) { return 0 }
    let parts = text.dropFirst().split(
      separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
    guard parts.count == 2, let hours = number(parts[0], below: 24),
      let minutes = number(parts[1], below: 60)
    else { return nil }
    switch text.first {
    case UInt8(ascii: "+"): return hours * 3600 + minutes * 60
    case UInt8(ascii: "-"): return -(hours * 3600 + minutes * 60)
    default: return nil
    }
  }

  /// Two digits.
  private static func number(_ digits: ArraySlice<UInt8>, below limit: Int64) -> Int64? {
    guard digits.count == 2, digits.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
    let value = digits.reduce(Int64(0)) { $0 * 10 + Int64($1 - 0x30) }
    return value < limit ? value : nil
  }
}
