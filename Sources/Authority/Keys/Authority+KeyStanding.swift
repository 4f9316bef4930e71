internal import GRDB
internal import Licensing
package import Sealing

extension Authority {
  /// Retires a key: the next keyset leaves it out, and what it signed becomes `UNKNOWN_KEY`.
  /// - Parameter force: although documents that it signed are still in use.
  /// - Returns: the key, and what it signed that dies with it.
  /// - Throws: ``AuthorityError`` `CONFLICT` when it does not stand, or when documents are in use and
  ///   `force` is not given; nothing has changed then.
  package func retireKey(
    _ thumbprint: Thumbprint, force: Bool = false, why: String
  ) throws(AuthorityError) -> (key: KeyRecord, signed: SignedDocuments) {
    let author = try author(why, doing: "key \(thumbprint) is retired")
    let (key, signed) = try retiredKey(thumbprint, force: force, now: author.at)
    try set(key, retiredAt: key.retiredAt, revoked: nil, .keyRetire, by: author)
    return (try registry.key(thumbprint), signed)
  }

  /// What ``retireKey(_:force:why:)`` comes to; nothing is stored.
  /// - Throws: ``AuthorityError`` as that does.
  package func trialRetirement(
    of thumbprint: Thumbprint, force: Bool = false
  ) throws(AuthorityError) -> (key: KeyRecord, signed: SignedDocuments) {
    try retiredKey(thumbprint, force: force, now: try now())
  }

  /// A key as it is once it is retired, and what it signed that dies with it.
  private func retiredKey(
    _ thumbprint: Thumbprint, force: Bool, now: Int64
  ) throws(AuthorityError) -> (key: KeyRecord, signed: SignedDocuments) {
    var key = try standingKey(thumbprint)
    let signed = try signedDocuments(of: key)
    guard signed.isEmpty || force else {
      throw AuthorityError(
        .conflict,
        "key \(thumbprint) has signed what is still in use, and would be UNKNOWN_KEY once a keyset "
          + "without the key is published; sign it again first, or give --force: "
          + signed.words.map(\.english).joined(separator: "; "))
    }
    key.retiredAt = now
    return (key, signed)
  }

  /// Revokes a key: the next keyset says so, and everything that it ever signed becomes `KEY_REVOKED`.
  /// - Parameters:
  ///   - reason: 1 to 256 bytes, which everybody can read.
  ///   - at: since when it is not to be believed, for people; nil is now.
  /// - Returns: the key, and what it signed that dies with it.
  /// - Throws: ``AuthorityError`` `CONFLICT` when it is revoked already, `INPUT_INVALID`.
  package func revokeKey(
    _ thumbprint: Thumbprint, reason: String, at: Int64? = nil, why: String
  ) throws(AuthorityError) -> (key: KeyRecord, signed: SignedDocuments) {
    let author = try author(why.isEmpty ? reason : why, doing: "key \(thumbprint) is revoked")
    let (key, signed) = try revokedKey(thumbprint, reason: reason, since: at, now: author.at)
    try set(key, retiredAt: key.retiredAt, revoked: key.revoked, .keyRevoke, by: author)
    return (try registry.key(thumbprint), signed)
  }

  /// What ``revokeKey(_:reason:at:why:)`` comes to; nothing is stored.
  /// - Throws: ``AuthorityError`` as that does.
  package func trialRevocation(
    of thumbprint: Thumbprint, reason: String, at: Int64? = nil
  ) throws(AuthorityError) -> (key: KeyRecord, signed: SignedDocuments) {
    try revokedKey(thumbprint, reason: reason, since: at, now: try now())
  }

  /// A key as it is once it is revoked, and what it signed that dies with it.
  private func revokedKey(
    _ thumbprint: Thumbprint, reason: String, since at: Int64?, now: Int64
  ) throws(AuthorityError) -> (key: KeyRecord, signed: SignedDocuments) {
    var key = try registry.key(thumbprint)
    guard key.revoked == nil else {
      throw AuthorityError(.conflict, "key \(thumbprint) is revoked already")
    }
    let at = at ?? now
    guard at <= now else {
      throw AuthorityError(.inputInvalid, "--at must not lie in the future: leave it out for now")
    }
    let signed = try signedDocuments(of: key)
    key.revoked = RevokedKey(kid: thumbprint, at: at, reason: try Self.reason(reason))
    return (key, signed)
  }

  /// Takes back that a key was retired, or that it was revoked by mistake and no keyset says so yet.
  /// - Throws: ``AuthorityError`` `CONFLICT`.
  package func restoreKey(
    _ thumbprint: Thumbprint, why: String
  ) throws(AuthorityError) -> KeyRecord {
    let author = try author(why, doing: "key \(thumbprint) stands again")
    let key = try registry.key(thumbprint)
    guard !key.stands else {
      throw AuthorityError(.conflict, "key \(thumbprint) is neither retired nor revoked")
    }
    let keyset = try registry.keysets().last?.keyset
    guard keyset?.revoked.contains(where: { $0.kid == thumbprint }) != true else {
      throw AuthorityError(
        .conflict,
        "keyset \(keyset?.epoch ?? 0) has revoked key \(thumbprint), and that is for ever: make "
          + "another key")
    }
    try set(key, retiredAt: nil, revoked: nil, .keyRestore, by: author)
    return try registry.key(thumbprint)
  }

  private func standingKey(_ thumbprint: Thumbprint) throws(AuthorityError) -> KeyRecord {
    let key = try registry.key(thumbprint)
    guard key.stands else {
      let state = key.revoked == nil ? "retired" : "revoked"
      throw AuthorityError(.conflict, "key \(thumbprint) is \(state) already")
    }
    return key
  }

  private func set(
    _ key: KeyRecord, retiredAt: Int64?, revoked: RevokedKey?, _ action: AuditEntry.Action,
    by author: Author
  ) throws(AuthorityError) {
    try registry.write { db in
      try Registry.setStanding(
        of: key.thumbprint, retiredAt: retiredAt, revoked: revoked, in: db)
      let payload: JSONValue = [
        "thumbprint": key.thumbprint.json, "use": .string(key.role.rawValue),
        "retired_at": retiredAt.map { .integer($0) } ?? .null,
        "revoked": revoked.map { ["at": .integer($0.at), "reason": .string($0.reason)] } ?? .null,
      ]
      try Registry.append(
        action, subjects: [key.thumbprint.text], payload: payload.text, by: author, in: db)
    }
  }

  /// A reason as documents carry it.
  /// - Throws: ``AuthorityError`` `INPUT_INVALID`.
  static func reason(_ text: String) throws(AuthorityError) -> String {
    guard (1...256).contains(text.utf8.count),
      !text.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7F })
    else {
      throw AuthorityError(
        .inputInvalid, "--reason must be one line of 1 to 256 bytes: it stands in the document")
    }
    return text
  }
}
