internal import GRDB
internal import Libcrypto
internal import Licensing
internal import Sealing

/// One walk over the registry, the log first.
///
/// Rules:
/// 1. The log is one chain from row 1: no row missing, none changed.
/// 2. Every sealed document has its row with the same payload, and every such row its document.
/// 3. The signature of each document verifies, over that payload, under the key that it names, which is
///    in the registry for that use.
/// 4. Each keyset verifies under the one that was published before it.
/// 5. Keys are as the log says, see ``AuditedKeys``; so is all that is neither key nor document, see
///    ``AuditedRows``.
/// 6. Revocations are numbered from 1 without holes (but before those taken back), none forgets what an
///    earlier one said, and exactly the licenses of the newest are revoked.
struct AuditWalk {
  private(set) var rows: Int64 = 0
  private(set) var head: Digest?
  private(set) var documents = 0
  private(set) var faults: [String] = []
  /// Payloads that rows say were sealed, and whose documents have not been met. Two keys may seal one.
  private var sealed: [ExactText: [Int64]] = [:]
  private var keys = AuditedKeys()
  private var rest = AuditedRows()
  /// The keysets in the order in which the log has them: numbers may be left out.
  private var published: [Int64] = []
  /// The revocations that were taken back into the registry.
  private var restored: Set<Int64> = []
  private let cryptography = LibcryptoProvider()

  mutating func walkLog(_ db: Database) throws {
    let cursor = try Row.fetchCursor(
      db,
      sql: """
        SELECT seq, at, who, action, why, subjects, payload, prev, hash FROM audit ORDER BY seq
        """)
    while let row = try cursor.next() {
      guard let entry = try? AuditEntry(row) else {
        rows += 1
        faults.append("row \(rows) cannot be read")
        head = nil
        continue
      }
      if entry.seq != rows + 1 { faults.append("rows before row \(entry.seq) are missing") }
      if entry.prev != head {
        faults.append("row \(entry.seq) does not follow the one before it")
      }
      if entry.hash != entry.expectedHash {
        faults.append("row \(entry.seq) was changed after it was written")
      }
      rows = entry.seq
      head = entry.hash
      note(entry)
    }
  }

  private mutating func note(_ entry: AuditEntry) {
    if entry.action.seals { sealed[ExactText(entry.payload), default: []].append(entry.seq) }
    let payload = try? JSONScanner.scan(
      Array(entry.payload.utf8), maximumDepth: SealedLimits.depth)
    keys.note(entry, payload)
    rest.note(entry)
    switch entry.action {
    case .keysetPublish:
      if let epoch = payload?["epoch"]?.integer { published.append(epoch) }
    case .registryRestore: noteRestored(entry.subjects.first ?? "", payload)
    case .keyNew, .keyRetire, .keyRevoke, .keyRestore, .licenseIssue, .licenseRenew, .licenseAmend,
      .licenseReissue, .licenseRevoke, .revocationsIssue, .releaseSign, .releaseReissue,
      .customerAdd, .intentDrop, .publish, .registryRestoreEntry:
      break
    }
  }

  /// What was taken back may come after a hole: what lay in it is lost.
  private mutating func noteRestored(_ name: String, _ payload: JSONValue?) {
    if let epoch = payload?["epoch"]?.integer, name == "keyset \(epoch)" { published.append(epoch) }
    if let seq = payload?["seq"]?.integer, name == "revocations \(seq)" { restored.insert(seq) }
  }

  mutating func endLog() {
    for seq in sealed.values.joined().sorted() {
      faults.append("row \(seq) names a document that is not in the registry")
    }
  }

  /// A document is there: its row should be.
  private mutating func meet(_ name: String, _ payload: String) {
    let payload = ExactText(payload)
    guard sealed[payload]?.isEmpty == false else {
      return faults.append("\(name) has no row in the log")
    }
    sealed[payload]?.removeFirst()
  }
}

extension AuditWalk {
  mutating func walkDocuments(_ db: Database) throws {
    let keys = try publicKeys(db)
    let cursor = try Row.fetchCursor(
      db,
      sql: """
        SELECT 'license' AS use, 'license ' || jti AS name, jti AS id, payload, jws, kid
          FROM licenses
        UNION ALL SELECT 'release', 'release ' || product || ' ' || version, version, payload, jws,
          kid FROM releases
        UNION ALL SELECT 'revocation', 'revocations ' || seq, cast(seq AS TEXT), payload, jws, kid
          FROM revocations
        """)
    while let row = try cursor.next() {
      let name = try row.decode(String.self, forColumn: "name")
      meet(name, try row.decode(forColumn: "payload"))
      documents += 1
      if let fault = try fault(of: row, keys) { faults.append("\(name) \(fault)") }
    }
  }

  private func publicKeys(_ db: Database) throws -> [String: KeyRecord] {
    var keys: [String: KeyRecord] = [:]
    for row in try Row.fetchAll(db, sql: "SELECT \(Registry.keyColumns) FROM keys") {
      // One that cannot be read is named by the walk over the keys.
      guard let key = try? KeyRecord(row) else { continue }
      keys[key.thumbprint.text] = key
    }
    return keys
  }

  /// What is wrong with a sealed document, nil if nothing.
  private func fault(of row: Row, _ keys: [String: KeyRecord]) throws -> String? {
    let use = try row.decode(String.self, forColumn: "use")
    let kid = try row.decode(String.self, forColumn: "kid")
    let payload = try row.decode(String.self, forColumn: "payload")
    let kind: DocumentKind =
      switch use {
      case "license": .license
      case "release": .release
      default: .revocations
      }
    guard
      let document = try? UnverifiedDocument(
        Array(row.decode(String.self, forColumn: "jws").utf8), as: kind),
      document.header.type.isSameBytes(as: kind.rawValue)
    else { return "is no sealed document of its kind" }
    guard document.payload == Array(payload.utf8) else {
      return "was sealed over other bytes than those recorded"
    }
    let id = try row.decode(String.self, forColumn: "id")
    guard Self.name(in: payload, kind)?.isSameBytes(as: id) == true else {
      return "stands under another name than its own"
    }
    guard document.header.key.text.isSameBytes(as: kid), let key = keys[kid],
      key.role.rawValue == use
    else {
      return "was not sealed by the key recorded"
    }
    guard document.header.algorithm == key.key.algorithm,
      cryptography.verify(document.signature, of: document.signingInput, by: key.key)
    else { return "has a signature that does not verify under key \(kid)" }
    return nil
  }

  /// What the payload calls itself.
  private static func name(in payload: String, _ kind: DocumentKind) -> String? {
    let value = try? JSONScanner.scan(Array(payload.utf8), maximumDepth: SealedLimits.depth)
    switch kind {
    case .license: return value?["jti"]?.string
    case .release: return value?["version"]?.string
    default: return (value?["seq"]?.integer).map { String($0) }
    }
  }

  mutating func walkKeysets(_ db: Database) throws {
    var trust: TrustSet?
    for row in try Row.fetchAll(
      db, sql: "SELECT epoch, payload, document FROM keysets ORDER BY epoch")
    {
      let epoch = try row.decode(Int64.self, forColumn: "epoch")
      let text = try row.decode(String.self, forColumn: "document")
      let payload = try row.decode(String.self, forColumn: "payload")
      meet("keyset \(epoch)", payload)
      documents += 1
      do throws(Refusal) {
        let document = try KeysetDocument(Array(text.utf8))
        let keyset = try Keyset.parse(document.payload)
        guard document.payload == Array(payload.utf8), keyset.epoch == epoch,
          try JSONScanner.scan(Array(text.utf8), maximumDepth: SealedLimits.depth).text.isSameBytes(
            as: text),
          trust?.keyset.epoch == before(epoch)
        else { throw .malformed("it is not what was recorded, or one before it is missing") }
        trust =
          if let trust {
            try trust.advanced(by: [text])
          } else {
            try TrustSet.establish(roots: keyset.roots, keysets: [text], using: cryptography)
          }
      } catch {
        faults.append("keyset \(epoch) does not lead on from the one before it: \(error.message)")
      }
    }
  }

  /// The number of the keyset that was published before another, nil for the first.
  private func before(_ epoch: Int64) -> Int64? {
    published.prefix { $0 != epoch }.last
  }

  /// Walks over the rows that are neither documents nor the log.
  mutating func walkRows(_ db: Database) throws {
    faults += try keys.faults(db)
    try rest.walk(db)
    faults += rest.faults
  }

  mutating func walkRevocations(_ db: Database) throws {
    var named: Set<LicenseID> = []
    var last: Int64 = 0
    for row in try Row.fetchAll(db, sql: "SELECT seq, payload FROM revocations ORDER BY seq") {
      let seq = try row.decode(Int64.self, forColumn: "seq")
      let payload = try row.decode(String.self, forColumn: "payload")
      guard let document = try? Revocations.parse(Array(payload.utf8)) else {
        faults.append("revocations \(seq) cannot be read")
        continue
      }
      let now = Set(document.revoked.map(\.jti))
      if seq != last + 1, !restored.contains(seq) {
        faults.append("revocations before \(seq) are missing")
      }
      if !named.isSubset(of: now) {
        faults.append("revocations \(seq) forget what was revoked before")
      }
      named = now
      last = seq
    }
    let revoked = try String.fetchSet(
      db, sql: "SELECT jti FROM licenses WHERE state = 'revoked'")
    let known = try String.fetchSet(db, sql: "SELECT jti FROM licenses")
    // A license that was lost with the registry may be named and not be there.
    let expected = Set(named.map(\.text)).filter { restored.isEmpty || known.contains($0) }
    for jti in revoked.symmetricDifference(expected).sorted() {
      faults.append("license \(jti) is not revoked as revocations \(last) say")
    }
  }
}
