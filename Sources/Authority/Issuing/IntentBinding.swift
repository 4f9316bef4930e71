internal import Libcrypto
internal import LibcryptoIssuing
internal import Sealing

/// All that an intent says, before it is stored.
struct IntentMatter: Sendable {
  let kind: Intent.Kind
  let action: AuditEntry.Action
  let subject: String
  /// nil for a keyset.
  let kid: Thumbprint?
  let payload: String
  let author: Author

  /// What the key signs that begins it: every member, the payload by its digest.
  var note: [UInt8] {
    let value: JSONValue = [
      "kind": .string(kind.rawValue), "action": .string(action.rawValue),
      "subject": .string(subject), "kid": kid?.json ?? .null,
      "payload": LibcryptoProvider().sha256(Array(payload.utf8)).json, "who": .string(author.who),
      "why": .string(author.why), "begun_at": .integer(author.at),
    ]
    return value.serialized
  }
}

/// The word of a key that it has begun an intent: a signature that no verifier takes for a document's.
///
/// Whoever has the registry's folder can put an intent into it, but not one that a key has begun.
struct IntentBinding: Sendable, Equatable {
  /// The key that signs the payload; of a keyset, one of the roots.
  let key: Thumbprint
  /// base64url.
  let signature: String

  /// Has a key begin an intent.
  /// - Throws: ``AuthorityError`` `CRYPTOGRAPHY_FAILED`.
  init(_ matter: IntentMatter, by key: VendorKey) throws(AuthorityError) {
    self.key = key.thumbprint
    do throws(LibcryptoError) { signature = try key.signNote(matter.note) } catch {
      throw AuthorityError(error)
    }
  }

  /// - Returns: nil where the row has none that can be read.
  init?(by key: String?, signature: String?) {
    guard let key = key.flatMap({ Thumbprint($0) }), let signature else { return nil }
    self.key = key
    self.signature = signature
  }
}

extension Intent {
  private var matter: IntentMatter {
    IntentMatter(
      kind: kind, action: action, subject: subject, kid: kid, payload: payload, author: author)
  }

  /// Whether the private half of a key has begun it.
  func isBegun(by key: PublicKey) -> Bool {
    binding.map { key.hasSigned(matter.note, $0.signature) } ?? false
  }

  /// Refuses to finish what none of the keys has begun.
  /// - Parameter keys: those that were opened to sign it.
  /// - Throws: ``AuthorityError`` `REGISTRY_DAMAGED`; `KEY_MISSING` for a keyset that a root has begun
  ///   which is not among them.
  func requireBegun(by keys: [VendorKey]) throws(AuthorityError) {
    guard let binding else { throw unbound }
    guard let key = keys.first(where: { $0.thumbprint == binding.key }) else {
      guard kind == .keyset else { throw unbound }
      throw AuthorityError(
        .keyMissing,
        "root \(binding.key) has begun it: put its file back, and give its passphrase")
    }
    guard key.hasSigned(matter.note, binding.signature) else { throw unbound }
  }

  private var unbound: AuthorityError {
    AuthorityError(
      .registryDamaged,
      "\(description) is pending and none of the vendor's keys has begun it, so it is not signed: "
        + "an older program did, or somebody has written into the registry's files. Read it with "
        + "\"tally intent show\", give it up with \"tally intent drop\", do again what was meant, "
        + "and find out who can write there")
  }
}
