/// The rules of the verdict. Each looks at everything and says what it found; none hides another.
enum Rules {
  typealias Rule = @Sendable (Matter) -> [Finding]

  /// What is said of the documents given, whichever license is judged.
  private static let ofDocuments: [Rule] = [refusedDocuments]

  /// What is said of the license judged.
  private static let ofLicense: [Rule] = [
    revoked,
    superseded,
    wrongProduct,
    wrongInstallation,
    notActivated,
    noLicense,
    notYetValid,
    releaseUnknown,
    releaseMismatch,
    releaseNotCovered,
    releaseExpired,
    termOver,
    clockUntrusted,
    standingFindings,
    leaseRunningOut,
    keysetStale,
    maintenanceEnded,
    expiringSoon,
  ]

  /// What all rules found, and `VALID` where none of it denies or warns.
  static func findings(in matter: Matter) -> [Finding] {
    let findings = (ofDocuments + ofLicense).flatMap { $0(matter) }
    let isSound = findings.allSatisfy { $0.severity == .note }
    return findings + (isSound ? valid(matter) : [])
  }

  /// The codes that deny use for a reason that lies in the license judged.
  static func denials(in matter: Matter) -> Set<FindingCode> {
    let findings = ofLicense.flatMap { $0(matter) }
    return Set(findings.lazy.filter { $0.severity == .deny }.map(\.code))
  }
}
