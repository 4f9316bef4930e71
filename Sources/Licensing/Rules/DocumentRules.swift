import Sealing

extension Rules {
  /// Every document given by hand must verify.
  ///
  /// Of kept ones, bytes that were never right always count, for no honest program writes them. One
  /// whose key fell out of trust later counts only where it leaves a place empty: no license at
  /// all, or no activation where one is needed. Where a key was revoked and another license is in
  /// force, that one is named: it was reissued, and the refused file is to be replaced.
  static func refusedDocuments(_ matter: Matter) -> [Finding] {
    matter.situation.refused.filter { counts($0, in: matter) }.map { document in
      var facts = Facts()
      facts.add(.document, document.source)
      facts.add(.reason, document.refusal.message)
      if document.refusal.code == .keyRevoked, document.kind == .license {
        facts.add(.license, matter.license?.jti.text)
      }
      return matter.finding(FindingCode(document.refusal.code), facts)
    }
  }

  private static func counts(_ document: RefusedDocument, in matter: Matter) -> Bool {
    guard document.isHeld else { return true }
    switch document.refusal.code {
    case .damaged, .malformed, .unsupportedVersion, .wrongKind, .signatureInvalid: return true
    case .unknownKey, .keyNotAllowed, .keyRevoked, .keysetTooOld:
      switch document.kind {
      case .license, nil: return matter.license == nil
      case .activation:
        return matter.license?.activation == .required && matter.standing?.activation == nil
      case .keyset, .revocations, .release, .enrolment, .usage, .alive, .receipt, .decision,
        .statement:
        return false
      }
    }
  }

  /// The license in force is not revoked. It stays in force until a higher revision begins.
  static func revoked(_ matter: Matter) -> [Finding] {
    guard let license = matter.license,
      let entry = matter.situation.revocations?.payload.entry(of: license.jti)
    else { return [] }
    var facts = matter.facts
    facts.add(.revokedAt, instant: entry.at, in: matter.zone)
    facts.add(.reason, entry.reason)
    return [matter.finding(.licenseRevoked, facts)]
  }

  /// No higher revision has been in use here, nor is a higher one held that has begun.
  ///
  /// An activation may name a revision bought early. A license at hand speaks for itself, so the
  /// activation counts only where its revision is not at hand. So does one whose key fell out of trust,
  /// as to its line and its first day.
  static func superseded(_ matter: Matter) -> [Finding] {
    guard let license = matter.license, let standing = matter.standing else { return [] }
    let ofLine = LicenseLine.descending(matter.licensesAtHand, of: license.line).map(\.payload)
    var known: [(revision: Int64, from: String)] = []
    if let held = LicenseLine.descending(standing.held, of: license.line).map(\.payload)
      .first(where: matter.hasBegun)
    {
      known.append((held.revision, "held"))
    }
    let lost = standing.distrusted
    if let activation = standing.activation?.payload, activation.line == license.line,
      !ofLine.contains(where: { $0.revision == activation.revision }),
      !lost.contains(where: {
        $0.line == license.line && $0.revision == activation.revision && !matter.hasBegun($0)
      })
    {
      known.append((activation.revision, "activation"))
    }
    if let record = standing.newestRecord {
      let named =
        matter.licensesAtHand.first { $0.payload.jti == record.license }?.payload
        ?? lost.first { $0.jti == record.license }
      // A record of a license that is nowhere at hand is taken to be of this line.
      if named == nil || named?.line == license.line {
        known.append((record.revision, "usage"))
      }
    }
    guard let highest = known.max(by: { $0.revision < $1.revision }),
      highest.revision > license.revision
    else { return [] }
    var facts = matter.facts
    facts.add(.knownRevision, highest.revision)
    facts.add(.knownFrom, highest.from)
    return [matter.finding(.superseded, facts)]
  }

  /// Some license speaks for the platform.
  static func noLicense(_ matter: Matter) -> [Finding] {
    guard matter.license == nil else { return [] }
    var facts = Facts()
    facts.add(.refused, Int64(matter.situation.refused.count))
    return [matter.finding(.noLicense, facts)]
  }

  /// A keyset is renewed well within 180 days; an older one may lack revocations.
  static func keysetStale(_ matter: Matter) -> [Finding] {
    let days: Int64 = 180
    guard let keyset = matter.situation.keyset, let now = matter.now,
      now - keyset.iat > days * 86_400
    else { return [] }
    var facts = Facts()
    facts.add(.epoch, keyset.epoch)
    facts.add(.issued, instant: keyset.iat, in: matter.zone)
    facts.add(.days, (now - keyset.iat) / 86_400)
    return [matter.finding(.keysetStale, facts)]
  }
}
