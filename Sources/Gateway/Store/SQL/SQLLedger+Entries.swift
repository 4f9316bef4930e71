internal import CivilTime
internal import Licensing
internal import Metering
internal import Sealing

extension SQLLedger {
  func hashes(
    of installation: Thumbprint, in range: ClosedRange<Int64>
  ) throws -> [Int64: Digest] {
    guard let row = try row(of: installation) else { return [:] }
    var hashes: [Int64: Digest] = [:]
    let found = try rows(
      "SELECT seq, hash FROM entries WHERE installation = $1 AND seq BETWEEN $2 AND $3",
      [row.number, range.lowerBound, range.upperBound])
    for row in found { hashes[try row.number("seq")] = try row.digest("hash") }
    return hashes
  }

  func record(_ seq: Int64, of installation: Thumbprint) throws -> String? {
    guard let row = try row(of: installation) else { return nil }
    return try firstRow(
      "SELECT jws FROM entries WHERE installation = $1 AND seq = $2", [row.number, seq]
    )?.text("jws")
  }

  func append(
    _ entries: [LedgerEntry], of installation: Thumbprint, head: ChainHead, at now: Int64
  ) throws -> Int64 {
    let number = try requireRow(of: installation).number
    let position = try enter(entries.map(NewEntry.init), of: number, at: now)
    try setHead(head, of: installation)
    return position
  }

  func receipt(of installation: Thumbprint, atOrAfter seq: Int64) throws -> StoredReceipt? {
    guard let row = try row(of: installation) else { return nil }
    return try firstRow(
      """
      SELECT seq, position, iat, jws FROM receipts WHERE installation = $1 AND seq >= $2
      ORDER BY seq LIMIT 1
      """, [row.number, seq]
    ).map { try $0.receipt() }
  }

  func recordCount(of installation: Thumbprint) throws -> Int64 {
    guard let row = try row(of: installation) else { return 0 }
    return try firstRow(
      "SELECT count(*) AS records FROM entries WHERE installation = $1 AND seq > 0",
      [row.number]
    )?.number("records") ?? 0
  }

  func receiptCount(of installation: Thumbprint) throws -> Int64 {
    guard let row = try row(of: installation) else { return 0 }
    return try firstRow(
      "SELECT count(*) AS receipts FROM receipts WHERE installation = $1", [row.number]
    )?.number("receipts") ?? 0
  }

  func add(_ receipt: StoredReceipt, of installation: Thumbprint) throws {
    try execute(
      "INSERT INTO receipts (installation, seq, position, iat, jws) VALUES ($1, $2, $3, $4, $5)",
      [
        try requireRow(of: installation).number, receipt.seq, receipt.position, receipt.iat,
        receipt.jws,
      ])
  }

  func alive(of installation: Thumbprint) throws -> StoredAlive? {
    guard let row = try row(of: installation) else { return nil }
    return try firstRow(
      """
      SELECT at, jws, receipt_seq, receipt_position, receipt_iat, receipt FROM alive
      WHERE installation = $1
      """, [row.number]
    ).map { try $0.alive() }
  }

  func setAlive(_ alive: StoredAlive, of installation: Thumbprint) throws {
    let receipt = alive.receipt
    try execute(
      """
      INSERT INTO alive (installation, at, jws, receipt_seq, receipt_position, receipt_iat, receipt)
      VALUES ($1, $2, $3, $4, $5, $6, $7)
      ON CONFLICT (installation) DO UPDATE SET at = excluded.at, jws = excluded.jws,
        receipt_seq = excluded.receipt_seq, receipt_position = excluded.receipt_position,
        receipt_iat = excluded.receipt_iat, receipt = excluded.receipt
      """,
      [
        try requireRow(of: installation).number, alive.at, alive.jws, receipt.seq,
        receipt.position, receipt.iat, receipt.jws,
      ])
  }

  func newestUsage(of installation: Thumbprint) throws -> NewestUsage? {
    guard let row = try row(of: installation) else { return nil }
    return try firstRow(
      """
      SELECT position, kind, seq, date, peak, peak_at, online, observed, at, received_at
      FROM entries WHERE installation = $1 AND kind IN ('sample', 'day') ORDER BY seq DESC LIMIT 1
      """, [row.number]
    ).map { try $0.newestUsage() }
  }
}

extension NewEntry {
  fileprivate init(_ entry: LedgerEntry) {
    switch entry.content {
    case .quarantined:
      self.init(kind: .quarantined, seq: entry.seq, hash: entry.hash, jws: entry.jws)
    case .usage(let record, let license):
      self.init(
        kind: record.stage == .day ? .day : .sample, seq: entry.seq, hash: entry.hash,
        jws: entry.jws, columns: EntryColumns(record, license: license))
    }
  }
}
