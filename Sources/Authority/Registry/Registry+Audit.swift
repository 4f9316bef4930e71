internal import GRDB
package import Sealing

/// What a walk over the audit log found.
package struct AuditReport: Sendable, Equatable {
  /// Rows read.
  package let rows: Int64
  /// The hash of the last row: kept elsewhere, it shows later that nothing was cut off.
  package let head: Digest?
  /// Sealed documents whose signatures were verified.
  package let documents: Int
  /// In words, with the numbers of the rows; empty when the log is whole.
  package let faults: [String]
}

extension Registry {
  /// The audit log, oldest first.
  /// - Parameter last: only so many of the newest rows.
  package func audit(last: Int? = nil) throws(AuthorityError) -> [AuditEntry] {
    try read { db in
      let rows = try Row.fetchAll(
        db,
        sql: """
          SELECT seq, at, who, action, why, subjects, payload, prev, hash FROM audit
          ORDER BY seq DESC LIMIT ?
          """, arguments: [last ?? -1])
      return try rows.reversed().map { try AuditEntry($0) }
    }
  }

  /// The hash of a row as it stands, whatever else can be read of it; nil where there is no such row.
  package func auditHash(of seq: Int64) throws(AuthorityError) -> String? {
    try read { db in
      try String.fetchOne(db, sql: "SELECT hash FROM audit WHERE seq = ?", arguments: [seq])
    }
  }

  /// The sealed documents that rows of the log record, by their payloads: the exact bytes issued.
  package func sealedDocuments() throws(AuthorityError) -> [String: String] {
    try read { db in
      let rows = try Row.fetchAll(
        db,
        sql: """
          SELECT payload, jws AS document FROM licenses
          UNION ALL SELECT payload, jws FROM releases
          UNION ALL SELECT payload, jws FROM revocations
          UNION ALL SELECT payload, document FROM keysets
          """)
      return try Dictionary(
        rows.map { try ($0.decode(forColumn: "payload"), $0.decode(forColumn: "document")) },
        uniquingKeysWith: { first, _ in first })
    }
  }

  /// Appends a row in the transaction that it describes.
  static func append(
    _ action: AuditEntry.Action, subjects: [String], payload: String, by author: Author,
    in db: Database
  ) throws {
    let last = try Row.fetchOne(db, sql: "SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1")
    let tail = try last.map { row -> (seq: Int64, hash: Digest) in
      let seq = try row.decode(Int64.self, forColumn: "seq")
      guard let hash = try Digest(base64URL: row.decode(String.self, forColumn: "hash")) else {
        throw AuthorityError.damaged("row \(seq) of the audit log cannot be read")
      }
      return (seq, hash)
    }
    let entry = AuditEntry(
      after: tail, at: author.at, who: author.who, action: action, why: author.why,
      subjects: subjects, payload: payload)
    try db.execute(
      sql: """
        INSERT INTO audit (seq, at, who, action, why, subjects, payload, prev, hash)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
        """,
      arguments: [
        entry.seq, entry.at, entry.who, entry.action.rawValue, entry.why,
        AuditEntry.text(entry.subjects), entry.payload,
        entry.prev?.text, entry.hash.text,
      ])
  }

  /// Walks the whole log; see ``AuditWalk`` for what is held against what.
  ///
  /// A log that was cut off at its end, or written anew from one row on, is whole in itself: only a
  /// head that was kept elsewhere shows it.
  package func verifyAudit() throws(AuthorityError) -> AuditReport {
    try read { db in try Self.auditReport(db) }
  }

  /// As ``verifyAudit()``, of one state of the database.
  static func auditReport(_ db: Database) throws -> AuditReport {
    var walk = AuditWalk()
    try walk.walkLog(db)
    try walk.walkDocuments(db)
    try walk.walkKeysets(db)
    try walk.walkRows(db)
    try walk.walkRevocations(db)
    walk.endLog()
    return AuditReport(
      rows: walk.rows, head: walk.head, documents: walk.documents, faults: walk.faults)
  }
}

extension AuditEntry.Action {
  /// Whether the row's payload is that of a sealed document in the registry.
  var seals: Bool {
    switch self {
    case .keysetPublish, .licenseIssue, .licenseRenew, .licenseAmend, .licenseReissue,
      .licenseRevoke, .revocationsIssue, .releaseSign, .releaseReissue, .registryRestore:
      true
    case .keyNew, .keyRetire, .keyRevoke, .keyRestore, .customerAdd, .intentDrop, .publish,
      .registryRestoreEntry:
      false
    }
  }
}

/// Who does something, when and why: the part of every audit row that the command knows.
package struct Author: Sendable, Equatable {
  package let who: String
  package let why: String
  package let at: Int64

  package init(who: String, why: String, at: Int64) {
    self.who = who
    self.why = why
    self.at = at
  }

  /// The reason for the log: never empty. Where none was given it says so, with what was done.
  static func reason(_ why: String, _ act: @autoclosure () -> String) -> String {
    why.allSatisfy(\.isWhitespace) ? "\(act()) (no reason was given)" : why
  }
}
