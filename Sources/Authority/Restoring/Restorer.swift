internal import GRDB
internal import Libcrypto
internal import Licensing
internal import Sealing

/// Writes what was lost back into the registry, within one transaction.
struct Restorer {
  let db: Database
  let author: Author
  let cryptography: LibcryptoProvider
  private var done = RestoredDocuments()

  init(db: Database, author: Author, cryptography: LibcryptoProvider) {
    self.db = db
    self.author = author
    self.cryptography = cryptography
  }

  mutating func restore(_ lost: LostDocuments) throws -> RestoredDocuments {
    for keyset in lost.keysets { try restore(keyset) }
    for license in lost.licenses { try restore(license) }
    for release in lost.releases { try restore(release) }
    if let revocations = lost.revocations { try restore(revocations) }
    try markRevoked()
    done.leftAside = lost.leftAside
    return done
  }

  private mutating func restore(_ record: KeysetRecord) throws {
    let before = try newestKeyset()
    let intent = try begin(
      .keyset, String(record.keyset.epoch), kid: nil, record.payload)
    try Registry.insert(
      record, of: intent, rootsBefore: before?.roots, cryptography: cryptography, in: db)
    try restoreKeys(of: record.keyset, after: before)
    done.keysets.append(record.keyset.epoch)
  }

  private func newestKeyset() throws -> Keyset? {
    let payload = try String.fetchOne(
      db, sql: "SELECT payload FROM keysets ORDER BY epoch DESC LIMIT 1")
    return try payload.map { try Keyset.parse(Array($0.utf8)) }
  }

  /// Keeps the registry's keys in step with a keyset that came from outside. Keys that no keyset has
  /// named yet stay as they are.
  private func restoreKeys(of keyset: Keyset, after before: Keyset?) throws {
    for entry in keyset.keys {
      let name = entry.key.thumbprint(using: cryptography)
      guard try key(name) == nil, let dates = KeyDates(from: entry.from, through: entry.through)
      else { continue }
      let record = KeyRecord(
        thumbprint: name, key: entry.key, role: .online(entry.use), dates: dates,
        constraints: entry.constraints, createdAt: author.at)
      try Registry.insert(record, in: db)
      try log(record)
    }
    for entry in before?.keys ?? [] where !keyset.keys.contains(where: { $0.key == entry.key }) {
      let name = entry.key.thumbprint(using: cryptography)
      guard let known = try key(name), known.retiredAt == nil, known.revoked == nil else {
        continue
      }
      let revoked = keyset.revoked.first { $0.kid == name }
      try Registry.setStanding(
        of: name, retiredAt: revoked == nil ? author.at : nil, revoked: revoked, in: db)
      if let changed = try key(name) { try log(changed) }
    }
    for revoked in keyset.revoked {
      guard let known = try key(revoked.kid), known.revoked == nil else { continue }
      try Registry.setStanding(
        of: revoked.kid, retiredAt: known.retiredAt, revoked: revoked, in: db)
      if let changed = try key(revoked.kid) { try log(changed) }
    }
  }

  private func key(_ name: Thumbprint) throws -> KeyRecord? {
    try Row.fetchOne(
      db, sql: "SELECT \(Registry.keyColumns) FROM keys WHERE thumbprint = ?",
      arguments: [name.text]
    ).map { try KeyRecord($0) }
  }

  private func log(_ key: KeyRecord) throws {
    try Registry.append(
      .registryRestoreEntry, subjects: [key.thumbprint.text], payload: key.json.text, by: author,
      in: db)
  }

  private mutating func restore(_ license: Verified<License>) throws {
    let payload = license.payload
    let text = try Self.payload(license.jws, .license)
    let row = try Row.fetchOne(
      db, sql: "SELECT jti, payload FROM licenses WHERE jti = ? OR (line = ? AND revision = ?)",
      arguments: [payload.jti.text, payload.line.text, payload.revision])
    if let row {
      guard try row.decode(String.self, forColumn: "payload") == text else {
        let jti = try row.decode(String.self, forColumn: "jti")
        throw Self.forked(
          "revision \(payload.revision) of line \(payload.line) is license \(jti) in this "
            + "registry and \(payload.jti) in the file")
      }
      return
    }
    try restoreCustomer(of: payload)
    let intent = try begin(.license, payload.subject, kid: license.kid, text)
    try License.insert(license, of: intent, in: db)
    try end(intent, payload.subjects)
    done.licenses.append(payload.jti)
  }

  /// A release is signed once, or again with the same dates under another key.
  private mutating func restore(_ release: Verified<Release>) throws {
    let payload = release.payload
    let text = try Self.payload(release.jws, .release)
    let rows = try Row.fetchAll(
      db, sql: "SELECT kid, commit_id, payload FROM releases WHERE product = ? AND version = ?",
      arguments: [payload.product, payload.version])
    for row in rows {
      let known = try row.decode(String.self, forColumn: "payload")
      let commit = try row.decode(String.self, forColumn: "commit_id")
      let kid = try row.decode(String.self, forColumn: "kid")
      let isSame = commit == payload.commit ?? "" && kid == release.kid.text
      if isSame && known == text { return }
      let other = try Release.parse(Array(known.utf8))
      guard !isSame, other.released == payload.released, other.coveredAsOf == payload.coveredAsOf
      else {
        throw Self.forked(
          "release \(payload.subject) of this registry and that of the file differ")
      }
    }
    let intent = try begin(.release, payload.subject, kid: release.kid, text)
    try Release.insert(release, of: intent, in: db)
    try end(intent, payload.subjects)
    done.releases.append(payload.subject)
  }

  private func restoreCustomer(of license: License) throws {
    let isKnown = try Bool.fetchOne(
      db, sql: "SELECT EXISTS (SELECT 1 FROM customers WHERE id = ?)",
      arguments: [license.sub.text])
    guard isKnown != true else { return }
    let customer = Customer(id: license.sub, name: license.customer, createdAt: author.at)
    try db.execute(
      sql: "INSERT INTO customers (id, name, created_at) VALUES (?, ?, ?)",
      arguments: [customer.id.text, customer.name, customer.createdAt])
    try Registry.append(
      .registryRestoreEntry, subjects: [customer.id.text], payload: customer.json.text, by: author,
      in: db)
  }

  private mutating func restore(_ document: Verified<Revocations>) throws {
    let payload = document.payload
    let text = try Self.payload(document.jws, .revocations)
    if let newest = try newestRevocations() {
      if payload.seq < newest.seq, newest.omission(from: payload) == nil { return }
      if payload == newest { return }
      guard payload.seq > newest.seq, payload.omission(from: newest) == nil else {
        throw Self.forked(
          "revocations \(newest.seq) of this registry and \(payload.seq) of the file do not "
            + "follow one another")
      }
    }
    let intent = try begin(.revocations, payload.subject, kid: document.kid, text)
    try Revocations.insert(document, of: intent, in: db)
    try end(intent, ["revocations \(payload.seq)"] + payload.revoked.map(\.jti.text))
    done.revocations = payload.seq
  }

  private func newestRevocations() throws -> Revocations? {
    let payload = try String.fetchOne(
      db, sql: "SELECT payload FROM revocations ORDER BY seq DESC LIMIT 1")
    return try payload.map { try Revocations.parse(Array($0.utf8)) }
  }

  /// A license that is taken back may be revoked already.
  private func markRevoked() throws {
    for entry in try newestRevocations()?.revoked ?? [] {
      try db.execute(
        sql: "UPDATE licenses SET state = 'revoked' WHERE jti = ?", arguments: [entry.jti.text])
    }
  }

  private func begin(
    _ kind: Intent.Kind, _ subject: String, kid: Thumbprint?, _ payload: String
  ) throws -> Intent {
    try Registry.begin(
      IntentMatter(
        kind: kind, action: .registryRestore, subject: subject, kid: kid, payload: payload,
        author: author), bound: nil, in: db)
  }

  private func end(_ intent: Intent, _ subjects: [String]) throws {
    try Registry.end(intent, as: "done", in: db)
    try Registry.append(
      intent.action, subjects: subjects, payload: intent.payload, by: author, in: db)
  }

  /// The exact text that was sealed.
  private static func payload(_ jws: String, _ kind: DocumentKind) throws -> String {
    String(decoding: try UnverifiedDocument(Array(jws.utf8), as: kind).payload, as: UTF8.self)
  }

  static func forked(_ what: String) -> AuthorityError {
    AuthorityError(
      .conflict,
      "\(what): this registry has gone its own way since it was put back; put the copy back again, "
        + "and take in what it lacks before anything is issued with it")
  }
}
