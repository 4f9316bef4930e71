internal import CivilTime
internal import Licensing
internal import Metering
internal import Postgres
internal import Sealing

extension PostgresLedger {
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
    let row = try requireRow(of: installation)
    var list: [JSONValue] = []
    for entry in entries { list.append(Self.json(entry, at: try nextPosition())) }
    try execute(Self.insert, [JSONValue.array(list).text, row.number, now])
    try setHead(head, of: installation)
    return try position()
  }

  /// All of a report in one turn to the server: its records are one value, an array of objects.
  private static let insert = """
    INSERT INTO entries (position, installation, kind, seq, hash, jws, received_at, license,
      revision, date, from_at, to_at, at, peak, peak_at, online, "limit", collectors, refused,
      observed, gaps, "window", dwell, identity)
    SELECT position, $2::bigint, kind, seq, hash, jws, $3::bigint, license, revision, date, from_at,
      to_at, at, peak, peak_at, online, "limit", collectors, refused, observed, gaps, "window", dwell,
      identity
    FROM json_to_recordset($1::json) AS record (position bigint, kind text, seq bigint, hash text,
      jws text, license text, revision bigint, date bigint, from_at bigint, to_at bigint, at bigint,
      peak bigint, peak_at bigint, online bigint, "limit" bigint, collectors bigint, refused bigint,
      observed bigint, gaps text, "window" bigint, dwell bigint, identity text)
    """

  private static func json(_ entry: LedgerEntry, at position: Int64) -> JSONValue {
    let members = [
      JSONMember("position", .integer(position)), JSONMember("seq", .integer(entry.seq)),
      JSONMember("hash", .string(entry.hash.text)), JSONMember("jws", .string(entry.jws)),
    ]
    switch entry.content {
    case .quarantined: return .object(members + [JSONMember("kind", .string("quarantined"))])
    case .usage(let record, let license): return .object(members + self.members(record, license))
    }
  }

  /// The columns of an understood record; what it does not say is NULL.
  private static func members(_ record: UsageRecord, _ license: LicenseID) -> [JSONMember] {
    let numbers: [(String, Int64?)] = [
      ("revision", record.revision), ("date", record.date.daysSinceEpoch),
      ("from_at", record.from), ("to_at", record.to), ("at", record.at),
      ("peak", record.peak?.count), ("peak_at", record.peak?.at), ("online", record.online),
      ("limit", record.limit), ("collectors", record.distinct), ("refused", record.refused),
      ("observed", record.observed), ("window", record.rule.window),
      ("dwell", record.rule.dwell),
    ]
    let texts = [
      ("kind", record.stage.rawValue), ("license", license.text),
      ("gaps", JSONValue.array(record.gaps.map(\.json)).text),
      ("identity", record.rule.identity),
    ]
    return numbers.compactMap { name, number in number.map { JSONMember(name, .integer($0)) } }
      + texts.map { JSONMember($0.0, .string($0.1)) }
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

  // MARK: Findings

  func conflict(of installation: Thumbprint) throws -> StoredConflict? {
    guard let row = try row(of: installation) else { return nil }
    return try firstRow(
      "SELECT seq, jws, count FROM conflicts WHERE installation = $1", [row.number]
    ).map { try $0.conflict() }
  }

  func noteConflict(
    seq: Int64, records: [String], of installation: Thumbprint, at now: Int64
  ) throws {
    try execute(
      """
      INSERT INTO conflicts (installation, seq, jws, first_at, count) VALUES ($1, $2, $3, $4, 1)
      ON CONFLICT (installation) DO UPDATE SET count = conflicts.count + 1
      """,
      [
        try requireRow(of: installation).number, seq, records.joined(separator: "\n"), now,
      ])
  }

  func findings(of installation: Thumbprint) throws -> [LedgerFinding] {
    guard let row = try row(of: installation) else { return [] }
    return try rows(
      """
      SELECT code, seq, first_at, last_at, count FROM findings WHERE installation = $1
      ORDER BY code
      """, [row.number]
    ).map { try $0.finding() }
  }

  func note(
    _ code: LedgerFinding.Code, seq: Int64, of installation: Thumbprint, at now: Int64
  ) throws {
    try execute(
      """
      INSERT INTO findings (installation, code, seq, first_at, last_at, count)
      VALUES ($1, $2, $3, $4, $4, 1)
      ON CONFLICT (installation, code) DO UPDATE SET last_at = excluded.last_at,
        count = findings.count + 1
      """, [try requireRow(of: installation).number, code.rawValue, seq, now])
  }
}
