internal import GRDB
internal import Licensing
internal import Sealing

/// What the log says of everything that is neither a sealed document nor a key, held against the rows.
///
/// Rules:
/// 1. Every customer was added or taken back by a row, and has the name and the date of the last one;
///    none is missing.
/// 2. Intents are numbered from 1 without holes, and no number was given that is not there. One that is
///    done says what the log says of its document, and the document is of that intent; one that was
///    dropped says what the row of its end says; one that is pending bears the word of the key that has
///    begun it. Of an intent that is not done there is no document.
/// 3. The columns of a document say what its payload says.
/// 4. What a gateway has confirmed, and when, is what the log says.
/// 5. The log is guarded by its triggers, and there are no others, which could change what is written.
///
/// All text is compared by its bytes.
struct AuditedRows {
  private struct Publication: Hashable {
    let target: String
    let document: String

    static func == (left: Publication, right: Publication) -> Bool {
      left.target.isSameBytes(as: right.target) && left.document.isSameBytes(as: right.document)
    }
  }

  /// The last row about each customer.
  private var customers: [String: String] = [:]
  /// Rows that sealed, by their payload.
  private var sealed: [ExactText: [AuditEntry]] = [:]
  private var dropped: [AuditEntry] = []
  private var published: [Publication: Int64] = [:]
  private(set) var faults: [String] = []

  /// Takes in a row of the log, in their order.
  mutating func note(_ entry: AuditEntry) {
    if entry.action.seals { sealed[ExactText(entry.payload), default: []].append(entry) }
    guard let name = entry.subjects.first else { return }
    switch entry.action {
    case .customerAdd: customers[name] = entry.payload
    case .registryRestoreEntry:
      if CustomerID(name) != nil { customers[name] = entry.payload }
    case .intentDrop: dropped.append(entry)
    case .publish:
      for document in entry.subjects.dropFirst() {
        published[Publication(target: name, document: document)] = entry.at
      }
    case .keyNew, .keyRetire, .keyRevoke, .keyRestore, .keysetPublish, .licenseIssue,
      .licenseRenew, .licenseAmend, .licenseReissue, .licenseRevoke, .revocationsIssue,
      .releaseSign, .releaseReissue, .registryRestore:
      break
    }
  }

  mutating func walk(_ db: Database) throws {
    try walkCustomers(db)
    try walkIntents(db)
    try walkColumns(db)
    try walkPublications(db)
    try walkTriggers(db)
  }

  private mutating func walkCustomers(_ db: Database) throws {
    var missing = Set(customers.keys)
    for row in try Row.fetchAll(db, sql: "SELECT id, name, created_at FROM customers ORDER BY id") {
      let name = try row.decode(String.self, forColumn: "id")
      missing.remove(name)
      guard let said = customers[name] else {
        faults.append("customer \(name.prefix(64)) has no row in the log")
        continue
      }
      guard let customer = try? Customer(row), customer.json.text.isSameBytes(as: said) else {
        faults.append("customer \(name) is not as the log says")
        continue
      }
    }
    faults += missing.sorted().map { "customer \($0) is missing" }
  }

  private mutating func walkIntents(_ db: Database) throws {
    var last: Int64 = 0
    let documents = try Self.documents(db)
    var ends = dropped
    for row in try Row.fetchAll(
      db, sql: "SELECT \(Registry.intentColumns), state FROM intents ORDER BY id")
    {
      let id = try row.decode(Int64.self, forColumn: "id")
      if id != last + 1 { faults.append("intents before \(id) are missing") }
      last = id
      guard let intent = try? Intent(row) else {
        faults.append("intent \(id) cannot be read")
        continue
      }
      let state = try row.decode(String.self, forColumn: "state")
      if state != "done", documents[id] != nil {
        faults.append("intent \(id) has a document and is not done")
      }
      switch state {
      case "pending":
        try hold(pending: intent, db)
        continue
      case "done": hold(intent, documents[id])
      case "dropped":
        if let end = ends.firstIndex(where: { $0.ended(intent) }) {
          ends.remove(at: end)
        } else {
          faults.append("intent \(id) was not dropped as the log says")
        }
      default: faults.append("intent \(id) cannot be read")
      }
      if intent.isBound { faults.append("intent \(id) has ended and is bound still") }
    }
    faults += ends.map { "row \($0.seq) names an intent that is not in the registry" }
    let given = try Int64.fetchOne(
      db, sql: "SELECT seq FROM sqlite_sequence WHERE name = 'intents'")
    if given ?? 0 != last { faults.append("intents after \(last) are missing") }
  }

  /// Holds an intent that is pending against the word of its key, as who finishes it does.
  private mutating func hold(pending intent: Intent, _ db: Database) throws {
    let name = intent.kind == .keyset ? intent.binding?.key : intent.kid
    let row = try Row.fetchOne(
      db, sql: "SELECT \(Registry.keyColumns) FROM keys WHERE thumbprint = ?",
      arguments: [name?.text])
    guard let name, intent.binding?.key == name, let key = row.flatMap({ try? KeyRecord($0) }),
      (key.role == .root) == (intent.kind == .keyset), intent.isBegun(by: key.key)
    else {
      faults.append(
        "intent \(intent.id), \(intent.description), is pending and no key has begun it")
      return
    }
  }

  /// Holds an intent that is done against the log and against the document that was sealed under it.
  private mutating func hold(_ intent: Intent, _ document: SealedUnder?) {
    let isLogged = (sealed[ExactText(intent.payload)] ?? []).contains {
      $0.action == intent.action && $0.who.isSameBytes(as: intent.author.who)
        && $0.why.isSameBytes(as: intent.author.why) && $0.at == intent.author.at
    }
    let meant = SealedUnder(
      kind: intent.kind, payload: ExactText(intent.payload),
      kid: intent.kid.map { ExactText($0.text) }, subject: ExactText(intent.subject))
    if !isLogged { faults.append("intent \(intent.id) is not as the log says") }
    if document != meant {
      faults.append("intent \(intent.id), \(intent.description), is not that of its document")
    }
  }

  /// A document as the intent says under which it was sealed.
  private struct SealedUnder: Equatable {
    let kind: Intent.Kind
    let payload: ExactText
    let kid: ExactText?
    let subject: ExactText
  }

  private static func documents(_ db: Database) throws -> [Int64: SealedUnder] {
    var found: [Int64: SealedUnder] = [:]
    for row in try Row.fetchAll(
      db,
      sql: """
        SELECT intent, 'license' AS kind, payload, kid, jti AS subject FROM licenses
        UNION ALL SELECT intent, 'release', payload, kid, product || ' ' || version
          || CASE commit_id WHEN '' THEN '' ELSE ' ' || commit_id END FROM releases
        UNION ALL SELECT intent, 'revocations', payload, kid, cast(seq AS TEXT) FROM revocations
        UNION ALL SELECT intent, 'keyset', payload, NULL, cast(epoch AS TEXT) FROM keysets
        """)
    {
      guard let kind = try Intent.Kind(rawValue: row.decode(forColumn: "kind")) else { continue }
      found[try row.decode(forColumn: "intent")] = SealedUnder(
        kind: kind, payload: ExactText(try row.decode(forColumn: "payload")),
        kid: try row.decode(String?.self, forColumn: "kid").map { ExactText($0) },
        subject: ExactText(try row.decode(forColumn: "subject")))
    }
    return found
  }

  private mutating func walkColumns(_ db: Database) throws {
    for row in try Row.fetchAll(
      db, sql: "SELECT jti, line, revision, customer, state, payload FROM licenses ORDER BY intent")
    {
      let name = try row.decode(String.self, forColumn: "jti")
      if try IssuedLicense.State(rawValue: row.decode(forColumn: "state")) == nil {
        faults.append("license \(name.prefix(64)) cannot be read")
      }
      // A payload that cannot be read is named by the walk over the documents.
      guard
        let license = try? License.parse(Array(row.decode(String.self, forColumn: "payload").utf8))
      else { continue }
      let columns = [
        ("line", try row.decode(String.self, forColumn: "line"), license.line.text),
        (
          "revision", String(try row.decode(Int64.self, forColumn: "revision")),
          String(license.revision)
        ),
        ("customer", try row.decode(String.self, forColumn: "customer"), license.sub.text),
      ]
      hold("license \(name.prefix(64))", columns)
    }
    for row in try Row.fetchAll(
      db, sql: "SELECT product, version, commit_id, payload FROM releases ORDER BY intent")
    {
      let version = try row.decode(String.self, forColumn: "version")
      guard
        let release = try? Release.parse(Array(row.decode(String.self, forColumn: "payload").utf8))
      else { continue }
      let columns = [
        ("product", try row.decode(String.self, forColumn: "product"), release.product),
        ("commit", try row.decode(String.self, forColumn: "commit_id"), release.commit ?? ""),
      ]
      hold("release \(version.prefix(64))", columns)
    }
  }

  private mutating func hold(_ name: String, _ columns: [(String, String, String)]) {
    let wrong = columns.filter { !$0.1.isSameBytes(as: $0.2) }.map(\.0)
    guard !wrong.isEmpty else { return }
    faults.append("\(name) stands under another \(wrong.joined(separator: ", ")) than its own")
  }

  private mutating func walkPublications(_ db: Database) throws {
    // A file confirms nothing: its rows of the log have none here.
    var missing = published.filter { $0.key.target.isAddress }
    for row in try Row.fetchAll(
      db, sql: "SELECT target, document, published_at FROM publications ORDER BY target, document")
    {
      let publication = Publication(
        target: try row.decode(forColumn: "target"), document: try row.decode(forColumn: "document")
      )
      missing[publication] = nil
      guard try published[publication] == row.decode(Int64.self, forColumn: "published_at") else {
        faults.append(
          "\(publication.document.prefix(64)) was not published at \(publication.target.prefix(256)) "
            + "as the log says")
        continue
      }
    }
    faults += missing.keys.map { "\($0.document) is not kept as published at \($0.target)" }
      .sorted()
  }
}

extension AuditedRows {
  private mutating func walkTriggers(_ db: Database) throws {
    var missing = RegistrySchema.guards
    for row in try Row.fetchAll(
      db, sql: "SELECT name, sql FROM sqlite_schema WHERE type IN ('trigger', 'view') ORDER BY name"
    ) {
      let name = try row.decode(String.self, forColumn: "name")
      let sql = try row.decode(String.self, forColumn: "sql")
      guard missing.removeValue(forKey: name)?.isSameBytes(as: "\(sql);") == true else {
        faults.append("\(name.prefix(64)) in the registry's file is none of its triggers")
        continue
      }
    }
    faults += missing.keys.sorted().map { "trigger \($0) is missing" }
  }
}

extension String {
  /// Whether a target of a publication is a gateway's address.
  fileprivate var isAddress: Bool {
    let scheme = prefix { $0 != ":" }.lowercased()
    return scheme == "https" || scheme == "http"
  }
}

extension AuditEntry {
  /// Whether this is the row of an intent's end. Older programs kept its payload and name alone.
  fileprivate func ended(_ intent: Intent) -> Bool {
    action == .intentDrop
      && (payload.isSameBytes(as: intent.json.text) || payload.isSameBytes(as: intent.payload))
      && subjects.count == 1 && subjects[0].isSameBytes(as: intent.subject)
  }
}

extension Intent {
  /// Everything that it says, for the row of the log that it was dropped by.
  var json: JSONValue {
    [
      "id": .integer(id), "kind": .string(kind.rawValue), "action": .string(action.rawValue),
      "subject": .string(subject), "kid": kid?.json ?? .null, "payload": .string(payload),
      "who": .string(author.who), "why": .string(author.why), "begun_at": .integer(author.at),
    ]
  }
}
