package import Libcrypto
internal import LibcryptoIssuing
internal import Platform
internal import Sealing

extension Authority {
  /// Builds the next keyset from the keys of the registry, has the roots at hand sign it, verifies it
  /// as a program with the previous one would, and stores it.
  /// - Parameters:
  ///   - passphrases: of the roots; a root without one does not sign.
  ///   - confirmed: questions that were answered with yes, for the log.
  /// - Returns: the keyset, and what it changes.
  package func publishKeyset(
    _ order: KeysetOrder, _ passphrases: KeyPassphrases, confirmed: [IssuingQuestion] = [],
    why: String
  ) throws(AuthorityError) -> (record: KeysetRecord, changes: [KeysetChange]) {
    let now = try now()
    try passphrases.requireKnown(try registry.keys())
    let previous = try registry.keysets().last?.keyset
    let keyset = try plannedKeyset(order, at: now)
    let changes = KeysetChanges.list(from: previous, to: keyset, cryptography)
    let author = try author(why, doing: KeysetChange.act(keyset, changes), at: now)
      .confirming(confirmed)
    let payload = keyset.json.serialized
    let signers = try rootSigners(of: keyset, passphrases)
    // Signed and verified once before the intent is committed: with too few roots at hand nothing
    // must be left pending.
    _ = try sealKeyset(payload, signers)
    let intent = try begin(keyset, by: signers, author)
    let record = try completeKeyset(intent, signers)
    return (record, changes)
  }

  /// What is to be confirmed before the keyset that an order comes to is published.
  package func questions(
    publishing order: KeysetOrder, isHandedOut: Bool
  ) throws(AuthorityError) -> [IssuingQuestion] {
    try questions(publishing: plannedKeyset(order, at: now()), isHandedOut: isHandedOut)
  }

  /// As above, one passphrase opening all roots.
  package func publishKeyset(
    iss: String?, threshold: Int?, passphrase: Secret, why: String
  ) throws(AuthorityError) -> (record: KeysetRecord, changes: [KeysetChange]) {
    try publishKeyset(
      KeysetOrder(iss: iss, threshold: threshold), KeyPassphrases(common: passphrase), why: why)
  }

  /// Commits the intent to publish a keyset, bound to the first of the roots that will sign it.
  func begin(
    _ keyset: Keyset, by signers: [VendorKey], _ author: Author
  ) throws(AuthorityError) -> Intent {
    guard let root = signers.first else {
      throw AuthorityError(.keyMissing, "no root key is at hand to sign keyset \(keyset.epoch)")
    }
    let matter = IntentMatter(
      kind: .keyset, action: .keysetPublish, subject: String(keyset.epoch), kid: nil,
      payload: keyset.json.text, author: author)
    return try registry.begin(matter, bound: IntentBinding(matter, by: root))
  }

  /// The root keys whose files and passphrases are at hand: those of the roots in force and of the new
  /// ones.
  private func rootSigners(
    of keyset: Keyset, _ passphrases: KeyPassphrases
  ) throws(AuthorityError) -> [VendorKey] {
    let named = Set(keyset.roots.keys)
      .union(try establishedTrust()?.keyset.roots.keys ?? compiledRoots?.keys ?? [])
    var signers: [VendorKey] = []
    for record in try registry.keys()
    where record.role == .root && named.contains(record.key)
      && Files.exists("\(registry.folder)/\(record.pem)")
    {
      guard let passphrase = passphrases.passphrase(of: record.thumbprint) else { continue }
      signers.append(try open(record, passphrase))
    }
    return signers
  }

  /// Signs a keyset's payload and takes it as a program that knows the previous one would.
  private func sealKeyset(
    _ payload: [UInt8], _ signers: [VendorKey]
  ) throws(AuthorityError) -> String {
    var signatures: [(header: [UInt8], signature: [UInt8])] = []
    for signer in signers {
      do throws(LibcryptoError) { signatures.append(try signer.signKeyset(payload)) } catch {
        throw AuthorityError(error)
      }
    }
    guard let keyset = try? Keyset.parse(payload) else {
      throw AuthorityError(
        .malformed("the next keyset cannot be read"),
        "the keyset cannot be published: at most 256 keys, and 256 revoked ones, have room in it")
    }
    let document = KeysetDocument.text(payload: payload, signatures: signatures)
    try requireAccepted(document, as: keyset, after: try establishedTrust())
    return document
  }

  /// Finishes a keyset that an earlier command began.
  func completeKeyset(
    _ intent: Intent, _ passphrases: KeyPassphrases
  ) throws(AuthorityError) -> KeysetRecord {
    guard let keyset = try? Keyset.parse(intent.bytes) else {
      throw .damaged("\(intent.description) cannot be read")
    }
    let signers = try rootSigners(of: keyset, passphrases)
    try intent.requireBegun(by: signers)
    return try completeKeyset(intent, signers)
  }

  private func completeKeyset(
    _ intent: Intent, _ signers: [VendorKey]
  ) throws(AuthorityError) -> KeysetRecord {
    let document = try sealKeyset(intent.bytes, signers)
    guard let keyset = try? Keyset.parse(intent.bytes) else {
      throw .damaged("\(intent.description) cannot be read")
    }
    let record = KeysetRecord(keyset: keyset, payload: intent.payload, document: document)
    let before = try registry.keysets().last?.keyset.roots
    try registry.write { db in
      try Registry.insert(
        record, of: intent, rootsBefore: before, cryptography: cryptography, in: db)
    }
    return record
  }
}
