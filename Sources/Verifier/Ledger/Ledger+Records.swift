package import CivilTime
internal import GRDB
internal import Metering
package import Sealing
internal import Storage

extension Ledger {
  /// The end of the chain.
  package func head() async throws(VerifierError) -> ChainHead {
    let installation = installation
    return try await read { try Self.head(of: installation, in: $0) }
  }

  /// The last record, nil before the first.
  package func newest() async throws(VerifierError) -> LedgerEntry? {
    let installation = installation
    return try await read { db in
      try Row.fetchOne(
        db, sql: "\(Self.columns) WHERE installation = ? ORDER BY seq DESC LIMIT 1",
        arguments: [installation.text]
      ).map(Self.entry)
    }
  }

  /// The records from a place on, in order, up to the first whose bytes were dropped.
  /// - Throws: ``VerifierError`` `SAMPLES_DROPPED` if that is the first of them.
  package func records(
    from seq: Int64, limit: Int
  ) async throws(VerifierError) -> [LedgerEntry] {
    let installation = installation
    return try await read { db in
      var entries: [LedgerEntry] = []
      let rows = try Row.fetchAll(
        db, sql: "\(Self.columns) WHERE installation = ? AND seq >= ? ORDER BY seq LIMIT ?",
        arguments: [installation.text, seq, limit])
      for row in rows {
        let jws: String? = try row.optional("jws")
        let isDropped = jws == nil
        if isDropped && !entries.isEmpty { break }
        entries.append(try Self.entry(row))
      }
      return entries
    }
  }

  /// The hash of a record, whether or not its bytes were dropped; nil where there is none.
  package func hash(of seq: Int64) async throws(VerifierError) -> Digest? {
    let installation = installation
    return try await read { db in
      try String.fetchOne(
        db, sql: "SELECT hash FROM record WHERE installation = ? AND seq = ?",
        arguments: [installation.text, seq]
      ).map(Self.digest)
    }
  }

  /// The newest record of a date: the one that closed it, else its last sample.
  package func newest(of date: CivilDate) async throws(VerifierError) -> LedgerEntry? {
    let installation = installation
    return try await read { db in
      try Row.fetchOne(
        db,
        sql: "\(Self.columns) WHERE installation = ? AND date = ? ORDER BY seq DESC LIMIT 1",
        arguments: [installation.text, date.description]
      ).map(Self.entry)
    }
  }

  /// The records that closed the latest dates, the latest first.
  package func days(limit: Int) async throws(VerifierError) -> [LedgerEntry] {
    let installation = installation
    return try await read { db in
      try Row.fetchAll(
        db,
        sql: "\(Self.columns) WHERE installation = ? AND kind = 'day' ORDER BY seq DESC LIMIT ?",
        arguments: [installation.text, limit]
      ).map(Self.entry)
    }
  }

  /// How many records there are; less than the head's `seq` where some are missing.
  package func count() async throws(VerifierError) -> Int64 {
    let installation = installation
    return try await read { db in
      try Int64.fetchOne(
        db, sql: "SELECT count(*) FROM record WHERE installation = ?",
        arguments: [installation.text]) ?? 0
    }
  }
}
