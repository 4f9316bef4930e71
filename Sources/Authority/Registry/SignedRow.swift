internal import GRDB
internal import Libcrypto
internal import Licensing
internal import Sealing

/// The online keys that keysets have named, by which rows of the registry are believed.
///
/// Rules:
/// 1. The keysets lead on from the roots compiled into this program. Where those came later than the
///    first keyset, that one's own roots count as well: its programs had them.
/// 2. A row is believed when its document is sealed, over the payload recorded, by the key recorded,
///    and a keyset has named that key for the use. Whether the key is still good is another question:
///    what a revoked key signed is signed again.
struct NamedKeys {
  private var keys: [Thumbprint: OnlineKey] = [:]
  private let cryptography = LibcryptoProvider()

  init(_ db: Database, roots: RootKeys?) throws {
    let documents = try String.fetchAll(db, sql: "SELECT document FROM keysets ORDER BY epoch")
    guard let first = documents.first,
      let own = try? Keyset.parse(KeysetDocument(Array(first.utf8)).payload).roots
    else { return }
    take(documents, from: roots ?? own)
    let isOlder =
      (try? TrustSet.establish(
        roots: roots ?? own, keysets: [first], using: cryptography)) == nil
    if isOlder { take(documents, from: own) }
  }

  /// Takes the keys of every keyset that verifies after those before it.
  private mutating func take(_ documents: [String], from roots: RootKeys) {
    var trust: TrustSet?
    for document in documents {
      let next =
        if let trust {
          try? trust.advanced(by: [document])
        } else {
          try? TrustSet.establish(roots: roots, keysets: [document], using: cryptography)
        }
      guard let next else { continue }
      trust = next
      for key in next.keyset.keys { keys[key.key.thumbprint(using: cryptography)] = key }
    }
  }

  /// Refuses a row whose document says anything else than the row, or that no key of ours has sealed.
  /// - Throws: ``AuthorityError`` `REGISTRY_DAMAGED`.
  func require(
    _ jws: String, _ kind: DocumentKind, for use: KeyUse, over payload: String,
    by kid: Thumbprint, _ name: String
  ) throws(AuthorityError) {
    guard let document = try? UnverifiedDocument(Array(jws.utf8), as: kind),
      document.header.type.isSameBytes(as: kind.rawValue), document.header.key == kid,
      document.payload == Array(payload.utf8)
    else { throw .damaged("\(name) is not what was sealed") }
    guard let key = keys[kid], key.use == use, document.header.algorithm == key.key.algorithm,
      cryptography.verify(document.signature, of: document.signingInput, by: key.key)
    else { throw .damaged("\(name) bears no good signature of a \(use.rawValue) key of ours") }
  }
}
