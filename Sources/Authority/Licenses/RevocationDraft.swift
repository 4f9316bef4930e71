internal import CivilTime
package import Libcrypto
package import Licensing
package import Sealing

/// Licenses as they would be revoked: what may be asked and said about it before anything is signed.
package struct RevocationDraft: Sendable {
  /// A license that is to be revoked.
  package struct Item: Sendable, Equatable {
    package let license: License
    /// How it stands in its line before.
    package let standing: LineHistory.Standing

    package var json: JSONValue {
      ["standing": .string(standing.rawValue), "license": license.json]
    }

    /// One line: whose it is, and how it stands.
    package var words: BilingualText {
      let dates = license.span.map { "\($0.from) through \($0.through)" } ?? "without dates"
      let chineseDates = license.span.map { "\($0.from) 至 \($0.through)" } ?? "无期限"
      let edition = license.edition.rawValue
      return BilingualText(
        "\(license.jti): \(license.customer) (\(license.sub)), \(edition), revision "
          + "\(license.revision) of \(license.line), \(dates), \(standing.rawValue)",
        "\(license.jti)：\(license.customer)（\(license.sub)），\(edition)，系列 \(license.line) 的修订号 "
          + "\(license.revision)，\(chineseDates)，\(standing.words.chinese)")
    }
  }

  package let items: [Item]
  /// What is to be confirmed: a revocation is never taken back.
  package private(set) var questions: [IssuingQuestion]
  /// What would be signed.
  package let document: Revocations
  let reason: String

  /// The draft with more to be confirmed, first of all.
  package func asking(_ more: [IssuingQuestion]) -> RevocationDraft {
    var draft = self
    draft.questions = more + questions
    return draft
  }
}

extension Authority {
  /// Licenses as they would be revoked.
  ///
  /// A line stands for everything of it that could still be used somewhere: every revision that is
  /// neither over nor revoked, whether a higher one has begun or not.
  /// - Parameters:
  ///   - names: of the registry, none revoked before.
  ///   - reason: 1 to 256 bytes, which every customer can read.
  /// - Throws: ``AuthorityError`` `NOT_FOUND`, `CONFLICT`, `INPUT_INVALID`.
  package func draftRevocation(
    of names: [LicenseName], reason: String
  ) throws(AuthorityError) -> RevocationDraft {
    let now = try now()
    let reason = try Self.reason(reason)
    var found: [(issued: IssuedLicense, history: LineHistory)] = []
    for name in names {
      let history = try history(of: name, at: now)
      for issued in try history.revocable(name) {
        guard !found.contains(where: { $0.issued == issued }) else {
          throw AuthorityError(
            .inputInvalid, "\(issued.license.jti) is named twice: name each license once")
        }
        found.append((issued, history))
      }
    }
    let named = Set(found.map(\.issued.license.jti))
    return RevocationDraft(
      items: found.map {
        RevocationDraft.Item(
          license: $0.issued.license, standing: $0.history.standing(of: $0.issued))
      },
      questions: found.flatMap { $0.history.questions(revoking: $0.issued, with: named) },
      document: try nextRevocations(
        adding: found.map {
          Revocations.Entry(jti: $0.issued.license.jti, at: now, reason: reason)
        }, at: now), reason: reason)
  }

  /// Does everything that revoking does but for the intent, the real signature and the store.
  package func rehearse(
    _ draft: RevocationDraft, with chosen: Thumbprint?, trying passphrase: Secret? = nil
  ) throws(AuthorityError) -> Rehearsed {
    try rehearse(draft.document, with: chosen, trying: passphrase)
  }

  /// Revokes what a draft names.
  /// - Parameters:
  ///   - confirmed: whether its questions were answered with yes.
  ///   - why: for the audit log; the reason itself where it is empty.
  /// - Throws: ``AuthorityError``, `QUESTIONS_OPEN` among them; nothing has then been revoked.
  package func revoke(
    _ draft: RevocationDraft, with key: Thumbprint? = nil, passphrase: Secret,
    confirmed: Bool = false, why: String
  ) throws(AuthorityError) -> Verified<Revocations> {
    guard confirmed || draft.questions.isEmpty else { throw .unanswered(draft.questions) }
    let author = try author(
      why.isEmpty ? draft.reason : why, doing: "licenses are revoked", at: draft.document.iat
    ).confirming(draft.questions)
    return try issue(
      draft.document, as: .licenseRevoke, with: key, passphrase: passphrase, by: author)
  }
}

extension LineHistory {
  /// The revisions that a name means when something is to be revoked.
  /// - Throws: ``AuthorityError`` `CONFLICT` where nothing is left to revoke.
  fileprivate func revocable(_ name: LicenseName) throws(AuthorityError) -> [IssuedLicense] {
    switch name {
    case .line(let line):
      let usable = revisions.filter { $0.state == .issued && !$0.license.isOver(on: today) }
      guard usable.isEmpty else { return usable }
      throw AuthorityError(
        .conflict, "\(line) has nothing left to revoke: every revision is over or revoked already")
    case .license(let id):
      guard let named = revisions.first(where: { $0.license.jti == id }) else {
        throw .damaged("license \(id) is not in its line")
      }
      guard named.state == .issued else {
        throw AuthorityError(.conflict, "license \(id) is revoked already")
      }
      return [named]
    }
  }

  /// What is to be confirmed before a revision is revoked together with others.
  fileprivate func questions(
    revoking issued: IssuedLicense, with named: Set<LicenseID>
  ) -> [IssuingQuestion] {
    func isRevoked(_ other: IssuedLicense) -> Bool {
      other.state == .revoked || named.contains(other.license.jti)
    }
    let license = issued.license
    let line = "name \(license.line) to end all of the line"
    switch standing(of: issued) {
    case .revoked, .interrupted: return []
    case .ended:
      return [
        IssuingQuestion(
          .revocationWithoutEffect, "revoked",
          "\(license.jti) is over, with its grace days, since the end of "
            + "\(license.graceThrough?.description ?? "-"): there is nothing to end")
      ]
    case .superseded:
      guard let present = inForce, !isRevoked(present) else { return [] }
      return [
        IssuingQuestion(
          .revocationWithoutEffect, "revoked",
          "\(license.jti) is superseded by revision \(present.license.revision) "
            + "(\(present.license.jti)), which stays in force: this ends it only where the newer one "
            + "is not installed; \(line)")
      ]
    case .inForce, .upcoming:
      let stops = standing(of: issued) == .inForce ? [Self.stopping(license)] : []
      let next = upcoming.first { $0.license.revision > license.revision && !isRevoked($0) }
      guard let next = next?.license, let from = next.term?.from else { return stops }
      return stops + [
        IssuingQuestion(
          .revocationEnds, "revoked",
          "revision \(next.revision) (\(next.jti)) lifts it on \(from), when it begins; \(line)")
      ]
    }
  }

  private static func stopping(_ license: License) -> IssuingQuestion {
    IssuingQuestion(
      .lineStops, "revoked",
      "this stops \(license.words): it is in force, and the platform may not be used any more "
        + "wherever the revocation arrives, until a higher revision of the line begins")
  }
}
