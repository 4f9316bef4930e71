internal import CivilTime
package import Libcrypto
internal import LibcryptoIssuing
package import Licensing
package import Sealing

/// How far one set of roots has signed a draft.
package struct SignatureTally: Sendable, Equatable {
  /// Whether these are the roots that the draft brings in; else those in force.
  package let isNew: Bool
  package let threshold: Int
  package let signed: [Thumbprint]
  package let unsigned: [Thumbprint]

  /// How many signatures are missing.
  package var missing: Int { max(0, threshold - signed.count) }

  package var words: BilingualText {
    let whose = isNew ? "the new roots" : "the roots in force"
    let have = "\(signed.count) of the \(threshold) signatures that \(whose) need"
    let chinese = "\(isNew ? "新的" : "现有的")根密钥须签名 \(threshold) 个，已签 \(signed.count) 个"
    guard missing > 0 else { return BilingualText(have, chinese) }
    let names = unsigned.map(\.text)
    return BilingualText(
      "\(have), \(missing) missing from \(names.joined(separator: ", "))",
      "\(chinese)，还缺 \(missing) 个，可由以下密钥签名：\(names.joined(separator: "、"))")
  }

  package var json: JSONValue {
    [
      "roots": isNew ? "new" : "in_force", "threshold": .integer(threshold),
      "signed": .array(signed.map(\.json)), "unsigned": .array(unsigned.map(\.json)),
      "missing": .integer(missing),
    ]
  }
}

/// A draft whose place in the chain and whose signatures have been verified: what is known before it
/// has enough of them.
///
/// Rules:
/// 1. The keysets that lead to it verify from the roots that the machine trusts.
/// 2. It is the next: of the same vendor, and its epoch above that of the keyset in force, by one or a
///    few more. The first keyset names exactly the roots trusted.
/// 3. Its date is not before that of the keyset in force, and not more than a day ahead of the clock of
///    the machine.
/// 4. Each signature on it is a good one, by a root in force or a new one. One that is not says that
///    the draft was changed after it was made.
package struct ExaminedDraft: Sendable {
  package private(set) var draft: DraftKeyset
  /// The keyset in force, nil before the first.
  package let previous: Keyset?
  /// What it changes; never empty.
  package let changes: [KeysetChange]
  /// SHA-256 of the bytes that the roots sign: the same on every machine that has the same draft.
  package let digest: Digest
  private let inForce: RootKeys
  private let cryptography = LibcryptoProvider()

  /// The most numbers that a draft may leave out, for drafts that were thrown away with all signatures
  /// on them. Who could leave out any number could take the last one.
  package static let mostSkipped: Int64 = 16

  /// Examines a draft on a machine that has nothing but the roots that it trusts.
  /// - Parameters:
  ///   - now: the machine's clock.
  ///   - known: a keyset that the machine's keeper knows of; what leads on from an earlier one is
  ///     refused. nil where none was noted.
  /// - Throws: ``Refusal``.
  package init(
    _ draft: DraftKeyset, under roots: RootKeys, at now: Int64, after known: Int64? = nil
  ) throws(Refusal) {
    let trust =
      draft.chain.isEmpty
      ? nil
      : try TrustSet.establish(roots: roots, keysets: draft.chain, using: LibcryptoProvider())
    try self.init(draft, after: trust?.keyset, firstRoots: roots, at: now)
    guard let known, known > (previous?.epoch ?? 0) else { return }
    throw Refusal(
      .keysetTooOld,
      "the draft leads on from \(previous.map { "keyset \($0.epoch)" } ?? "nothing"), and keyset "
        + "\(known) is known here: something was taken out of the draft, or the registry is older than "
        + "what was signed; if keyset \(known) was never published, name the one before with --after"
    )
  }

  /// - Parameters:
  ///   - previous: the keyset in force, verified; nil before the first.
  ///   - firstRoots: the roots that the first keyset must name; nil takes those that it names.
  ///   - now: the machine's clock.
  init(
    _ draft: DraftKeyset, after previous: Keyset?, firstRoots: RootKeys?, at now: Int64
  ) throws(Refusal) {
    self.draft = draft
    digest = cryptography.sha256(draft.payload)
    self.previous = previous
    inForce = previous?.roots ?? draft.keyset.roots
    changes = KeysetChanges.list(from: previous, to: draft.keyset, cryptography)
    try requirePlace(firstRoots)
    try requireDate(now)
    try requireGoodSignatures()
  }

  private func requirePlace(_ firstRoots: RootKeys?) throws(Refusal) {
    let keyset = draft.keyset
    let before = previous?.epoch ?? 0
    guard keyset.epoch > before, keyset.epoch - before - 1 <= Self.mostSkipped else {
      throw Refusal(
        .keysetTooOld,
        "the draft is keyset \(keyset.epoch), the next is \(before + 1): compose a new draft with "
          + "\"tally keyset draft\"")
    }
    if let previous {
      guard keyset.iss.isSameBytes(as: previous.iss) else {
        throw Refusal(
          .keyNotAllowed, "the draft is of \(keyset.iss), the keyset in force of \(previous.iss)")
      }
      try keyset.requireRevocations(of: previous)
    } else if let firstRoots {
      guard Set(firstRoots.keys) == Set(keyset.roots.keys),
        firstRoots.threshold == keyset.roots.threshold
      else {
        throw Refusal(
          .signatureInvalid,
          "the first keyset names other roots, or another threshold, than the root.jwks that is "
            + "trusted here: make both from the same keys")
      }
    }
  }

  private func requireDate(_ now: Int64) throws(Refusal) {
    let date = draft.keyset.iat
    if let previous, date < previous.iat {
      throw Refusal(
        .malformed,
        "the draft is of \(UTC.text(date)), before keyset \(previous.epoch) of "
          + "\(UTC.text(previous.iat)): set the clock of the machine that composed it, and compose a "
          + "new draft")
    }
    guard date > now, date - now > 86_400 else { return }
    throw Refusal(
      .malformed,
      "the draft is of \(UTC.text(date)), more than a day after the clock of this machine, "
        + "\(UTC.text(now)): set the clock that is wrong; if it is the other one, compose a new draft"
    )
  }

  private func requireGoodSignatures() throws(Refusal) {
    for signature in draft.signatures {
      guard let root = root(signature.kid), signature.verifies(under: root, cryptography) else {
        throw Refusal(
          .signatureInvalid,
          "the signature of \(signature.kid) on the draft is not good: the draft was changed after "
            + "it was signed, or this is no root; compose a new draft and begin again")
      }
    }
  }

  /// A root in force, or one that the draft brings in.
  private func root(_ kid: Thumbprint) -> PublicKey? {
    (inForce.keys + draft.keyset.roots.keys).first { $0.thumbprint(using: cryptography) == kid }
  }

  /// How far the roots in force have signed it, and, where it changes the roots, the new ones.
  package var tallies: [SignatureTally] {
    let isSame = previous == nil || previous?.roots == draft.keyset.roots
    let mine = tally(inForce, isNew: false)
    return isSame ? [mine] : [mine, tally(draft.keyset.roots, isNew: true)]
  }

  private func tally(_ roots: RootKeys, isNew: Bool) -> SignatureTally {
    let names = roots.keys.map { $0.thumbprint(using: cryptography) }
    let kids = Set(draft.signatures.map(\.kid))
    return SignatureTally(
      isNew: isNew, threshold: roots.threshold, signed: names.filter(kids.contains),
      unsigned: names.filter { !kids.contains($0) })
  }

  package var isComplete: Bool { tallies.allSatisfy { $0.missing == 0 } }

  /// The signatures that it has and lacks, and what they are asked for.
  package var standing: String { tallies.map(\.words.english).joined(separator: "; ") }

  /// `keyset 3 of https://license.vendor.example, dated …, after keyset 2, dated …`.
  package var headline: BilingualText {
    let (keyset, date) = (draft.keyset, UTC.text(draft.keyset.iat))
    let after =
      previous.map { ", after keyset \($0.epoch), dated \(UTC.text($0.iat))" } ?? ", the first"
    let chinese =
      previous.map { "，接在 \(UTC.text($0.iat)) 的密钥集 \($0.epoch) 之后" } ?? "，是第一个"
    return BilingualText(
      "keyset \(keyset.epoch) of \(keyset.iss), dated \(date)\(after)",
      "\(keyset.iss) 的密钥集 \(keyset.epoch)，日期 \(date)\(chinese)")
  }

  /// Signs the draft with a root's key, which stands in a file of its own.
  /// - Returns: the root's name.
  /// - Throws: ``AuthorityError``, for the file or as ``sign(with:)``.
  package mutating func sign(
    withFile path: String, _ passphrase: Secret
  ) throws(AuthorityError) -> Thumbprint {
    let key = try KeyFile.open(path, passphrase)
    try sign(with: key)
    return key.thumbprint
  }

  /// Signs the draft with a root's key.
  /// - Throws: ``AuthorityError`` `DOCUMENT_REFUSED` for a key that is no root or has signed already.
  mutating func sign(with key: VendorKey) throws(AuthorityError) {
    guard root(key.thumbprint) != nil else {
      throw AuthorityError(
        .documentRefused,
        "key \(key.thumbprint) is neither a root in force nor one that the draft brings in")
    }
    guard !draft.signatures.contains(where: { $0.kid == key.thumbprint }) else {
      throw AuthorityError(
        .documentRefused,
        "root \(key.thumbprint) has signed this draft already and counts once: another root must "
          + "sign")
    }
    try draft.add(signatureOf: key)
  }

  package var json: JSONValue {
    [
      "epoch": .integer(draft.keyset.epoch), "iss": .string(draft.keyset.iss),
      "iat": .integer(draft.keyset.iat), "digest": digest.json,
      "previous": previous.map { .integer($0.epoch) } ?? .null,
      "previous_iat": previous.map { .integer($0.iat) } ?? .null,
      "changes": .array(changes.map(\.json)),
      "signatures": .array(tallies.map(\.json)), "complete": .bool(isComplete),
    ]
  }
}
