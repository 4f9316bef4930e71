internal import GRDB
package import Licensing
package import Sealing

extension Ledger {
  /// The newest receipts as they are stored.
  package struct StoredReceipts: Sendable, Equatable {
    /// The newest one.
    package var newest: String?
    /// The newest one that grants a lease.
    package var leasing: String?
    /// The last record that a receipt acknowledges.
    package var through: Int64
  }

  /// Stores a receipt; of two for one record, the later stays.
  package func store(_ receipt: Verified<Receipt>) async throws(VerifierError) {
    let payload = receipt.payload
    let jws = receipt.jws
    try await write { db in
      try db.execute(
        sql: """
          INSERT INTO receipt (installation, seq, leases, iat, position, jws)
          VALUES (?, ?, ?, ?, ?, ?)
          ON CONFLICT (installation, seq, leases) DO UPDATE
          SET iat = excluded.iat, position = excluded.position, jws = excluded.jws
          WHERE excluded.iat >= receipt.iat
          """,
        arguments: [
          payload.installation.text, payload.seq, payload.leaseThrough == nil ? 0 : 1,
          payload.iat, payload.position, jws,
        ])
    }
  }

  /// The receipts that a verdict and the reporter go by.
  package func receipts() async throws(VerifierError) -> StoredReceipts {
    let installation = installation.text
    return try await read { db in
      let newest = "SELECT jws FROM receipt WHERE installation = ?"
      let order = "ORDER BY iat DESC, seq DESC LIMIT 1"
      return StoredReceipts(
        newest: try String.fetchOne(db, sql: "\(newest) \(order)", arguments: [installation]),
        leasing: try String.fetchOne(
          db, sql: "\(newest) AND leases = 1 \(order)", arguments: [installation]),
        through: try Int64.fetchOne(
          db, sql: "SELECT max(seq) FROM receipt WHERE installation = ?",
          arguments: [installation]) ?? 0)
    }
  }
}
