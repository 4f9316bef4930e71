internal import GRDB
package import Licensing
package import Sealing

/// Something that was begun: the payload is fixed and committed, its signature is not.
package struct Intent: Sendable, Equatable {
  /// What is sealed under an intent.
  package enum Kind: String, Sendable, CaseIterable {
    case keyset
    case license
    case release
    case revocations
  }

  package let id: Int64
  package let kind: Kind
  /// The license's id, the release's product and version, the keyset's epoch, the revocations' number.
  package let subject: String
  /// The key that is to sign; nil for a keyset, which the roots sign.
  package let kid: Thumbprint?
  /// What is to be signed, byte for byte.
  package let payload: String
  /// Who began it, when and why: this goes into the audit log, not who finished it.
  package let author: Author
  /// What the audit row will say.
  let action: AuditEntry.Action
  /// The word of the key that has begun it; nil where an older program did, or nobody who had a key.
  let binding: IntentBinding?

  /// Whether its row bears a key's word, whether or not it can be read: one that has ended bears none.
  let isBound: Bool

  /// The payload's bytes.
  var bytes: [UInt8] { Array(payload.utf8) }

  /// For people: `license lic_…`.
  package var description: String { "\(kind.rawValue) \(subject)" }

  /// As ``description``, in each language.
  package var words: BilingualText {
    let chinese =
      switch kind {
      case .keyset: "密钥集"
      case .license: "许可证"
      case .release: "版本"
      case .revocations: "吊销清单"
      }
    return BilingualText(description, "\(chinese) \(subject)")
  }

  init(_ row: Row) throws {
    id = try row.decode(forColumn: "id")
    let kind = try Kind(rawValue: row.decode(forColumn: "kind"))
    let kidText = try row.decode(String?.self, forColumn: "kid")
    let kid = kidText.flatMap { Thumbprint($0) }
    let action = try AuditEntry.Action(rawValue: row.decode(forColumn: "action"))
    guard let kind, let action, (kid == nil) == (kidText == nil) else {
      throw AuthorityError.damaged("intent \(id) in the registry cannot be read")
    }
    let boundBy = try row.decode(String?.self, forColumn: "bound_by")
    let word = try row.decode(String?.self, forColumn: "binding")
    binding = IntentBinding(by: boundBy, signature: word)
    isBound = boundBy != nil || word != nil
    self.kind = kind
    self.action = action
    self.kid = kid
    subject = try row.decode(forColumn: "subject")
    payload = try row.decode(forColumn: "payload")
    author = Author(
      who: try row.decode(forColumn: "who"), why: try row.decode(forColumn: "why"),
      at: try row.decode(forColumn: "begun_at"))
  }
}

extension Registry {
  static let intentColumns =
    "id, kind, action, subject, kid, payload, who, why, begun_at, bound_by, binding"

  /// What an earlier command began and did not end, nil if nothing.
  package func pendingIntent() throws(AuthorityError) -> Intent? {
    try read { db in
      try Row.fetchOne(
        db, sql: "SELECT \(Self.intentColumns) FROM intents WHERE state = 'pending'"
      ).map { try Intent($0) }
    }
  }

  /// Commits an intent.
  /// - Throws: ``AuthorityError`` `INTENT_PENDING` when another one is.
  func begin(
    _ matter: IntentMatter, bound binding: IntentBinding
  ) throws(AuthorityError) -> Intent {
    if let pending = try pendingIntent() { throw .pending(pending) }
    return try write { db in try Self.begin(matter, bound: binding, in: db) }
  }

  /// Inserts an intent, in a transaction that may end it as well.
  /// - Parameter binding: nil only where the same transaction ends it.
  static func begin(
    _ matter: IntentMatter, bound binding: IntentBinding?, in db: Database
  ) throws -> Intent {
    try db.execute(
      sql: """
        INSERT INTO intents
          (kind, action, subject, kid, payload, who, why, begun_at, state, bound_by, binding)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'pending', ?, ?)
        """,
      arguments: [
        matter.kind.rawValue, matter.action.rawValue, matter.subject, matter.kid?.text,
        matter.payload, matter.author.who, matter.author.why, matter.author.at,
        binding?.key.text, binding?.signature,
      ])
    let row = try Row.fetchOne(
      db, sql: "SELECT \(Self.intentColumns) FROM intents WHERE id = ?",
      arguments: [db.lastInsertedRowID])
    guard let row else { throw AuthorityError.damaged("an intent was not stored") }
    return try Intent(row)
  }

  /// Marks an intent as done, in the transaction that stores its document. The key's word goes: it must
  /// not bring back what was dropped.
  static func end(_ intent: Intent, as state: String, in db: Database) throws {
    try db.execute(
      sql: """
        UPDATE intents SET state = ?, bound_by = NULL, binding = NULL
        WHERE id = ? AND state = 'pending'
        """, arguments: [state, intent.id])
    guard db.changesCount == 1 else {
      throw AuthorityError(
        .conflict, "\(intent.description) is no longer pending: another command ended it")
    }
  }
}

extension AuthorityError {
  /// Nothing new is begun while something old is not ended.
  /// - Parameter error: why it cannot be ended now.
  package static func pending(
    _ intent: Intent, because error: AuthorityError? = nil
  ) -> AuthorityError {
    let reason = error.map { " (\($0.message))" } ?? ""
    return AuthorityError(
      .intentPending,
      "an earlier command began \(intent.description) and did not end it\(reason): run \"tally "
        + "intent finish\" with the passphrase of its key, or give it up with \"tally intent "
        + "drop\"",
      refusal: error?.refusal)
  }
}
