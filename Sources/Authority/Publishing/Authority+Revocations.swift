package import Libcrypto
package import Licensing
package import Sealing

extension Authority {
  /// Revokes licenses: a revocations document with the next number, which names these and all before.
  ///
  /// A revoked revision stays the one in force until a higher one of its line begins.
  /// - Parameters:
  ///   - licenses: of the registry, none revoked before.
  ///   - reason: 1 to 256 bytes, which every customer can read.
  /// - Throws: ``AuthorityError``; nothing has then been issued or revoked.
  package func revokeLicenses(
    _ licenses: [LicenseID], reason: String, key: Thumbprint? = nil, passphrase: Secret,
    confirmed: Bool = false, why: String
  ) throws(AuthorityError) -> Verified<Revocations> {
    try revoke(
      draftRevocation(of: licenses.map { .license($0) }, reason: reason), with: key,
      passphrase: passphrase, confirmed: confirmed, why: why)
  }

  /// Issues the same list under the next number: with another key after the first one's was revoked,
  /// whose documents count as never seen.
  /// - Parameter confirmed: questions that were answered with yes, for the log.
  package func renewRevocations(
    key: Thumbprint? = nil, passphrase: Secret, confirmed: [IssuingQuestion] = [], why: String
  ) throws(AuthorityError) -> Verified<Revocations> {
    let author = try author(why, doing: "the list of revoked licenses is signed again")
      .confirming(confirmed)
    guard try registry.newestRevocations() != nil else {
      throw AuthorityError(.notFound, "no license was ever revoked: there is nothing to issue")
    }
    return try issue(
      nextRevocations(adding: [], at: author.at), as: .revocationsIssue, with: key,
      passphrase: passphrase, by: author)
  }

  /// The document with the next number, which names everything that the newest one does.
  func nextRevocations(
    adding added: [Revocations.Entry], at now: Int64
  ) throws(AuthorityError) -> Revocations {
    let newest = try registry.newestRevocations()?.revocations
    return Revocations(
      iss: try trust().keyset.iss, iat: now, seq: (newest?.seq ?? 0) + 1,
      revoked: (newest?.revoked ?? []) + added)
  }

  /// The file for installations without a network: every keyset that is needed, then the newest
  /// revocations.
  /// - Throws: ``AuthorityError`` `NOT_FOUND` where no license was ever revoked, `DOCUMENT_REFUSED` where
  ///   the key of the newest document is revoked or gone.
  package func revocationsFile() throws(AuthorityError) -> String {
    guard let newest = try registry.newestRevocations() else {
      throw AuthorityError(.notFound, "no license was ever revoked: there is no document yet")
    }
    let trust = try trust()
    do throws(Refusal) {
      _ = try trust.open(Array(newest.jws.utf8), as: Revocations.self)
    } catch {
      throw AuthorityError(
        error,
        "nobody would believe \(newest.name): run \"tally revocations issue\", and export again")
    }
    return DocumentFile.text([newest.jws], of: .revocations, keysets: trust.chain)
  }
}
