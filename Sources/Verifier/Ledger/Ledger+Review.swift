internal import GRDB
internal import Licensing
internal import Sealing
internal import Storage

extension Ledger {
  /// A record as its row has it, believed in nothing.
  package struct RawRecord: Sendable {
    package var seq: Int64
    /// Nil where the bytes were dropped.
    package var jws: String?
    package var hash: String
    package var kind: String
    package var date: String
    package var at: Int64
    /// What holds a row without bytes, see ``DroppedSample``.
    package var dropped: String?

    package init(
      seq: Int64, jws: String?, hash: String, kind: String, date: String, at: Int64,
      dropped: String? = nil
    ) {
      self.seq = seq
      self.jws = jws
      self.hash = hash
      self.kind = kind
      self.date = date
      self.at = at
      self.dropped = dropped
    }
  }

  /// A receipt as its row has it.
  struct RawReceipt: Sendable {
    var seq: Int64
    var leases: Bool
    var iat: Int64
    var position: Int64
    var jws: String
  }

  /// Rows of the chain from a place on, in order.
  func rawRecords(from seq: Int64, limit: Int) async throws(VerifierError) -> [RawRecord] {
    let name = installation.text
    return try await read { db in
      try Row.fetchAll(
        db,
        sql: """
          SELECT seq, jws, hash, kind, date, at, dropped FROM record
          WHERE installation = ? AND seq >= ? ORDER BY seq LIMIT ?
          """, arguments: [name, seq, limit]
      ).map {
        RawRecord(
          seq: try $0.value("seq"), jws: try $0.optional("jws"), hash: try $0.value("hash"),
          kind: try $0.value("kind"), date: try $0.value("date"), at: try $0.value("at"),
          dropped: try $0.optional("dropped"))
      }
    }
  }

  /// Receipts of a stretch of the chain.
  func rawReceipts(in range: ClosedRange<Int64>) async throws(VerifierError) -> [RawReceipt] {
    let name = installation.text
    return try await read { db in
      try Row.fetchAll(
        db,
        sql: """
          SELECT seq, leases, iat, position, jws FROM receipt
          WHERE installation = ? AND seq BETWEEN ? AND ? ORDER BY seq, leases
          """, arguments: [name, range.lowerBound, range.upperBound]
      ).map {
        RawReceipt(
          seq: try $0.value("seq"), leases: try $0.value("leases") as Int64 == 1,
          iat: try $0.value("iat"), position: try $0.value("position"), jws: try $0.value("jws"))
      }
    }
  }

  /// Whether the file holds rows that are not of this installation.
  func hasStrangers() async throws(VerifierError) -> Bool {
    let name = installation.text
    return try await read { db in
      try Bool.fetchOne(
        db,
        sql: """
          SELECT EXISTS (SELECT 1 FROM record WHERE installation <> ?)
          OR EXISTS (SELECT 1 FROM receipt WHERE installation <> ?)
          """, arguments: [name, name]) ?? false
    }
  }

  /// What SQLite finds wrong with the file's own structure, nil if nothing.
  func structuralFault() async throws(VerifierError) -> String? {
    do throws(StorageError) { return try await database.faults(most: 1).first } catch {
      throw VerifierError(error)
    }
  }
}
