internal import GRDB
internal import Licensing
internal import Sealing
internal import StartupCheck

/// A document that the authority issues with an online key.
protocol Issuable: VendorPayload {
  static var intentKind: Intent.Kind { get }
  /// Opens the file that carries it as the verifier does.
  static func opened(_ file: [UInt8], roots: RootKeys) throws(Refusal) -> [Self]
  /// The document's name in intents and messages.
  var subject: String { get }
  /// What the audit row names.
  var subjects: [String] { get }
  /// Refuses what may be read but not issued.
  /// - Throws: ``Refusal`` `MALFORMED`.
  func lint() throws(Refusal)
  /// Inserts the sealed document's row.
  static func insert(_ document: Verified<Self>, of intent: Intent, in db: Database) throws
}

extension License: Issuable {
  static let intentKind = Intent.Kind.license
  var subject: String { jti.text }
  var subjects: [String] { [jti.text, line.text, sub.text] }

  static func opened(_ file: [UInt8], roots: RootKeys) throws(Refusal) -> [License] {
    try Rehearsal.dossier(of: file, as: .license, roots: roots).licenses.map(\.payload)
  }

  func lint() throws(Refusal) { try check() }

  static func insert(
    _ document: Verified<License>, of intent: Intent, in db: Database
  ) throws {
    let license = document.payload
    try db.execute(
      sql: """
        INSERT INTO licenses (jti, line, revision, customer, state, payload, jws, kid, intent)
        VALUES (?, ?, ?, ?, 'issued', ?, ?, ?, ?)
        """,
      arguments: [
        license.jti.text, license.line.text, license.revision, license.sub.text, intent.payload,
        document.jws, document.kid.text, intent.id,
      ])
  }
}

extension Release: Issuable {
  static let intentKind = Intent.Kind.release
  var subject: String { [product, version, commit].compactMap { $0 }.joined(separator: " ") }
  var subjects: [String] { [subject] }

  static func opened(_ file: [UInt8], roots: RootKeys) throws(Refusal) -> [Release] {
    let dossier = try Rehearsal.dossier(of: file, as: .release, roots: roots)
    return dossier.release.map { [$0.payload] } ?? []
  }

  func lint() throws(Refusal) {
    // Everything that a release must be is held where it is read, which the rehearsal does.
  }

  static func insert(
    _ document: Verified<Release>, of intent: Intent, in db: Database
  ) throws {
    let release = document.payload
    try db.execute(
      sql: """
        INSERT INTO releases (product, version, commit_id, payload, jws, kid, intent)
        VALUES (?, ?, ?, ?, ?, ?, ?)
        """,
      arguments: [
        release.product, release.version, release.commit ?? "", intent.payload, document.jws,
        document.kid.text, intent.id,
      ])
  }
}

extension Registry {
  /// Stores a document, ends its intent and appends the audit row: one transaction.
  func store<Payload: Issuable>(
    _ document: Verified<Payload>, of intent: Intent
  ) throws(AuthorityError) {
    try write { db in
      try Payload.insert(document, of: intent, in: db)
      try Self.end(intent, as: "done", in: db)
      try Self.append(
        intent.action, subjects: document.payload.subjects, payload: intent.payload,
        by: intent.author, in: db)
    }
  }
}
