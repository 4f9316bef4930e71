/// What makes an unverified document into a verified one.
///
/// Rules:
/// 1. Trust begins with the root keys that are compiled in (or, in a build without any, named by flag).
/// 2. Keysets are taken in order of epoch. One is accepted when a threshold of the roots in force has
///    signed it, and, if it changes the roots, a threshold of the new ones too. The vendor's name
///    (`iss`) never changes along a chain: every document issued so far would be refused at once. What
///    a keyset revokes every later one revokes too, or a stolen key would stand again.
/// 3. A keyset at or below the epoch in force is passed over, and so is one that does not verify while
///    a later one does.
/// 4. A document is refused in this order: its form, its kind, the key it names, the key's use,
///    algorithm and revocation, the signature, the payload, the vendor, the key's dates and
///    constraints, the epoch it asks for.
/// 5. Nothing changes on a refusal.
package struct TrustSet: Sendable {
  /// The keysets that lead from the compiled-in roots to the one in force, as they came: every one that
  /// changed the roots, and the last.
  package var chain: [String] { links.map(\.text) }
  package let keyset: Keyset
  /// The name of the compiled-in roots, as it stands in usage records.
  package let root: Thumbprint
  private let links: [Link]
  /// The keyset's keys by name, in its order: so few are found sooner by looking than by a table.
  private let keys: [(kid: Thumbprint, key: OnlineKey)]
  private let headers: KnownHeaders
  private let cryptography: any Cryptography

  /// One accepted keyset of the chain.
  private struct Link {
    let text: String
    let changesRoots: Bool
  }

  private init(
    links: [Link], keyset: Keyset, root: Thumbprint, cryptography: some Cryptography
  ) {
    self.links = links
    self.keyset = keyset
    self.root = root
    self.cryptography = cryptography
    keys = keyset.keys.map { ($0.key.thumbprint(using: cryptography), $0) }
    headers = KnownHeaders(keys)
  }

  /// Builds trust from the roots and the keysets at hand.
  /// - Parameters:
  ///   - roots: the compiled-in roots.
  ///   - keysets: keysets in any order, as they came; known ones and offered ones alike.
  ///   - cryptography: verification and digests.
  /// - Throws: ``Refusal`` of the newest keyset when none can be accepted.
  package static func establish(
    roots: RootKeys, keysets: [String], using cryptography: some Cryptography
  ) throws(Refusal) -> TrustSet {
    let root = roots.thumbprint(using: cryptography)
    return try extend(
      accepted: nil, links: [], roots: roots, root: root, by: keysets, using: cryptography)
  }

  /// Takes further keysets; those at or below the epoch in force change nothing.
  /// - Returns: the trust with the newest of them, or this one.
  /// - Throws: ``Refusal`` of the newest offered keyset when it is above the epoch in force and cannot
  ///   be accepted.
  package func advanced(by offered: [String]) throws(Refusal) -> TrustSet {
    try Self.extend(
      accepted: keyset, links: links, roots: keyset.roots, root: root, by: offered,
      using: cryptography)
  }

  private static func extend(
    accepted: Keyset?, links: [Link], roots: RootKeys, root: Thumbprint, by offered: [String],
    using cryptography: some Cryptography
  ) throws(Refusal) -> TrustSet {
    var accepted = accepted
    var links = links
    var roots = roots
    var refusal: Refusal?
    var found = accepted != nil
    var documents: [(document: KeysetDocument, text: String)] = []
    for text in offered {
      do throws(Refusal) {
        documents.append((try KeysetDocument(Array(text.utf8)), text))
      } catch { refusal = error }
    }
    documents.sort { ($0.document.claimedEpoch ?? 0) < ($1.document.claimedEpoch ?? 0) }
    for (document, text) in documents {
      if let accepted, let epoch = document.claimedEpoch, epoch <= accepted.epoch { continue }
      do throws(Refusal) {
        let keyset = try document.verify(under: roots, using: cryptography)
        if let accepted {
          try requireSameVendor(keyset, after: accepted)
          try keyset.requireRevocations(of: accepted)
        }
        if links.last?.changesRoots == false { links.removeLast() }
        links.append(Link(text: text, changesRoots: keyset.roots != roots))
        accepted = keyset
        roots = keyset.roots
        found = true
        refusal = nil
      } catch { refusal = error }
    }
    if let refusal { throw refusal }
    guard found, let keyset = accepted else {
      throw Refusal(
        .unknownKey, "there is no keyset: a license file carries one beside its license")
    }
    return TrustSet(links: links, keyset: keyset, root: root, cryptography: cryptography)
  }

  private static func requireSameVendor(
    _ keyset: Keyset, after accepted: Keyset
  ) throws(Refusal) {
    guard keyset.iss.isSameBytes(as: accepted.iss) else {
      throw Refusal(
        .keyNotAllowed,
        "keyset \(keyset.epoch) is of \(keyset.iss), the one known here of \(accepted.iss): it is "
          + "another vendor's, or another installation of this one's")
    }
  }

  /// Verifies a document that the vendor sealed, then parses exactly the bytes that were verified.
  /// - Throws: ``Refusal``; its code is the first of the rules above that fails.
  package func open<Payload: VendorPayload>(
    _ text: [UInt8], as type: Payload.Type = Payload.self
  ) throws(Refusal) -> Verified<Payload> {
    try open(text, isKept: false)
  }

  /// Opens a document that was verified before it was kept, as ``open(_:as:)`` does but for the signature.
  ///
  /// For whoever reads a great many from a store of his own, which is held against the seals as a whole; never for
  /// what comes from elsewhere.
  package func reopen<Payload: VendorPayload>(
    kept text: [UInt8], as type: Payload.Type = Payload.self
  ) throws(Refusal) -> Verified<Payload> {
    try open(text, isKept: true)
  }

  private func open<Payload: VendorPayload>(
    _ text: [UInt8], isKept: Bool
  ) throws(Refusal) -> Verified<Payload> {
    let document = try UnverifiedDocument(text, as: Payload.kind, knowing: headers)
    try document.require(Payload.kind)
    let kid = document.header.key
    if let revocation = keyset.revoked.first(where: { $0.kid == kid }) {
      throw Refusal(
        .keyRevoked,
        "key \(kid) was revoked (\(revocation.reason)): ask the vendor for a reissued document")
    }
    guard let key = self.key(kid) else {
      throw Refusal(
        .unknownKey,
        "key \(kid) is not in keyset \(keyset.epoch) of \(keyset.iss): the document is another "
          + "vendor's, or newer than the keyset")
    }
    guard key.use == Payload.use else {
      throw Refusal(
        .keyNotAllowed,
        "key \(kid) is for \(key.use.rawValue) documents, not for \(Payload.use.rawValue)")
    }
    if !isKept { try document.requireSignature(by: key.key, using: cryptography) }
    let payload = try Payload.parse(document.payload)
    try requirePermission(payload, key, kid)
    return Verified(payload: payload, kid: kid, jws: document.jws)
  }

  private func requirePermission(
    _ payload: some VendorPayload, _ key: OnlineKey, _ kid: Thumbprint
  ) throws(Refusal) {
    guard payload.iss.isSameBytes(as: keyset.iss) else {
      throw Refusal(.keyNotAllowed, "the document's iss is not the keyset's, \(keyset.iss)")
    }
    guard (key.from...key.through).contains(payload.iat) else {
      throw Refusal(.keyNotAllowed, "the document's iat lies outside the dates of key \(kid)")
    }
    if let excess = payload.excess(over: key.constraints) {
      throw Refusal(.keyNotAllowed, "key \(kid) may not seal this: \(excess)")
    }
    if let epoch = payload.epoch, epoch > keyset.epoch {
      throw Refusal(
        .keysetTooOld,
        "the document asks for keyset \(epoch), the newest here is \(keyset.epoch): take the "
          + "license file or release file anew, it carries the keyset")
    }
  }

  /// The online key of that name, nil when the keyset has none.
  package func key(_ thumbprint: Thumbprint) -> OnlineKey? {
    keys.first { $0.kid == thumbprint }?.key
  }
}

extension Keyset {
  /// Holds that this keyset revokes whatever one before it does.
  ///
  /// One that was made from an old copy of the vendor's registry would let a stolen key stand again.
  /// - Throws: ``Refusal`` `KEYSET_TOO_OLD`.
  package func requireRevocations(of earlier: Keyset) throws(Refusal) {
    let lost = earlier.revoked.first { key in !revoked.contains { $0.kid == key.kid } }
    guard let lost else { return }
    throw Refusal(
      .keysetTooOld,
      "keyset \(epoch) no longer revokes key \(lost.kid), which keyset \(earlier.epoch) does: it "
        + "was made from an old copy of the vendor's registry, which must take back keyset "
        + "\(earlier.epoch) first")
  }
}
