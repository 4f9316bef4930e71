internal import GRDB
internal import Libcrypto
internal import Sealing

/// What the log says of keys, held against their rows.
///
/// Rules:
/// 1. Every key was made by a row of the log, or was brought in as a root by a keyset; it has what it was
///    made with, byte for byte.
/// 2. It is retired and revoked as the log says, and since when: a row of its own says it, and of roots
///    the keysets as well, which retire whom they drop and take back whom they name.
/// 3. No key that the log knows is missing.
struct AuditedKeys {
  private struct Story {
    /// The members that never change.
    let made: JSONValue
    let madeAt: Int64
    var retiredAt: JSONValue = .null
    var revoked: JSONValue = .null

    /// - Parameter row: a key in JSON, or the payload of the row of the log that changed it.
    mutating func stand(as row: JSONValue?) {
      retiredAt = row?["retired_at"] ?? .null
      revoked = row?["revoked"] ?? .null
    }
  }

  private var stories: [String: Story] = [:]
  /// The names of the newest keyset's roots.
  private var roots: [String] = []
  private let cryptography = LibcryptoProvider()

  /// Takes in a row of the log, in their order.
  mutating func note(_ entry: AuditEntry, _ payload: JSONValue?) {
    guard let name = entry.subjects.first else { return }
    switch entry.action {
    case .keyNew:
      guard let payload else { return }
      stories[name] = Story(made: payload, madeAt: entry.at)
    case .keyRetire, .keyRevoke, .keyRestore: stories[name]?.stand(as: payload)
    case .keysetPublish: noteRoots(entry)
    case .registryRestore: if name.hasPrefix("keyset ") { noteRoots(entry) }
    case .registryRestoreEntry:
      guard let payload, payload["jwk"] != nil else { return }
      if stories[name] == nil { stories[name] = Story(made: payload, madeAt: entry.at) }
      stories[name]?.stand(as: payload)
    case .customerAdd, .licenseIssue, .licenseRenew, .licenseAmend, .licenseReissue, .licenseRevoke,
      .revocationsIssue, .releaseSign, .releaseReissue, .intentDrop, .publish:
      break
    }
  }

  private mutating func noteRoots(_ entry: AuditEntry) {
    guard let keyset = try? Keyset.parse(Array(entry.payload.utf8)) else { return }
    var named: [String] = []
    for key in keyset.roots.keys {
      let name = key.thumbprint(using: cryptography)
      named.append(name.text)
      if stories[name.text] == nil {
        let record = KeyRecord(
          thumbprint: name, key: key, role: .root, dates: .standard(now: entry.at),
          constraints: KeyConstraints(), createdAt: entry.at)
        stories[name.text] = Story(made: record.json, madeAt: entry.at)
      }
      stories[name.text]?.retiredAt = .null
    }
    for name in roots where !named.contains(name) && stories[name]?.retiredAt == .null {
      stories[name]?.retiredAt = .integer(entry.at)
    }
    roots = named
  }

  /// What is wrong with the rows of keys, in words.
  func faults(_ db: Database) throws -> [String] {
    var faults: [String] = []
    var missing = Set(stories.keys)
    for row in try Row.fetchAll(db, sql: "SELECT \(Registry.keyColumns) FROM keys") {
      let name = try row.decode(String.self, forColumn: "thumbprint")
      missing.remove(name)
      guard let key = try? KeyRecord(row), key.key.thumbprint(using: cryptography).text == name
      else {
        faults.append("key \(name.prefix(64)) cannot be read")
        continue
      }
      faults += try self.faults(of: key, row).map { "key \(name) \($0)" }
    }
    return faults + missing.sorted().map { "key \($0) is missing" }
  }

  /// What is fixed about a key when it is made: what it may sign stands in the next keyset.
  private static let fixed = [
    "use", "alg", "bits", "jwk", "from", "through", "constraints", "pem",
  ]

  private func faults(of key: KeyRecord, _ row: Row) throws -> [String] {
    guard let story = stories[key.thumbprint.text] else { return ["has no row in the log"] }
    let json = key.json
    var changed = Self.fixed.filter { story.made[$0] != json[$0] }
    if try row.decode(String.self, forColumn: "algorithm") != key.key.algorithm.rawValue {
      changed.append("algorithm")
    }
    // Another text of the same value is an edit as well.
    if try !row.decode(String.self, forColumn: "jwk").isSameBytes(as: key.key.jwk.text) {
      changed.append("jwk")
    }
    if try !row.decode(String.self, forColumn: "constraints")
      .isSameBytes(as: key.constraints.json.text)
    {
      changed.append("constraints")
    }
    if key.createdAt != story.madeAt { changed.append("created_at") }
    var faults: [String] = []
    if !changed.isEmpty {
      faults.append("is not as it was made, in \(changed.joined(separator: ", "))")
    }
    if json["retired_at"] != story.retiredAt || json["revoked"] != story.revoked {
      faults.append("is not retired or revoked as the log says")
    }
    return faults
  }
}
