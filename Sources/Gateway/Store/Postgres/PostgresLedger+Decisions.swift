internal import Billing
internal import CivilTime
internal import Licensing
internal import Metering
internal import Postgres
internal import Sealing

// What the gateway enters itself: dates that it closes, decisions of staff.
extension PostgresLedger {
  private static let dates = SQLiteLedger.dates.replacing("?", with: "$")

  func dates(of installation: Thumbprint) throws -> [CivilDate: Bool] {
    guard let row = try row(of: installation) else { return [:] }
    return try rows(Self.dates, [row.number]).reduce(into: [:]) { dates, row in
      dates[try row.date("date")] = try row.number("closed") == 1
    }
  }

  func position(of line: LineID) throws -> Int64 {
    try firstRow(
      """
      SELECT coalesce(max(greatest(\(SQLiteLedger.places))), 0)
        AS position FROM installations AS i WHERE line = $1
      """, [line.text])?.number("position") ?? 0
  }

  func firstDate(of line: LineID, after position: Int64) throws -> CivilDate? {
    try firstRow(
      """
      SELECT min(date) AS date FROM entries
      WHERE installation IN (SELECT id FROM installations WHERE line = $1) AND position > $2
      """, [line.text, position]
    ).flatMap { try $0.optionalDate("date") }
  }

  func looks(due now: Int64, of line: LineID?, limit: Int) throws -> [Thumbprint] {
    try rows(
      """
      SELECT thumbprint FROM looks JOIN installations ON installations.id = looks.installation
      WHERE looks.at <= $1 AND ($2::text IS NULL OR line = $2)
      ORDER BY looks.at, looks.installation LIMIT $3
      """, [now, line?.text, limit]
    ).map { try $0.thumbprint("thumbprint") }
  }

  func setLook(at instant: Int64, of installation: Thumbprint) throws {
    try execute(
      "UPDATE looks SET at = $1 WHERE installation = $2",
      [instant, try requireRow(of: installation).number])
  }

  func append(
    _ closing: DateClosing, sealed jws: String, of installation: Thumbprint, at now: Int64
  ) throws -> Int64 {
    let gaps = JSONValue.array(closing.gaps.map(\.json)).text
    let place = try nextPosition()
    try execute(
      """
      INSERT INTO entries (position, installation, kind, jws, received_at, license, revision, date,
        from_at, to_at, at, peak, peak_at, observed, gaps, "window", dwell, identity, sample)
      VALUES ($1, $2, 'closing', $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17,
        $18)
      """,
      [
        place, try requireRow(of: installation).number, jws, now, closing.license.text,
        closing.revision, closing.date.daysSinceEpoch, closing.from, closing.to, now,
        closing.peak, closing.peakAt, closing.observed, gaps, closing.rule?.window,
        closing.rule?.dwell, closing.rule?.identity, closing.seq,
      ])
    return place
  }

  func append(
    decision jws: String, of installation: Thumbprint, at now: Int64
  ) throws -> Int64 {
    let place = try nextPosition()
    try execute(
      """
      INSERT INTO entries (position, installation, kind, jws, received_at)
      VALUES ($1, $2, 'decision', $3, $4)
      """, [place, try requireRow(of: installation).number, jws, now])
    return place
  }

  func user(ofPermitAt position: Int64) throws -> Thumbprint? {
    try firstRow(
      """
      SELECT thumbprint FROM permit_uses
      JOIN installations ON installations.id = permit_uses.installation WHERE position = $1
      """, [position]
    )?.thumbprint("thumbprint")
  }

  func usePermit(at position: Int64, by installation: Thumbprint) throws {
    try execute(
      "INSERT INTO permit_uses (position, installation) VALUES ($1, $2)",
      [position, try requireRow(of: installation).number])
  }

  func decisions(of installation: Thumbprint) throws -> [StoredDecision] {
    guard let row = try row(of: installation) else { return [] }
    return try rows(
      """
      SELECT position, jws FROM entries WHERE installation = $1 AND kind = 'decision'
      ORDER BY position
      """, [row.number]
    ).map { try $0.decision() }
  }

  func decisions(
    of line: LineID, between instants: Range<Int64>, dates: ClosedRange<CivilDate>
  ) throws -> [StoredDecision] {
    try rows(
      """
      SELECT position, jws FROM entries
      WHERE installation IN (SELECT id FROM installations WHERE line = $1)
        AND kind = 'decision' AND received_at >= $2 AND received_at < $3
      UNION ALL SELECT position, jws FROM entries
      WHERE installation IN (SELECT id FROM installations WHERE line = $1)
        AND kind = 'closing' AND date BETWEEN $4 AND $5
      ORDER BY position
      """,
      [
        line.text, instants.lowerBound, instants.upperBound, dates.lowerBound.daysSinceEpoch,
        dates.upperBound.daysSinceEpoch,
      ]
    ).map { try $0.decision() }
  }

  func finalMonths(of line: LineID) throws -> Set<Month> {
    let found = try rows("SELECT month FROM final_statements WHERE line = $1", [line.text])
    return Set(try found.map { Month(of: try $0.date("month")) })
  }

  func linesWithFinalStatements() throws -> [LineID] {
    try rows("SELECT DISTINCT line FROM final_statements ORDER BY line", [])
      .map { try $0.identifier("line") }
  }

  func finalStatements(of line: LineID) throws -> [StoredStatement] {
    try rows(
      "SELECT month, jws FROM final_statements WHERE line = $1 ORDER BY id", [line.text]
    ).map { try $0.finalStatement() }
  }

  func add(final statement: StoredStatement, of line: LineID, at now: Int64) throws {
    try execute(
      "INSERT INTO final_statements (line, month, jws, made_at) VALUES ($1, $2, $3, $4)",
      [line.text, statement.month.first.daysSinceEpoch, statement.jws, now])
  }
}
