package import Libcrypto
package import Licensing
internal import Platform
package import Sealing

/// A license as it would be issued: what may be asked and said about it before anything is signed.
package struct LicenseDraft: Sendable {
  package let license: License
  /// The revision that it was made from, nil for the first of a line.
  package let previous: License?
  /// Another revision than that, whose place it takes when it begins.
  package var replaced: License? = nil
  /// What is to be confirmed.
  package private(set) var questions: [IssuingQuestion]
  /// What whoever issues it should know, in words.
  package let remarks: [BilingualText]
  let action: AuditEntry.Action

  /// Members that every revision has anew.
  package static let renumbered: Set<String> = ["jti", "revision", "iat"]

  /// The draft with more to be confirmed, first of all.
  package func asking(_ more: [IssuingQuestion]) -> LicenseDraft {
    var draft = self
    draft.questions = more + questions
    return draft
  }

  /// What it changes of the revision that it was made from; ids and numbers left out.
  package var differences: [LicenseDifference] { differences(from: previous) }

  /// What it changes of the revision whose place it takes.
  package var replacedDifferences: [LicenseDifference] { differences(from: replaced) }

  private func differences(from older: License?) -> [LicenseDifference] {
    guard let older else { return [] }
    return license.differences(from: older).filter { !Self.renumbered.contains($0.member) }
  }

  /// What is issued, in words for the log.
  var act: String {
    let whose = "\(license.edition.rawValue) of \(license.product) for \(license.customer)"
    let revision = "revision \(license.revision) of \(license.line)"
    return switch action {
    case .licenseRenew: "\(revision), a renewal: \(whose)"
    case .licenseAmend: "\(revision), an amendment: \(whose)"
    case .licenseReissue: "\(revision), a copy under another key: \(whose)"
    default: "the first license of a line: \(whose)"
    }
  }

  /// The license without the ids that it gets only when it is issued.
  package var json: JSONValue {
    .object(
      license.members.filter { member in
        member.name != "jti" && (previous != nil || member.name != "line")
      })
  }
}

/// What a draft comes to when it is issued, found out without the real key.
package struct Rehearsed: Sendable, Equatable {
  /// The key that would sign.
  package let key: Thumbprint
  /// What the command would end with when it opens the key; nil where nothing stands in the way.
  package let fault: AuthorityError?

  /// What stands in the way still, in words.
  package var obstacles: [BilingualText] {
    fault.map {
      [
        BilingualText(
          "the private key cannot be used: \($0.message)",
          "私钥无法使用：\(Language.chinese.explained($0.chinese, $0.message))")
      ]
    } ?? []
  }
}

extension Authority {
  /// Does everything that issuing does but for the intent, the real signature and the store.
  /// - Parameters:
  ///   - chosen: the key to sign with; nil takes the newest that may.
  ///   - passphrase: tried on the key where it is at hand.
  /// - Throws: ``AuthorityError`` as issuing would before it opens the key.
  package func rehearse(
    _ draft: LicenseDraft, with chosen: Thumbprint?, trying passphrase: Secret? = nil
  ) throws(AuthorityError) -> Rehearsed {
    try rehearse(draft.license, with: chosen, trying: passphrase)
  }

  func rehearse<Payload: Issuable>(
    _ payload: Payload, with chosen: Thumbprint?, trying passphrase: Secret? = nil
  ) throws(AuthorityError) -> Rehearsed {
    do throws(Refusal) { try payload.lint() } catch {
      throw AuthorityError(error, "the \(Payload.intentKind.rawValue) cannot be issued")
    }
    let trust = try trust()
    let (record, online) = try signingKey(for: payload, in: trust, chosen)
    try Rehearsal.run(payload, like: online, under: trust.keyset)
    return Rehearsed(key: record.thumbprint, fault: fault(of: record, trying: passphrase))
  }

  /// What opening a key would end the command with now, nil where nothing would.
  /// - Parameter passphrase: tried where it is at hand.
  package func fault(
    of key: Thumbprint, trying passphrase: Secret?
  ) throws(AuthorityError) -> AuthorityError? {
    fault(of: try registry.key(key), trying: passphrase)
  }

  private func fault(of record: KeyRecord, trying passphrase: Secret?) -> AuthorityError? {
    do throws(AuthorityError) {
      try KeyFile.requireReadable("\(registry.folder)/\(record.pem)")
      if let passphrase { _ = try open(record, passphrase) }
      return nil
    } catch { return error }
  }

  /// Refuses a trial while something is pending: the real command finishes that first, so it would
  /// issue something else than what the trial shows.
  /// - Throws: ``AuthorityError`` `INTENT_PENDING`.
  package func requireNothingPending() throws(AuthorityError) {
    if let pending = try registry.pendingIntent() { throw .pending(pending) }
  }

  /// Issues a draft.
  /// - Parameter confirmed: whether its questions were answered with yes.
  /// - Throws: ``AuthorityError``, `QUESTIONS_OPEN` among them; nothing has then been issued.
  package func issue(
    _ draft: LicenseDraft, with key: Thumbprint? = nil, passphrase: Secret,
    confirmed: Bool = false, why: String
  ) throws(AuthorityError) -> Verified<License> {
    guard confirmed || draft.questions.isEmpty else { throw .unanswered(draft.questions) }
    let author = try author(why, doing: draft.act, at: draft.license.iat)
      .confirming(draft.questions)
    return try issue(
      draft.license, as: draft.action, with: key, passphrase: passphrase, by: author)
  }
}
