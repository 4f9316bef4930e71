internal import Billing
internal import CivilTime
internal import Licensing
internal import Metering
internal import Sealing

// What the gateway enters itself: dates that it closes, decisions of staff.
extension SQLLedger {
  /// One step for each date, however many samples it has.
  private static var dates: String {
    """
    WITH RECURSIVE dates (date) AS (
      SELECT min(date) FROM entries WHERE installation = $1
      UNION ALL SELECT (SELECT min(date) FROM entries WHERE installation = $1
        AND date > dates.date) FROM dates WHERE dates.date IS NOT NULL)
    SELECT date, CASE WHEN EXISTS (SELECT 1 FROM entries AS e WHERE e.installation = $1
      AND e.date = dates.date AND e.kind IN ('day', 'closing')) THEN 1 ELSE 0 END AS closed
    FROM dates WHERE date IS NOT NULL
    """
  }

  func dates(of installation: Thumbprint) throws -> [CivilDate: Bool] {
    guard let row = try row(of: installation) else { return [:] }
    return try rows(Self.dates, [row.number]).reduce(into: [:]) { dates, row in
      dates[try row.date("date")] = try row.number("closed") == 1
    }
  }

  func firstDate(of line: LineID, after position: Int64) throws -> CivilDate? {
    let entered = try firstRow(
      """
      SELECT min(date) AS date FROM entries
      WHERE installation IN (SELECT id FROM installations WHERE line = $1) AND position > $2
      """, [line.text, position]
    ).flatMap { try $0.optionalDate("date") }
    let decided = try rows(
      """
      SELECT position, jws FROM entries
      WHERE installation IN (SELECT id FROM installations WHERE line = $1) AND kind = 'decision'
        AND position > $2
      """, [line.text, position]
    ).compactMap { try sound(try? QuotedDecision(try $0.text("jws"))).decision.billChange?.from }
    return ([entered].compactMap(\.self) + decided).min()
  }

  func looks(due now: Int64, of line: LineID?, limit: Int) throws -> [Thumbprint] {
    // By the index of the line where one is given, else by that of the time.
    let found =
      if let line {
        try rows(
          """
          SELECT thumbprint FROM looks JOIN installations ON installations.id = looks.installation
          WHERE +looks.at <= $1 AND line = $2 ORDER BY looks.at, looks.installation LIMIT $3
          """, [now, line.text, limit])
      } else {
        try rows(
          """
          SELECT thumbprint FROM looks JOIN installations ON installations.id = looks.installation
          WHERE looks.at <= $1 ORDER BY looks.at, looks.installation LIMIT $2
          """, [now, limit])
      }
    return try found.map { try $0.thumbprint("thumbprint") }
  }

  func setLook(at instant: Int64, of installation: Thumbprint) throws {
    try execute(
      "UPDATE looks SET at = $1 WHERE installation = $2",
      [instant, try requireRow(of: installation).number])
  }

  func append(
    _ closing: DateClosing, sealed jws: String, of installation: Thumbprint, at now: Int64
  ) throws -> Int64 {
    let entry = NewEntry(kind: .closing, jws: jws, columns: EntryColumns(closing, at: now))
    return try enter([entry], of: try requireRow(of: installation).number, at: now)
  }

  func append(
    decision jws: String, of installation: Thumbprint, at now: Int64
  ) throws -> Int64 {
    let entry = NewEntry(kind: .decision, jws: jws)
    return try enter([entry], of: try requireRow(of: installation).number, at: now)
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

  func decisions(of line: LineID) throws -> [StoredDecision] {
    try rows(
      """
      SELECT position, jws FROM entries
      WHERE installation IN (SELECT id FROM installations WHERE line = $1) AND kind = 'decision'
      ORDER BY position
      """, [line.text]
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

  func finalStatement(of line: LineID, in month: Month) throws -> StoredStatement? {
    try firstRow(
      "SELECT month, jws FROM final_statements WHERE line = $1 AND month = $2",
      [line.text, month.first.daysSinceEpoch]
    ).map { try $0.finalStatement() }
  }

  func finalStatements(of line: LineID) throws -> [StoredStatement] {
    try rows(
      "SELECT month, jws FROM final_statements WHERE line = $1 ORDER BY id", [line.text]
    ).map { try $0.finalStatement() }
  }

  func newestFinalStatement(
    of line: LineID, besides month: Month
  ) throws -> StoredStatement? {
    try firstRow(
      """
      SELECT month, jws FROM final_statements
      WHERE id = (SELECT max(id) FROM final_statements WHERE line = $1 AND month <> $2)
      """, [line.text, month.first.daysSinceEpoch]
    ).map { try $0.finalStatement() }
  }

  func add(final statement: StoredStatement, of line: LineID, at now: Int64) throws {
    try execute(
      "INSERT INTO final_statements (line, month, jws, made_at) VALUES ($1, $2, $3, $4)",
      [line.text, statement.month.first.daysSinceEpoch, statement.jws, now])
  }
}
