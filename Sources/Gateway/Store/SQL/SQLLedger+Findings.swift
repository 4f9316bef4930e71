internal import Licensing
internal import Sealing

// What staff should look at.
extension SQLLedger {
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
    let row = try requireRow(of: installation)
    let opened = try execute(
      """
      INSERT INTO findings (installation, code, seq, first_at, last_at, count)
      VALUES ($1, $2, $3, $4, $4, 1) ON CONFLICT (installation, code) DO NOTHING
      """, [row.number, code.rawValue, seq, now])
    if opened > 0 {
      try announce(.opened(code, seq: seq, of: row.state.installation, at: now), at: now)
    } else {
      try execute(
        """
        UPDATE findings SET last_at = $1, count = count + 1 WHERE installation = $2 AND code = $3
        """, [now, row.number, code.rawValue])
    }
  }
}
