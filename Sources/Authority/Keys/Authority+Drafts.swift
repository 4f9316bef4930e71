internal import Libcrypto
internal import Licensing
internal import Sealing

extension Authority {
  /// Composes the next keyset for roots that are elsewhere. Nothing is stored: a draft that is thrown
  /// away leaves nothing, and the next one has the same epoch.
  package func draftKeyset(_ order: KeysetOrder) throws(AuthorityError) -> ExaminedDraft {
    if let pending = try registry.pendingIntent() { throw .pending(pending) }
    let trust = try establishedTrust()
    let now = try now()
    let keyset = try plannedKeyset(order, at: now)
    let draft = DraftKeyset(chain: trust?.chain ?? [], keyset: keyset)
    do throws(Refusal) {
      // Written and read as every machine on its way will read it.
      return try ExaminedDraft(
        DraftKeyset(file: Array(draft.file.utf8)), after: trust?.keyset, firstRoots: compiledRoots,
        at: now)
    } catch { throw AuthorityError(error, "the draft would be refused") }
  }

  /// Takes a draft that the roots have signed: verified as a program with the previous keyset would,
  /// held against the registry, and stored with its audit row in one step.
  /// - Parameters:
  ///   - drafts: files of one draft; their signatures are counted together.
  ///   - confirmed: questions that were answered with yes, for the log.
  /// - Throws: ``AuthorityError`` `DOCUMENT_REFUSED` with what is missing; nothing has changed then.
  package func publishKeyset(
    _ drafts: [DraftKeyset], confirmed: [IssuingQuestion] = [], why: String
  ) throws(AuthorityError) -> (record: KeysetRecord, examined: ExaminedDraft) {
    let now = try now()
    let trust = try establishedTrust()
    let examined = try acceptable(drafts, after: trust, at: now)
    let author = try author(why, doing: examined.act, at: now).confirming(confirmed)
    let record = KeysetRecord(
      keyset: examined.draft.keyset,
      payload: String(decoding: examined.draft.payload, as: UTF8.self),
      document: examined.draft.document)
    try registry.store(
      record, rootsBefore: trust?.keyset.roots, by: author, cryptography: cryptography)
    return (record, examined)
  }

  /// A draft that the roots have signed, held against the registry; nothing is stored.
  /// - Throws: ``AuthorityError`` as ``publishKeyset(_:confirmed:why:)`` does.
  package func examine(_ drafts: [DraftKeyset]) throws(AuthorityError) -> ExaminedDraft {
    try acceptable(drafts, after: establishedTrust(), at: now())
  }

  /// The keyset of the registry that drafts have become already: there is nothing left to do.
  /// - Returns: nil where the registry has no keyset of exactly these bytes.
  package func published(_ drafts: [DraftKeyset]) throws(AuthorityError) -> KeysetRecord? {
    guard let payload = drafts.first?.payload, drafts.allSatisfy({ $0.payload == payload }) else {
      return nil
    }
    return try registry.keysets().first { Array($0.payload.utf8) == payload }
  }

  private func acceptable(
    _ drafts: [DraftKeyset], after trust: TrustSet?, at now: Int64
  ) throws(AuthorityError) -> ExaminedDraft {
    if let pending = try registry.pendingIntent() { throw .pending(pending) }
    let examined: ExaminedDraft
    do throws(Refusal) {
      examined = try ExaminedDraft(
        DraftKeyset.merged(drafts), after: trust?.keyset, firstRoots: compiledRoots, at: now)
    } catch { throw AuthorityError(error, "the draft is refused") }
    try requireFresh(examined.draft)
    guard examined.isComplete else {
      throw AuthorityError(
        .documentRefused,
        "keyset \(examined.draft.keyset.epoch) has \(examined.standing): have more roots sign it "
          + "with \"tally keyset sign\"")
    }
    try requireAccepted(
      examined.draft.document, as: examined.draft.keyset, after: trust)
    return examined
  }

  /// Refuses a draft that is not what the registry would compose now, but for its date: the registry has
  /// moved on, or somebody has changed the draft.
  private func requireFresh(_ draft: DraftKeyset) throws(AuthorityError) {
    let newest = try registry.keysets().last
    let chained = draft.chain.last.flatMap { try? KeysetDocument(Array($0.utf8)).payload }
    let planned: Keyset?
    do throws(AuthorityError) {
      planned = try plannedKeyset(try order(of: draft.keyset), at: draft.keyset.iat)
    } catch {
      guard [.inputInvalid, .conflict, .keyMissing].contains(error.code) else { throw error }
      planned = nil
    }
    guard chained == newest.map({ Array($0.payload.utf8) }), let planned,
      draft.keyset == planned.withRoots(inTheOrderOf: draft.keyset),
      try !hasOvertaken(draft.keyset, after: newest?.keyset)
    else {
      throw AuthorityError(
        .documentRefused,
        "the draft is not what the registry holds now: keys have come, gone or been revoked since, "
          + "or the draft was changed; compose a new one with \"tally keyset draft\"")
    }
  }

  /// What must have been asked for, if this is what came of it.
  private func order(of keyset: Keyset) throws(AuthorityError) -> KeysetOrder {
    let before = try registry.keysets().last?.keyset.roots ?? compiledRoots
    let base = try rootKeys(KeysetOrder(), before?.keys ?? [])
    return KeysetOrder(
      iss: keyset.iss, threshold: keyset.roots.threshold,
      addedRoots: keyset.roots.keys.filter { !base.contains($0) },
      droppedRoots: base.filter { !keyset.roots.keys.contains($0) }
        .map { $0.thumbprint(using: cryptography) },
      epoch: keyset.epoch)
  }

  /// Whether a root of the registry was retired after the draft that names it was made, or has come
  /// after one that does not. A root that had been retired before stands in a draft for which it was
  /// asked for by name.
  private func hasOvertaken(
    _ keyset: Keyset, after previous: Keyset?
  ) throws(AuthorityError) -> Bool {
    try registry.keys().contains { record in
      guard record.role == .root else { return false }
      guard keyset.roots.keys.contains(record.key) else {
        return record.stands && record.createdAt > keyset.iat
      }
      guard let retiredAt = record.retiredAt else { return false }
      let wasInForce = previous?.roots.keys.contains(record.key) == true
      return wasInForce ? retiredAt >= keyset.iat : retiredAt > keyset.iat
    }
  }

  /// Takes a keyset as a program that knows the previous one would.
  /// - Throws: ``AuthorityError`` `DOCUMENT_REFUSED`.
  func requireAccepted(
    _ document: String, as keyset: Keyset, after trust: TrustSet?
  ) throws(AuthorityError) {
    do throws(Refusal) {
      let next =
        if let trust {
          try trust.advanced(by: [document])
        } else {
          try TrustSet.establish(
            roots: compiledRoots ?? keyset.roots, keysets: [document], using: cryptography)
        }
      guard next.keyset == keyset else {
        throw Refusal.malformed("what the verifier reads is not what was meant")
      }
    } catch {
      throw AuthorityError(
        error,
        "the verifier would refuse the keyset; put the files of enough root keys into "
          + "\(registry.folder)/keys, or have them sign a draft (\"tally keyset draft\")")
    }
  }
}

extension Keyset {
  /// The same keyset with its roots in the order in which another names them: it means nothing.
  fileprivate func withRoots(inTheOrderOf other: Keyset) -> Keyset {
    guard other.roots.threshold == roots.threshold, Set(other.roots.keys) == Set(roots.keys) else {
      return self
    }
    return Keyset(
      iss: iss, epoch: epoch, iat: iat, roots: other.roots, keys: keys, revoked: revoked)
  }
}

extension ExaminedDraft {
  /// What is published, in words for the log.
  var act: String { KeysetChange.act(draft.keyset, changes) }
}

extension KeysetChange {
  /// A keyset and what it changes, in words for the log.
  static func act(_ keyset: Keyset, _ changes: [KeysetChange]) -> String {
    let most = 5
    let words = changes.prefix(most).map(\.words.english).joined(separator: ", ")
    let more = changes.count > most ? " and \(changes.count - most) more" : ""
    return "keyset \(keyset.epoch): \(words)\(more)"
  }
}
