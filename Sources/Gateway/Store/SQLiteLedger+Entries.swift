internal import Licensing
internal import CivilTime
internal import GRDB
internal import Metering
internal import Sealing
internal import Storage

extension SQLiteLedger {
  func position() throws -> Int64 {
    try firstRow("SELECT coalesce(max(position), 0) AS position FROM entries")?
      .number("position") ?? 0
  }

  func hashes(
    of installation: Thumbprint, in range: ClosedRange<Int64>
  ) throws -> [Int64: Digest] {
    guard let row = try row(of: installation) else { return [:] }
    var hashes: [Int64: Digest] = [:]
    let found = try rows(
      "SELECT seq, hash FROM entries WHERE installation = ? AND seq BETWEEN ? AND ?",
      [row.number, range.lowerBound, range.upperBound])
    for row in found { hashes[try row.number("seq")] = try row.digest("hash") }
    return hashes
  }

  func record(_ seq: Int64, of installation: Thumbprint) throws -> String? {
    guard let row = try row(of: installation) else { return nil }
    return try firstRow(
      "SELECT jws FROM entries WHERE installation = ? AND seq = ?", [row.number, seq]
    ).map { try $0.value("jws") }
  }

  func append(
    _ entries: [LedgerEntry], of installation: Thumbprint, head: ChainHead, at now: Int64
  ) throws -> Int64 {
    let row = try known(installation)
    for entry in entries { try insert(entry, row.number, now) }
    let position = database.lastInsertedRowID
    try setHead(head, of: installation)
    return position
  }

  private func insert(_ entry: LedgerEntry, _ installation: Int64, _ now: Int64) throws {
    switch entry.content {
    case .quarantined:
      try execute(
        """
        INSERT INTO entries (installation, kind, seq, hash, jws, received_at)
        VALUES (?, 'quarantined', ?, ?, ?, ?)
        """, [installation, entry.seq, entry.hash.text, entry.jws, now])
    case .usage(let record, let license):
      try insert(
        EntryColumns(record, license: license), kind: record.stage.rawValue,
        [installation, entry.seq, entry.hash.text, entry.jws, now])
    }
  }

  /// - Parameter place: installation, `seq`, hash, sealed bytes, and when it came.
  func insert(
    _ columns: EntryColumns, kind: String, _ place: StatementArguments
  ) throws {
    try execute(
      """
      INSERT INTO entries (installation, seq, hash, jws, received_at, kind, license, revision,
        date, from_at, to_at, at, peak, peak_at, online, "limit", collectors, refused, observed,
        gaps, "window", dwell, identity, sample)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
      """,
      place + [
        kind, columns.license.text, columns.revision, columns.date.daysSinceEpoch, columns.from,
        columns.to, columns.at, columns.peak?.count, columns.peak?.at, columns.online,
        columns.limit, columns.collectors, columns.refused, columns.observed, columns.gaps,
        columns.rule?.window, columns.rule?.dwell, columns.rule?.identity, columns.sample,
      ])
  }

  func receipt(of installation: Thumbprint, atOrAfter seq: Int64) throws -> StoredReceipt? {
    guard let row = try row(of: installation) else { return nil }
    return try firstRow(
      """
      SELECT seq, position, iat, jws FROM receipts WHERE installation = ? AND seq >= ?
      ORDER BY seq LIMIT 1
      """, [row.number, seq]
    ).map { try $0.receipt() }
  }

  func recordCount(of installation: Thumbprint) throws -> Int64 {
    guard let row = try row(of: installation) else { return 0 }
    return try firstRow(
      "SELECT count(*) AS records FROM entries WHERE installation = ? AND seq > 0", [row.number]
    )?.number("records") ?? 0
  }

  func receiptCount(of installation: Thumbprint) throws -> Int64 {
    guard let row = try row(of: installation) else { return 0 }
    return try firstRow(
      "SELECT count(*) AS receipts FROM receipts WHERE installation = ?", [row.number]
    )?.number("receipts") ?? 0
  }

  func add(_ receipt: StoredReceipt, of installation: Thumbprint) throws {
    try execute(
      "INSERT INTO receipts (installation, seq, position, iat, jws) VALUES (?, ?, ?, ?, ?)",
      [
        try known(installation).number, receipt.seq, receipt.position, receipt.iat, receipt.jws,
      ])
  }

  func alive(of installation: Thumbprint) throws -> StoredAlive? {
    guard let row = try row(of: installation) else { return nil }
    return try firstRow(
      """
      SELECT at, jws, receipt_seq, receipt_position, receipt_iat, receipt FROM alive
      WHERE installation = ?
      """, [row.number]
    ).map { try $0.alive() }
  }

  func setAlive(_ alive: StoredAlive, of installation: Thumbprint) throws {
    let receipt = alive.receipt
    try execute(
      """
      INSERT OR REPLACE INTO alive (installation, at, jws, receipt_seq, receipt_position,
        receipt_iat, receipt) VALUES (?, ?, ?, ?, ?, ?, ?)
      """,
      [
        try known(installation).number, alive.at, alive.jws, receipt.seq, receipt.position,
        receipt.iat, receipt.jws,
      ])
  }

  func newestUsage(of installation: Thumbprint) throws -> NewestUsage? {
    guard let row = try row(of: installation) else { return nil }
    return try firstRow(
      """
      SELECT position, kind, seq, date, peak, peak_at, online, observed, at, received_at
      FROM entries WHERE installation = ? AND kind IN ('sample', 'day') ORDER BY seq DESC LIMIT 1
      """, [row.number]
    ).map { try $0.newestUsage() }
  }
}
