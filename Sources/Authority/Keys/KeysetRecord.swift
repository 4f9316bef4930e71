internal import GRDB
internal import Libcrypto
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

  /// Stores a keyset that came signed: one transaction, and nothing is ever pending.
  func store(
    _ record: KeysetRecord, rootsBefore: RootKeys?, by author: Author,
    cryptography: LibcryptoProvider
  ) throws(AuthorityError) {
    try write { db in
      let matter = IntentMatter(
        kind: .keyset, action: .keysetPublish, subject: String(record.keyset.epoch), kid: nil,
        payload: record.payload, author: author)
      let intent = try Self.begin(matter, bound: nil, in: db)
      try Self.insert(
        record, of: intent, rootsBefore: rootsBefore, cryptography: cryptography, in: db)
    }
  }

  /// Inserts a keyset, ends its intent, keeps the registry's root keys in step and appends the audit
  /// row, in one transaction.
  static func insert(
    _ record: KeysetRecord, of intent: Intent, rootsBefore: RootKeys?,
    cryptography: LibcryptoProvider, in db: Database
  ) throws {
    let keyset = record.keyset
    try db.execute(
      sql: "INSERT INTO keysets (epoch, payload, document, intent) VALUES (?, ?, ?, ?)",
      arguments: [keyset.epoch, record.payload, record.document, intent.id])
    for key in keyset.roots.keys {
      try keepRoot(key, cryptography.thumbprint(of: key), at: intent.author.at, in: db)
    }
    for key in rootsBefore?.keys ?? [] where !keyset.roots.keys.contains(key) {
      try db.execute(
        sql: "UPDATE keys SET retired_at = coalesce(retired_at, ?) WHERE thumbprint = ?",
        arguments: [intent.author.at, cryptography.thumbprint(of: key).text])
    }
    try end(intent, as: "done", in: db)
    try append(
      intent.action, subjects: ["keyset \(keyset.epoch)"], payload: intent.payload,
      by: intent.author, in: db)
  }

  /// A root in force stands in the registry, whether or not its private half is here.
  private static func keepRoot(
    _ key: PublicKey, _ name: Thumbprint, at now: Int64, in db: Database
  ) throws {
    let isKnown = try Bool.fetchOne(
      db, sql: "SELECT EXISTS (SELECT 1 FROM keys WHERE thumbprint = ? AND use = 'root')",
      arguments: [name.text])
    if isKnown == true {
      try db.execute(
        sql: "UPDATE keys SET retired_at = NULL WHERE thumbprint = ?", arguments: [name.text])
    } else {
      try insert(
        KeyRecord(
          thumbprint: name, key: key, role: .root, dates: .standard(now: now),
          constraints: KeyConstraints(), createdAt: now), in: db)
    }
  }
}

extension LibcryptoProvider {
  fileprivate func thumbprint(of key: PublicKey) -> Thumbprint { key.thumbprint(using: self) }
}
