import Sealing

extension English {
  static func refused(_ facts: Facts) -> String {
    let text = "\(facts.text(.document)): \(facts.text(.reason))"
    guard facts[.license] != nil else { return text }
    let license = facts.text(.license)
    return "\(text); license \(license) verifies here: put its file in this one's place"
  }

  static func licenseRevoked(_ facts: Facts) -> String {
    let since = facts.instant(.revokedAt).map { " at \($0)" } ?? ""
    return "\(license(facts)) was revoked\(since): \(facts.text(.reason)); "
      + "ask the vendor for its next revision and install that"
  }

  static func superseded(_ facts: Facts) -> String {
    let known = facts.text(.knownRevision)
    let from =
      switch facts.text(.knownFrom) {
      case "activation": "this installation is activated under revision \(known)"
      case "usage": "the newest usage record is of revision \(known)"
      default: "revision \(known) is installed and has begun"
      }
    return "\(license(facts)) is superseded: \(from) of line \(facts.text(.line)); "
      + "install revision \(known) or a later one"
  }

  static func wrongProduct(_ facts: Facts) -> String {
    let product = facts.text(.releaseProduct)
    let what =
      facts[.release] == nil
      ? "what runs is \(product)" : "release \(facts.text(.release)) is of \(product)"
    return "\(license(facts)) is for \(facts.text(.product)), but \(what); "
      + "install a license for \(product)"
  }

  static func wrongInstallation(_ facts: Facts) -> String {
    var parts: [String] = []
    if facts[.activatedInstallation] != nil {
      parts.append(
        "the activation is for installation \(facts.text(.activatedInstallation)), this one is "
          + facts.text(.installation))
    }
    if facts[.activatedLine] != nil {
      parts.append(
        "the activation is for line \(facts.text(.activatedLine)), the license is of line "
          + facts.text(.line))
    }
    if facts[.countedLine] != nil {
      parts.append(
        "the verifier counts under line \(facts.text(.countedLine)), under which use is denied, and "
          + "not under line \(facts.text(.line)); install \(license(facts)) first, or cure what "
          + "denies use under the line that is counted")
    }
    if facts[.countedLine] == nil || facts[.activatedLine] != nil {
      parts.append(
        "activate this installation under \(license(facts)), with --replace where it takes "
          + "another's place")
    }
    return parts.joined(separator: "; ")
  }

  static func notActivated(_ facts: Facts) -> String {
    "\(license(facts)) must be activated and this installation is not; "
      + "run tally-verifier activate, or carry the enrolment to the vendor as a file"
  }

  static func noLicense(_ facts: Facts) -> String {
    let what =
      (facts.number(.refused) ?? 0) > 0
      ? "none of the documents given is a license that verifies" : "no license is installed"
    return "\(what); install the license file that the vendor sent"
  }

  static func keysetStale(_ facts: Facts) -> String {
    "keyset \(facts.text(.epoch)) is \(count(facts.number(.days) ?? 0, "day")) old, issued at "
      + "\(facts.instant(.issued) ?? "?"); it may lack revocations: let the installation report, "
      + "or take the newest license or release file, each carries the keyset"
  }

  static func notYetValid(_ facts: Facts) -> String {
    let until = facts.number(.daysUntil).map { ", in \(count($0, "day"))" } ?? ""
    return "\(license(facts)) begins on \(facts.text(.from)), at "
      + "\(facts.instant(.begins) ?? "?")\(until); until then keep the license in use beside it"
  }

  static func expired(_ facts: Facts) -> String {
    let grace =
      facts[.graceThrough].map { _ in
        "; its \(count(facts.number(.graceDays) ?? 0, "day")) of grace ended on "
          + facts.text(.graceThrough)
      } ?? ""
    return "\(ended(facts))\(grace); install a renewal"
  }

  static func inGrace(_ facts: Facts) -> String {
    "\(ended(facts)); grace lasts through \(facts.text(.graceThrough))\(left(facts)); "
      + "install a renewal before \(facts.instant(.graceEnds) ?? "it ends")"
  }

  private static func ended(_ facts: Facts) -> String {
    "the last day of \(license(facts)) was \(facts.text(.through))\(ago(facts)); it ended at "
      + (facts.instant(.ended) ?? "?")
  }

  static func expiringSoon(_ facts: Facts) -> String {
    let ends = "through \(facts.text(.through))\(left(facts)), until \(facts.instant(.ends) ?? "?")"
    if facts[.release] != nil {
      return "release \(facts.text(.release)) may be used \(ends) under the community edition; "
        + "upgrade to a newer release before that"
    }
    guard facts[.renewalRevision] != nil else {
      return "\(license(facts)) may be used \(ends); renew it before that"
    }
    let from = facts[.renewalFrom].map { _ in ", from \(facts.text(.renewalFrom))" } ?? ""
    return "\(license(facts)) may be used \(ends); revision \(facts.text(.renewalRevision)) "
      + "follows it\(from) and is at hand"
  }

  static func valid(_ facts: Facts) -> String {
    guard facts[.through] != nil else {
      return "\(license(facts)) is valid and has no end"
    }
    let subject = facts[.release].map { _ in " for release \(facts.text(.release))" } ?? ""
    return "\(license(facts)) is valid\(subject) through \(facts.text(.through))\(left(facts)), "
      + "until \(facts.instant(.ends) ?? "?")"
  }
}
