package import Sealing

/// Time of a date that nobody watched, or one second that the wall clock named more than once.
///
/// Seconds of a gap have no count and no peak. With `from == to` nothing is unobserved: the entry says
/// that the second before `to + 1`, named `from`, was shared by ``shared`` real seconds after the wall
/// clock had been set back.
package struct Gap: Sendable, Hashable {
  /// Why nobody watched.
  package enum Reason: String, Sendable, CaseIterable {
    /// The part of the first date before the first start.
    case before
    /// The program did not run.
    case stopped
    /// The program or its machine stood still.
    case suspended
    /// The wall clock was set: forward, names were skipped; back, one name was shared.
    case clock
  }

  /// The most entries of one date; more are joined, nearest first.
  package static let maximum = 256

  /// The first second, as a Unix instant.
  package var from: Int64
  /// The second after the last; equal to `from` only with ``shared``.
  package var to: Int64
  package var reason: Reason
  /// How many real seconds had the name `from`, at least 2; nil for a gap.
  package var shared: Int64?

  package init(from: Int64, to: Int64, reason: Reason, shared: Int64? = nil) {
    self.from = from
    self.to = to
    self.reason = reason
    self.shared = shared
  }

  /// The number of unobserved seconds.
  package var length: Int64 { to - from }

  init(reading reader: inout ObjectReader) throws(Refusal) {
    from = try reader.instant("from")
    to = try reader.instant("to")
    reason = try reader.choice("reason")
    shared = try reader.optionalInteger("shared", in: 2...SealedLimits.counts.upperBound)
    guard from < to ? shared == nil : from == to && shared != nil && reason == .clock else {
      throw .malformed(
        "\(reader.name("to")) must be after from, or equal to it in a clock entry with shared")
    }
  }

  package var json: JSONValue {
    var members = [
      JSONMember("from", .integer(from)), JSONMember("to", .integer(to)),
      JSONMember("reason", .string(reason.rawValue)),
    ]
    if let shared { members.append(JSONMember("shared", .integer(shared))) }
    return .object(members)
  }
}
