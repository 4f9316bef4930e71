import Sealing

/// The English texts of findings, made from code and facts alone, so that another language needs no
/// more than these.
enum English {
  /// What happened, since when, and what to do next.
  static func message(_ code: FindingCode, _ facts: Facts) -> String {
    switch code {
    case .damaged, .malformed, .unsupportedVersion, .wrongKind, .unknownKey, .keyNotAllowed,
      .keyRevoked, .keysetTooOld, .signatureInvalid:
      refused(facts)
    case .licenseRevoked: licenseRevoked(facts)
    case .superseded: superseded(facts)
    case .wrongProduct: wrongProduct(facts)
    case .wrongInstallation: wrongInstallation(facts)
    case .notActivated: notActivated(facts)
    case .noLicense: noLicense(facts)
    case .notYetValid: notYetValid(facts)
    case .releaseUnknown: releaseUnknown(facts)
    case .releaseMismatch: releaseMismatch(facts)
    case .releaseNotCovered: releaseNotCovered(facts)
    case .releaseExpired: releaseExpired(facts)
    case .expired: expired(facts)
    case .clockUntrusted: clockUntrusted(facts)
    case .ledgerDamaged: ledgerDamaged(facts)
    case .overLimit: overLimit(facts)
    case .inGrace: inGrace(facts)
    case .reportLate: reportLate(facts)
    case .reportOverdue: reportOverdue(facts)
    case .keysetStale: keysetStale(facts)
    case .maintenanceEnded: maintenanceEnded(facts)
    case .expiringSoon: expiringSoon(facts)
    case .valid: valid(facts)
    }
  }

  /// Why there is no verdict and what to do.
  static func message(_ reason: CannotTell) -> String {
    switch reason {
    case .clock(let edition):
      "the clock cannot be read, and a \(edition.rawValue) license depends on the date; "
        + "set the machine's clock and check again"
    case .zone(let name):
      "the time zone \(name) of the license is not known on this machine; "
        + "install the tzdata package, or name the folder of its zone files"
    }
  }

  /// `license lic_1 (payg, revision 3)`.
  static func license(_ facts: Facts) -> String {
    "license \(facts.text(.license)) (\(facts.text(.edition)), revision \(facts.text(.revision)))"
  }

  /// `1 day`, `2 days`.
  static func count(_ number: Int64, _ unit: String) -> String {
    "\(number) \(unit)\(number == 1 ? "" : "s")"
  }

  /// `, 3 days ago`, nothing where it is not known.
  static func ago(_ facts: Facts) -> String {
    facts.number(.daysAgo).map { ", \(count($0, "day")) ago" } ?? ""
  }

  /// `, 3 days left`; the last day says so.
  static func left(_ facts: Facts) -> String {
    guard let days = facts.number(.daysLeft) else { return "" }
    return days <= 1 ? ", today is the last day" : ", \(count(days, "day")) left"
  }
}

extension Facts {
  /// A text or number as it is written, `?` where it is not known.
  func text(_ name: FactName) -> String {
    switch self[name] {
    case .string(let text): text
    case .number(let literal): literal
    case .null, .bool, .array, .object, nil: "?"
    }
  }

  func number(_ name: FactName) -> Int64? { self[name]?.integer }

  /// `2027-11-21 00:00:00 +08:00 (2027-11-20T16:00:00Z)`, nil where it is not known.
  func instant(_ name: FactName) -> String? {
    guard let value = self[name], let local = value["local"]?.string,
      let utc = value["utc"]?.string
    else { return nil }
    return "\(local) (\(utc))"
  }
}
