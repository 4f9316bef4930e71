package import CivilTime
package import Sealing

/// Choosing among the revisions of a line.
///
/// In force is the highest revision whose term has begun. Two licenses of one revision should not
/// exist; the one issued later wins, then the greater `jti`, so that the order of arrival never
/// matters.
package enum LicenseLine {
  /// The license in force on a date of the line's zone, nil if none has begun.
  package static func inForce(
    _ licenses: [Verified<License>], of line: LineID, on date: CivilDate
  ) -> Verified<License>? {
    descending(licenses, of: line).first { $0.payload.hasBegun(on: date) }
  }

  /// The licenses of a line, the highest revision first.
  package static func descending(
    _ licenses: [Verified<License>], of line: LineID
  ) -> [Verified<License>] {
    licenses.filter { $0.payload.line == line }.sorted { precedes($0.payload, $1.payload) }
  }

  private static func precedes(_ left: License, _ right: License) -> Bool {
    if left.revision != right.revision { return left.revision > right.revision }
    if left.iat != right.iat { return left.iat > right.iat }
    return left.jti > right.jti
  }
}
