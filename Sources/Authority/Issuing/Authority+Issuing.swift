package import Libcrypto
internal import LibcryptoIssuing
internal import Licensing
internal import Sealing

extension Authority {
  /// Issues a document; see the rules at ``Authority``. The caller has finished what was pending.
  /// - Parameters:
  ///   - chosen: the key to sign with; nil takes the newest that may.
  func issue<Payload: Issuable>(
    _ payload: Payload, as action: AuditEntry.Action, with chosen: Thumbprint?,
    passphrase: Secret, by author: Author
  ) throws(AuthorityError) -> Verified<Payload> {
    do throws(Refusal) { try payload.lint() } catch {
      throw AuthorityError(error, "the \(Payload.intentKind.rawValue) cannot be issued")
    }
    let trust = try trust()
    let (record, online) = try signingKey(for: payload, in: trust, chosen)
    // Opened before anything is committed: a wrong passphrase must not leave an intent behind.
    let key = try open(record, passphrase)
    try Rehearsal.run(payload, like: online, under: trust.keyset)
    let intent = try begin(payload, as: action, with: key, by: author)
    return try complete(intent, with: key, under: trust)
  }

  /// Commits the intent to issue a document, bound to the key that will sign it.
  func begin<Payload: Issuable>(
    _ payload: Payload, as action: AuditEntry.Action, with key: VendorKey, by author: Author
  ) throws(AuthorityError) -> Intent {
    let matter = IntentMatter(
      kind: Payload.intentKind, action: action, subject: payload.subject, kid: key.thumbprint,
      payload: payload.json.text, author: author)
    return try registry.begin(matter, bound: IntentBinding(matter, by: key))
  }

  /// Signs an intent's payload, opens it as a verifier would, and stores it with its audit row.
  func complete<Payload: Issuable>(
    _ intent: Intent, with key: VendorKey, under trust: TrustSet
  ) throws(AuthorityError) -> Verified<Payload> {
    let document: Verified<Payload>
    do {
      let jws = try key.seal(intent.bytes, kind: Payload.kind)
      document = try trust.open(Array(jws.utf8))
      guard try UnverifiedDocument(Array(jws.utf8), as: Payload.kind).payload == intent.bytes else {
        throw Refusal.malformed("the payload signed is not the one intended")
      }
    } catch let error as LibcryptoError {
      throw AuthorityError(error)
    } catch let error as Refusal {
      throw AuthorityError(error, "\(intent.description) was signed and does not verify")
    } catch {
      throw AuthorityError(.cryptographyFailed, "\(intent.description) could not be signed")
    }
    try registry.store(document, of: intent)
    return document
  }

  /// The key that signs a payload: in the newest keyset, for this use, within its dates and
  /// constraints, its file at hand; of several the one whose dates began last.
  func signingKey<Payload: VendorPayload>(
    for payload: Payload, in trust: TrustSet, _ chosen: Thumbprint?
  ) throws(AuthorityError) -> (KeyRecord, OnlineKey) {
    var reasons: [String] = []
    var found: (record: KeyRecord, online: OnlineKey)?
    for record in try registry.keys() where record.role == .online(Payload.use) {
      if let chosen, record.thumbprint != chosen { continue }
      if let reason = obstacle(to: record, payload, trust) {
        reasons.append("key \(record.thumbprint) \(reason)")
      } else if let online = trust.key(record.thumbprint),
        found.map({ $0.online.from <= online.from }) ?? true
      {
        found = (record, online)
      }
    }
    if let found { return found }
    let use = Payload.use.rawValue
    if reasons.isEmpty {
      let name = chosen.map { "\($0) for \(use) documents" } ?? "for \(use) documents"
      throw AuthorityError(
        .keyMissing,
        "the registry has no key \(name): make one with \"tally key new --use \(use)\", then run "
          + "\"tally keyset publish\"")
    }
    throw AuthorityError(.keyMissing, "no key may sign this: " + reasons.joined(separator: "; "))
  }

  private func obstacle<Payload: VendorPayload>(
    to record: KeyRecord, _ payload: Payload, _ trust: TrustSet
  ) -> String? {
    if record.revoked != nil
      || trust.keyset.revoked.contains(where: { $0.kid == record.thumbprint })
    {
      return "is revoked"
    }
    if record.retiredAt != nil { return "is retired" }
    guard let online = trust.key(record.thumbprint) else {
      return "is not in keyset \(trust.keyset.epoch): run \"tally keyset publish\""
    }
    guard (online.from...online.through).contains(payload.iat) else {
      return "is not valid today"
    }
    return payload.excess(over: online.constraints)
  }

  /// Finishes what an earlier command began: the same payload is signed.
  /// - Returns: what it was, nil if there was nothing.
  /// - Throws: ``AuthorityError`` `INTENT_PENDING` when it cannot be finished now: the passphrase
  ///   is another key's, the key's file is away. `REGISTRY_DAMAGED` when the key that would sign has
  ///   not begun it.
  package func finishPending(_ passphrase: Secret) throws(AuthorityError) -> Intent? {
    try finishPending(KeyPassphrases(common: passphrase))
  }

  /// As above, with a passphrase for each key.
  package func finishPending(_ passphrases: KeyPassphrases) throws(AuthorityError) -> Intent? {
    guard let intent = try registry.pendingIntent() else { return nil }
    do throws(AuthorityError) {
      switch intent.kind {
      case .keyset: _ = try completeKeyset(intent, passphrases)
      case .license: _ = try resume(intent, passphrases) as Verified<License>
      case .release: _ = try resume(intent, passphrases) as Verified<Release>
      case .revocations: _ = try resume(intent, passphrases) as Verified<Revocations>
      }
    } catch {
      // What nobody has begun is never to be finished; it must not be told to try again.
      guard error.code != .registryDamaged else { throw error }
      throw .pending(intent, because: error)
    }
    return intent
  }

  private func resume<Payload: Issuable>(
    _ intent: Intent, _ passphrases: KeyPassphrases
  ) throws(AuthorityError) -> Verified<Payload> {
    guard let kid = intent.kid else {
      throw .damaged("\(intent.description) names no key")
    }
    guard let passphrase = passphrases.passphrase(of: kid) else {
      throw AuthorityError(.keyMissing, "no passphrase is given for key \(kid)")
    }
    let key = try open(try registry.key(kid), passphrase)
    try intent.requireBegun(by: [key])
    return try complete(intent, with: key, under: try trust())
  }

  /// Gives up what an earlier command began. Nothing of it was ever shown.
  package func dropPending(why: String) throws(AuthorityError) -> Intent {
    guard let intent = try registry.pendingIntent() else {
      throw AuthorityError(.notFound, "nothing is pending: there is nothing to drop")
    }
    let author = try author(why, doing: "\(intent.description) is given up")
    try registry.write { db in
      try Registry.end(intent, as: "dropped", in: db)
      try Registry.append(
        .intentDrop, subjects: [intent.subject], payload: intent.json.text, by: author, in: db)
    }
    return intent
  }
}
