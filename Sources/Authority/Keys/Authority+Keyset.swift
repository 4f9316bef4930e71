internal import GRDB
package import Libcrypto
internal import LibcryptoIssuing
internal import Platform
package import Sealing

/// A keyset in the registry.
package struct KeysetRecord: Sendable {
  package let keyset: Keyset
  package let payload: String
  /// As published: JWS JSON general serialization.
  package let document: String
}

extension Registry {
  /// Every keyset, oldest first.
  package func keysets() throws(AuthorityError) -> [KeysetRecord] {
    try read { db in
      try Row.fetchAll(db, sql: "SELECT epoch, payload, document FROM keysets ORDER BY epoch")
        .map { row in
          let payload = try row.decode(String.self, forColumn: "payload")
          guard let keyset = try? Keyset.parse(Array(payload.utf8)) else {
            let epoch = try row.decode(Int64.self, forColumn: "epoch")
            throw AuthorityError.damaged("keyset \(epoch) in the registry cannot be read")
          }
          return KeysetRecord(
            keyset: keyset, payload: payload, document: try row.decode(forColumn: "document"))
        }
    }
  }
}

extension Authority {
  /// Builds the next keyset from all keys of the registry, has the roots at hand sign it, verifies
  /// it as a program with the previous one would, and stores it.
  /// - Parameters:
  ///   - iss: the vendor's name; may be left out after the first keyset, and never changes.
  ///   - threshold: how many roots must sign; nil keeps the number while the roots stay, else takes
  ///     more than half of them.
  /// - Returns: the keyset, and in words what it changes.
  package func publishKeyset(
    iss: String?, threshold: Int?, passphrase: Secret, why: String
  ) throws(AuthorityError) -> (record: KeysetRecord, changes: [String]) {
    let author = try author(why)
    let previous = try registry.keysets().last
    let keyset = Keyset(
      iss: try vendor(iss, previous?.keyset), epoch: (previous?.keyset.epoch ?? 0) + 1,
      iat: author.at, roots: try plannedRoots(threshold: threshold),
      keys: try registry.keys().compactMap(\.online), revoked: previous?.keyset.revoked ?? [])
    guard !keyset.keys.isEmpty else {
      throw AuthorityError(
        .keyMissing,
        "the registry has only root keys: make one with \"tally key new --use license\"")
    }
    let payload = keyset.json.serialized
    let signers = try rootSigners(of: keyset, passphrase)
    // Signed and verified once before the intent is committed: with too few roots at hand nothing
    // must be left pending.
    _ = try sealKeyset(payload, signers)
    let intent = try registry.begin(
      .keyset, .keysetPublish, subject: String(keyset.epoch), kid: nil, payload: payload,
      by: author)
    let record = try completeKeyset(intent, signers)
    return (record, KeysetChanges.inWords(from: previous?.keyset, to: keyset, cryptography))
  }

  private func vendor(_ iss: String?, _ previous: Keyset?) throws(AuthorityError) -> String {
    guard let previous else {
      guard let iss, (1...256).contains(iss.utf8.count) else {
        throw AuthorityError(
          .inputInvalid,
          "the first keyset needs the vendor's name: --iss https://license.vendor.example")
      }
      return iss
    }
    guard iss?.isSameBytes(as: previous.iss) ?? true else {
      throw AuthorityError(
        .inputInvalid,
        "--iss must stay \(previous.iss): every document issued so far bears that name")
    }
    return previous.iss
  }

  /// All root keys of the registry, with a threshold.
  func plannedRoots(threshold: Int?) throws(AuthorityError) -> RootKeys {
    let keys = try registry.keys().filter { $0.role == .root }.map(\.key)
    guard !keys.isEmpty else {
      throw AuthorityError(
        .keyMissing, "the registry has no root key: make one with \"tally key new --use root\"")
    }
    let previous = try registry.keysets().last?.keyset.roots
    let kept = previous.flatMap { Set($0.keys) == Set(keys) ? $0.threshold : nil }
    do throws(Refusal) {
      return try RootKeys(threshold: threshold ?? kept ?? keys.count / 2 + 1, keys: keys)
    } catch {
      throw AuthorityError(
        .inputInvalid,
        "--threshold must be from 1 to \(keys.count), the number of root keys (at most 16)")
    }
  }

  /// The root keys whose files are at hand: those of the roots in force and of the new ones.
  private func rootSigners(
    of keyset: Keyset, _ passphrase: Secret
  ) throws(AuthorityError) -> [VendorKey] {
    let named = Set(keyset.roots.keys)
      .union(try establishedTrust()?.keyset.roots.keys ?? compiledRoots?.keys ?? [])
    var signers: [VendorKey] = []
    for record in try registry.keys()
    where record.role == .root && named.contains(record.key)
      && Files.exists("\(registry.folder)/\(record.pem)")
    {
      signers.append(try open(record, passphrase))
    }
    return signers
  }

  /// Signs a keyset's payload and takes it as a program that knows the previous one would.
  private func sealKeyset(
    _ payload: [UInt8], _ signers: [VendorKey]
  ) throws(AuthorityError) -> String {
    do {
      let signatures = try signers.map { try $0.signKeyset(payload) }
      let document = KeysetDocument.text(payload: payload, signatures: signatures)
      let keyset = try Keyset.parse(payload)
      let trust = try establishedTrust()
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
      return document
    } catch let error as LibcryptoError {
      throw AuthorityError(error)
    } catch let error as AuthorityError {
      throw error
    } catch let error as Refusal {
      throw AuthorityError(
        error,
        "the verifier would refuse the keyset; put the files of enough root keys into "
          + "\(registry.folder)/keys")
    } catch {
      throw AuthorityError(.cryptographyFailed, "the keyset could not be signed")
    }
  }

  /// Finishes a keyset that an earlier command began.
  func completeKeyset(
    _ intent: Intent, _ passphrase: Secret
  ) throws(AuthorityError) -> KeysetRecord {
    guard let keyset = try? Keyset.parse(intent.bytes) else {
      throw .damaged("\(intent.description) cannot be read")
    }
    return try completeKeyset(intent, try rootSigners(of: keyset, passphrase))
  }

  private func completeKeyset(
    _ intent: Intent, _ signers: [VendorKey]
  ) throws(AuthorityError) -> KeysetRecord {
    let document = try sealKeyset(intent.bytes, signers)
    guard let keyset = try? Keyset.parse(intent.bytes) else {
      throw .damaged("\(intent.description) cannot be read")
    }
    try registry.write { db in
      try db.execute(
        sql: "INSERT INTO keysets (epoch, payload, document, intent) VALUES (?, ?, ?, ?)",
        arguments: [keyset.epoch, intent.payload, document, intent.id])
      try Registry.end(intent, as: "done", in: db)
      try Registry.append(
        intent.action, subjects: ["keyset \(keyset.epoch)"], payload: intent.payload,
        by: intent.author, in: db)
    }
    return KeysetRecord(keyset: keyset, payload: intent.payload, document: document)
  }
}
