package import Sealing

/// How much a finding weighs.
package enum Severity: String, Sendable, CaseIterable, Comparable {
  case deny
  case warn
  case note

  /// The weightiest first.
  package static func < (left: Severity, right: Severity) -> Bool {
    left.order < right.order
  }

  private var order: Int {
    switch self {
    case .deny: 0
    case .warn: 1
    case .note: 2
    }
  }
}

/// Everything that a verdict can say; the raw values are stable.
///
/// Cases stand in the order in which findings of one severity are listed.
package enum FindingCode: String, Sendable, CaseIterable {
  case damaged = "DAMAGED"
  case malformed = "MALFORMED"
  case unsupportedVersion = "UNSUPPORTED_VERSION"
  case wrongKind = "WRONG_KIND"
  case unknownKey = "UNKNOWN_KEY"
  case keyNotAllowed = "KEY_NOT_ALLOWED"
  case keyRevoked = "KEY_REVOKED"
  case keysetTooOld = "KEYSET_TOO_OLD"
  case signatureInvalid = "SIGNATURE_INVALID"
  case licenseRevoked = "LICENSE_REVOKED"
  case superseded = "SUPERSEDED"
  case wrongProduct = "WRONG_PRODUCT"
  case wrongInstallation = "WRONG_INSTALLATION"
  case notActivated = "NOT_ACTIVATED"
  case noLicense = "NO_LICENSE"
  case notYetValid = "NOT_YET_VALID"
  case releaseUnknown = "RELEASE_UNKNOWN"
  case releaseMismatch = "RELEASE_MISMATCH"
  case releaseNotCovered = "RELEASE_NOT_COVERED"
  case releaseExpired = "RELEASE_EXPIRED"
  case expired = "EXPIRED"
  case clockUntrusted = "CLOCK_UNTRUSTED"
  case ledgerDamaged = "LEDGER_DAMAGED"
  case overLimit = "OVER_LIMIT"
  case inGrace = "IN_GRACE"
  case reportLate = "REPORT_LATE"
  case keysetStale = "KEYSET_STALE"
  /// Denies for pay-as-you-go and warns elsewhere; last of either list.
  case reportOverdue = "REPORT_OVERDUE"
  case maintenanceEnded = "MAINTENANCE_ENDED"
  case expiringSoon = "EXPIRING_SOON"
  case valid = "VALID"

  /// The weight of the finding under a license of that edition.
  package func severity(in edition: Edition?) -> Severity {
    switch self {
    case .damaged, .malformed, .unsupportedVersion, .wrongKind, .unknownKey, .keyNotAllowed,
      .keyRevoked, .keysetTooOld, .signatureInvalid, .licenseRevoked, .superseded, .wrongProduct,
      .wrongInstallation, .notActivated, .noLicense, .notYetValid, .releaseUnknown,
      .releaseMismatch, .releaseNotCovered, .releaseExpired, .expired:
      .deny
    case .clockUntrusted, .ledgerDamaged, .overLimit, .inGrace, .reportLate, .keysetStale: .warn
    case .reportOverdue: edition == .payg ? .deny : .warn
    case .maintenanceEnded, .expiringSoon, .valid: .note
    }
  }

  /// The code of a document that did not verify.
  package init(_ code: Refusal.Code) {
    switch code {
    case .damaged: self = .damaged
    case .malformed: self = .malformed
    case .unsupportedVersion: self = .unsupportedVersion
    case .wrongKind: self = .wrongKind
    case .unknownKey: self = .unknownKey
    case .keyNotAllowed: self = .keyNotAllowed
    case .keyRevoked: self = .keyRevoked
    case .keysetTooOld: self = .keysetTooOld
    case .signatureInvalid: self = .signatureInvalid
    }
  }
}
