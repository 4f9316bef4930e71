internal import GRDB
internal import Libcrypto
package import Sealing

/// One row of the audit log: who did what, when and why, chained to the row before it.
package struct AuditEntry: Sendable, Equatable {
  /// What was done.
  package enum Action: String, Sendable, CaseIterable {
    case keyNew = "key new"
    case keyRetire = "key retire"
    case keyRevoke = "key revoke"
    case keyRestore = "key restore"
    case keysetPublish = "keyset publish"
    case customerAdd = "customer add"
    case licenseIssue = "license issue"
    case licenseRenew = "license renew"
    case licenseAmend = "license amend"
    case licenseReissue = "license reissue"
    case licenseRevoke = "license revoke"
    case revocationsIssue = "revocations issue"
    case releaseSign = "release sign"
    case releaseReissue = "release reissue"
    case intentDrop = "intent drop"
    case publish = "publish"
    /// A sealed document that was taken back into a registry that had lost it.
    case registryRestore = "registry restore"
    /// A key or customer that such a document names.
    case registryRestoreEntry = "registry restore entry"
  }

  /// From 1, without holes.
  package let seq: Int64
  package let at: Int64
  /// The login name; beside it who became that user by sudo, where the environment says so.
  package let who: String
  package let action: Action
  /// The reason given with `--why`; where none was, what was done and that none was.
  package let why: String
  /// Names of what was touched: licenses, lines, customers, keys.
  package let subjects: [String]
  /// The exact payload that was sealed; for what is not sealed, a description in JSON.
  package let payload: String
  /// ``hash`` of the row before, nil in the first.
  package let prev: Digest?
  package let hash: Digest

  /// The row that follows another.
  init(
    after last: (seq: Int64, hash: Digest)?, at: Int64, who: String, action: Action, why: String,
    subjects: [String], payload: String
  ) {
    seq = (last?.seq ?? 0) + 1
    self.at = at
    self.who = who
    self.action = action
    self.why = why
    self.subjects = subjects
    self.payload = payload
    prev = last?.hash
    hash = Self.hash(
      seq: seq, at: at, who: who, action: action.rawValue, why: why, subjects: subjects,
      payload: payload, prev: prev)
  }

  init(_ row: Row) throws {
    seq = try row.decode(forColumn: "seq")
    let action = try AuditEntry.Action(rawValue: row.decode(String.self, forColumn: "action"))
    let list = try row.decode(String.self, forColumn: "subjects")
    let subjects = Self.texts(list)
    let prevText = try row.decode(String?.self, forColumn: "prev")
    let prev = prevText.flatMap { Digest(base64URL: $0) }
    let hash = try Digest(base64URL: row.decode(String.self, forColumn: "hash"))
    // The hash is over the subjects, so their text must be the one that they have.
    guard let action, let subjects, let hash, (prev == nil) == (prevText == nil),
      Self.text(subjects).isSameBytes(as: list)
    else { throw AuthorityError.damaged("row \(seq) of the audit log cannot be read") }
    self.at = try row.decode(forColumn: "at")
    self.who = try row.decode(forColumn: "who")
    self.action = action
    self.why = try row.decode(forColumn: "why")
    self.subjects = subjects
    self.payload = try row.decode(forColumn: "payload")
    self.prev = prev
    self.hash = hash
  }

  /// The subjects as the row keeps them: a JSON array.
  static func text(_ subjects: [String]) -> String {
    JSONValue.array(subjects.map { .string($0) }).text
  }

  private static func texts(_ json: String) -> [String]? {
    guard let value = try? JSONScanner.scan(Array(json.utf8), maximumDepth: 1),
      case .array(let elements) = value
    else { return nil }
    let texts = elements.compactMap(\.string)
    return texts.count == elements.count ? texts : nil
  }

  /// What the hash should be, from the row's other members.
  var expectedHash: Digest {
    Self.hash(
      seq: seq, at: at, who: who, action: action.rawValue, why: why, subjects: subjects,
      payload: payload, prev: prev)
  }

  /// SHA-256 of a JSON array of all members in their order, so that no two rows have the same
  /// bytes.
  private static func hash(
    seq: Int64, at: Int64, who: String, action: String, why: String, subjects: [String],
    payload: String, prev: Digest?
  ) -> Digest {
    let value: JSONValue = [
      .integer(seq), .integer(at), .string(who), .string(action), .string(why),
      .array(subjects.map { .string($0) }), .string(payload), prev?.json ?? .null,
    ]
    return LibcryptoProvider().sha256(value.serialized)
  }

  package var json: JSONValue {
    .object([
      JSONMember("seq", .integer(seq)), JSONMember("at", .integer(at)),
      JSONMember("who", .string(who)), JSONMember("action", .string(action.rawValue)),
      JSONMember("why", .string(why)),
      JSONMember("subjects", .array(subjects.map { .string($0) })),
      JSONMember("payload", .string(payload)),
      JSONMember("prev", prev?.json ?? .null), JSONMember("hash", hash.json),
    ])
  }
}
