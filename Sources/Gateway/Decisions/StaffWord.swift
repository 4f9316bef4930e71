internal import Billing
package import Reporting
internal import Sealing

/// Who of the vendor's staff decides, and why: both stand in the sealed decision and on statements, or in the
/// history of a finding.
package struct StaffWord: Sendable, Equatable {
  package let by: String
  package let why: String

  /// - Throws: ``Problem`` `MALFORMED` for a name or reason that is empty, too long, has control
  ///   characters, or is the gateway's own name.
  package init(by: String, why: String) throws(Problem) {
    try Self.hold(by, "by", Decision.nameLimit)
    try Self.hold(why, "why", Decision.wordsLimit)
    guard !by.isSameBytes(as: Decision.gateway) else {
      throw Problem(.malformed, "by must name a person: \(Decision.gateway) is the gateway itself")
    }
    self.by = by
    self.why = why
  }

  /// Holds a text of staff to its form.
  /// - Throws: ``Problem`` `MALFORMED`.
  static func hold(_ text: String, _ name: String, _ limit: Int) throws(Problem) {
    let isClean = text.unicodeScalars.allSatisfy {
      $0.properties.generalCategory != .control
    }
    guard isClean, (1...limit).contains(text.utf8.count), text.contains(where: { $0 != " " })
    else {
      throw Problem(
        .malformed, "\(name) must have 1 to \(limit) bytes and no control characters")
    }
  }
}
