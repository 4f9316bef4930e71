/// The rules of the verdict. Each looks at everything and says what it found; none hides another.
enum Rules {
  typealias Rule = @Sendable (Matter) -> [Finding]

  static let all: [Rule] = [
    refusedDocuments,
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
    let findings = all.flatMap { $0(matter) }
    let isSound = findings.allSatisfy { $0.severity == .note }
    return findings + (isSound ? valid(matter) : [])
  }
}
