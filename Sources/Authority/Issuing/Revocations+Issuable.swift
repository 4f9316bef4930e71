internal import GRDB
internal import Libcrypto
internal import Licensing
internal import Sealing

extension Revocations: Issuable {
  static let intentKind = Intent.Kind.revocations
  var subject: String { String(seq) }

  /// The document, and the licenses that it revokes anew: those as old as itself.
  var subjects: [String] {
    ["revocations \(seq)"] + revoked.filter { $0.at == iat }.map(\.jti.text)
  }

  static func opened(_ file: [UInt8], roots: RootKeys) throws(Refusal) -> [Revocations] {
    let blocks = try Armour.read(file)
    let trust = try TrustSet.establish(
      roots: roots, keysets: blocks.filter { $0.kind == .keyset }.map(\.document),
      using: LibcryptoProvider())
    return try blocks.filter { $0.kind != .keyset }.map { block throws(Refusal) in
      let document: Verified<Revocations> = try trust.open(Array(block.document.utf8))
      return document.payload
    }
  }

  func lint() throws(Refusal) {
    // A list that is too long is held where it is read, which the rehearsal does.
  }

  /// Stores the document; the licenses that it names are revoked in the same transaction.
  static func insert(
    _ document: Verified<Revocations>, of intent: Intent, in db: Database
  ) throws {
    try db.execute(
      sql: "INSERT INTO revocations (seq, payload, jws, kid, intent) VALUES (?, ?, ?, ?, ?)",
      arguments: [
        document.payload.seq, intent.payload, document.jws, document.kid.text, intent.id,
      ])
    for entry in document.payload.revoked {
      try db.execute(
        sql: "UPDATE licenses SET state = 'revoked' WHERE jti = ?", arguments: [entry.jti.text])
    }
  }
}
