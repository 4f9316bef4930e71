import Sealing

extension English {
  static func releaseUnknown(_ facts: Facts) -> String {
    switch facts.text(.missing) {
    case "release":
      "there is no release document for \(facts.text(.running)); "
        + "give the one of the install package with --release"
    case "running":
      "the platform did not say what runs beside the document of release "
        + "\(facts.text(.release)); give it with --running VERSION[@COMMIT]"
    default:
      "what runs is not known; give the release document with --release, and --running "
        + "VERSION[@COMMIT] from the platform's own binary"
    }
  }

  static func releaseMismatch(_ facts: Facts) -> String {
    let commit = facts[.releaseCommit].map { _ in "@\(facts.text(.releaseCommit))" } ?? ""
    return "\(facts.text(.running)) runs, but the release document is of "
      + "\(facts.text(.release))\(commit); give the document that came with what runs"
  }

  static func releaseNotCovered(_ facts: Facts) -> String {
    let counted =
      facts[.coveredAsOf].map { _ in " and counts as of \(facts.text(.coveredAsOf))" } ?? ""
    let basis = facts.text(.basis) == "maintenance" ? "maintenance" : "the term"
    let newest =
      facts[.newestCovered].map { _ in
        "; newest covered release: \(facts.text(.newestCovered))"
      } ?? ""
    let stay = facts[.newestCovered] == nil ? "go back to a release from before that" : "stay on it"
    return "release \(facts.text(.release)) came out on \(facts.text(.released))\(counted), after "
      + "\(basis) ended on \(facts.text(.through))\(newest); renew \(basis) or \(stay)"
  }

  static func releaseExpired(_ facts: Facts) -> String {
    "release \(facts.text(.release)) came out on \(facts.text(.released)) and could be used for "
      + "\(Edition.communityDays) days, through \(facts.text(.through))\(ago(facts)); it ended at "
      + "\(facts.instant(.ended) ?? "?"); upgrade to a newer release"
  }

  static func maintenanceEnded(_ facts: Facts) -> String {
    "maintenance of \(license(facts)) ended on \(facts.text(.through))\(ago(facts)), at "
      + "\(facts.instant(.ended) ?? "?"); what is installed may be used for ever, releases that "
      + "come out later need renewed maintenance"
  }
}
