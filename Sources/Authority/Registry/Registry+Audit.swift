internal import GRDB
package import Sealing

/// What a walk over the audit log found.
package struct AuditReport: Sendable, Equatable {
  /// Rows read.
  package let rows: Int64
  /// The hash of the last row: kept elsewhere, it shows later that nothing was cut off.
  package let head: Digest?
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
        JSONValue.array(entry.subjects.map { .string($0) }).text, entry.payload,
        entry.prev?.text, entry.hash.text,
      ])
  }

  /// Walks the whole log: the chain, and that every issued document has its row and the other way
  /// round.
  ///
  /// A log that was cut off at its end, or written anew from one row on, is whole in itself: only a
  /// head that was kept elsewhere shows it.
  package func verifyAudit() throws(AuthorityError) -> AuditReport {
    try read { db in
      var faults: [String] = []
      var rows: Int64 = 0
      var head: Digest?
      var sealed: [String: Int64] = [:]
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
        if entry.action.seals { sealed[entry.payload] = entry.seq }
      }
      for (name, payload) in try Self.sealedPayloads(db)
      where sealed.removeValue(forKey: payload) == nil {
        faults.append("\(name) has no row in the log")
      }
      for seq in sealed.values.sorted() {
        faults.append("row \(seq) names a document that is not in the registry")
      }
      return AuditReport(rows: rows, head: head, faults: faults)
    }
  }

  private static func sealedPayloads(_ db: Database) throws -> [(name: String, payload: String)] {
    try Row.fetchAll(
      db,
      sql: """
        SELECT 'license ' || jti AS name, payload FROM licenses
        UNION ALL SELECT 'release ' || product || ' ' || version, payload FROM releases
        UNION ALL SELECT 'keyset ' || epoch, payload FROM keysets
        """
    ).map { try ($0.decode(forColumn: "name"), $0.decode(forColumn: "payload")) }
  }
}

extension AuditEntry.Action {
  /// Whether the row's payload is that of a sealed document in the registry.
  var seals: Bool {
    switch self {
    case .keysetPublish, .licenseIssue, .licenseRenew, .releaseSign: true
    case .keyNew, .customerAdd, .intentDrop, .publish: false
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
}
