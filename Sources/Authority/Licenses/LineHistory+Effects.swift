internal import CivilTime
package import Licensing

// What a revision that is issued above all others does to those that stand.

extension LineHistory {
  /// The first date, today or later, on which a revision above all others is in force.
  func begin(of license: License) -> CivilDate { max(license.term?.from ?? today, today) }

  /// The revision that is in force on a date, today or later, if nothing more is issued.
  func inForce(on date: CivilDate) -> IssuedLicense? {
    revisions.last { $0.license.hasBegun(on: date) }
  }

  /// What is hidden by a revision that comes above all and begins on a date; nil: at once.
  func hidden(by first: CivilDate?, from base: IssuedLicense) -> [IssuedLicense] {
    upcoming.filter { issued in
      guard issued.state == .issued, issued != base, let from = issued.license.term?.from else {
        return false
      }
      return first.map { $0 <= from } ?? true
    }
  }

  /// The revision that would be in force when a license begins, where it is another than the one that
  /// the license was made from: what it grants ends that day, though nobody asked for it.
  func replaced(by license: License, madeFrom base: IssuedLicense) -> IssuedLicense? {
    let first = begin(of: license)
    guard let present = inForce(on: first), present != base, present.state == .issued,
      !present.license.isOver(on: first)
    else { return nil }
    return present
  }

  /// The revoked revision that forbids the use from some day on, and that a license takes the force
  /// from.
  func lifted(by license: License) -> IssuedLicense? {
    let first = begin(of: license)
    if let present = inForce(on: first), present.state == .revoked { return present }
    return upcoming.last { issued in
      issued.state == .revoked && issued.license.term.map { first <= $0.from } ?? true
    }
  }

  /// One line for each revision that a broken off reissue has hidden, with what to do.
  /// - Parameter key: what to name in the command.
  package func interruptedInWords(key: String = "KEY") -> [String] {
    interruptions(key: key).map(\.english)
  }

  /// As ``interruptedInWords(key:)``, in each language.
  package func interruptions(key: String = "KEY") -> [BilingualText] {
    interrupted.map { issued in
      let license = issued.license
      let from = license.term?.from.description ?? "-"
      let command = "\"tally license reissue \(license.line) --key \(key) --why ...\""
      return BilingualText(
        "revision \(license.revision) (\(license.jti)), which begins on \(from), is hidden by a "
          + "reissue that was broken off, and never comes into force: run \(command)",
        "自 \(from) 起的修订号 \(license.revision)（\(license.jti)）被中途停止的重签遮住，永远不会生效："
          + "请运行 \(command)")
    }
  }
}
