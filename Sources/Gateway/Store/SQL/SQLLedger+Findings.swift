internal import Billing
internal import CivilTime
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

  // MARK: Reading

  private static var select: String {
    """
    SELECT findings.id AS id, thumbprint, line, code, state, seq, last_seq, first_at, last_at, count,
      date, seconds, level, owner, note, resolution, resolved_at
    FROM findings JOIN installations ON installations.id = findings.installation
    """
  }

  func findings(of installation: Thumbprint) throws -> [LedgerFinding] {
    guard let row = try row(of: installation) else { return [] }
    return try rows(
      "\(Self.select) WHERE findings.installation = $1 ORDER BY code", [row.number]
    ).map { try $0.finding() }
  }

  func finding(_ id: FindingID) throws -> LedgerFinding? {
    try firstRow("\(Self.select) WHERE findings.id = $1", [id.number]).map { try $0.finding() }
  }

  func findings(
    _ filter: FindingFilter, after cursor: FindingID?, limit: Int
  ) throws -> [LedgerFinding] {
    var values: [(any LedgerValue)?] = [cursor?.number ?? 0]
    var conditions = ["findings.id > $1"]
    let wanted = [
      ("state", filter.state?.rawValue), ("code", filter.code?.rawValue),
      ("line", filter.line?.text), ("thumbprint", filter.installation?.text),
    ]
    for (column, value) in wanted {
      guard let value else { continue }
      values.append(value)
      conditions.append("\(column) = $\(values.count)")
    }
    values.append(limit)
    return try rows(
      """
      \(Self.select) WHERE \(conditions.joined(separator: " AND "))
      ORDER BY findings.id LIMIT $\(values.count)
      """, values
    ).map { try $0.finding() }
  }

  private static var stepColumns: String {
    "what, at, who, why, owner, note, resolution, level"
  }

  func events(of finding: FindingID) throws -> [FindingEvent] {
    try rows(
      "SELECT \(Self.stepColumns) FROM finding_states WHERE finding = $1 ORDER BY id",
      [finding.number]
    ).map { try $0.findingEvent() }
  }

  func lastEvent(of finding: FindingID) throws -> FindingEvent? {
    try firstRow(
      """
      SELECT \(Self.stepColumns) FROM finding_states WHERE finding = $1 ORDER BY id DESC LIMIT 1
      """, [finding.number]
    ).map { try $0.findingEvent() }
  }

  func unresolvedFindings() throws -> [LedgerFinding.Code: Int64] {
    try rows(
      "SELECT code, count(*) AS found FROM findings WHERE state <> 'resolved' GROUP BY code"
    ).reduce(into: [:]) { $0[try $1.choice("code")] = try $1.number("found") }
  }

  func closedGaps(before instant: Int64, limit: Int) throws -> [FindingID] {
    try rows(
      """
      SELECT findings.id AS id FROM findings
      JOIN heads ON heads.installation = findings.installation
      WHERE code = 'CHAIN_GAP' AND state <> 'resolved' AND last_seq <= heads.seq AND last_at <= $1
      ORDER BY findings.id LIMIT $2
      """, [instant, limit]
    ).map { FindingID(number: try $0.number("id")) }
  }

  func strayFindings(limit: Int) throws -> [FindingID] {
    try rows(
      """
      SELECT id FROM findings WHERE coalesce((
        SELECT CASE what WHEN 'acknowledged' THEN 'acknowledged' WHEN 'resolved' THEN 'resolved'
          ELSE 'open' END
        FROM finding_states WHERE finding = findings.id AND what <> 'escalated'
        ORDER BY id DESC LIMIT 1), '') <> state ORDER BY id LIMIT $1
      """, [limit]
    ).map { FindingID(number: try $0.number("id")) }
  }

  // MARK: Noting

  @discardableResult
  func note(
    _ sign: FindingSign, of installation: Thumbprint, at now: Int64
  ) throws -> FindingChange {
    let number = try requireRow(of: installation).number
    guard let known = try self.known(sign.code, of: number) else {
      try add(sign, of: number, at: now)
      return try step(.opened, sign, of: number, at: now)
    }
    try count(sign, in: known.id, at: now)
    if known.state == .resolved { return try step(.reopened, sign, of: number, at: now) }
    guard let level = sign.level, level > known.level ?? 0 else { return .counted }
    return try step(.escalated, sign, of: number, at: now)
  }

  private func add(_ sign: FindingSign, of number: Int64, at now: Int64) throws {
    try execute(
      """
      INSERT INTO findings (installation, code, state, seq, last_seq, first_at, last_at, count,
        date, seconds, level) VALUES ($1, $2, 'open', $3, $4, $5, $5, $6, $7, $8, $9)
      """,
      [
        number, sign.code.rawValue, sign.seq, sign.lastSeq, now, max(1, sign.count),
        sign.date?.daysSinceEpoch, sign.seconds, sign.level,
      ])
  }

  /// A gap reaches as far as anything that was seen behind it.
  private func count(_ sign: FindingSign, in finding: FindingID, at now: Int64) throws {
    try execute(
      """
      UPDATE findings SET last_seq = CASE
          WHEN code = 'CHAIN_GAP' AND coalesce($1, last_seq) < last_seq THEN last_seq
          ELSE coalesce($1, last_seq) END, last_at = $2, count = count + $3,
        date = coalesce($4, date), seconds = coalesce($5, seconds), level = coalesce($6, level)
      WHERE id = $7
      """,
      [
        sign.lastSeq, now, sign.count, sign.date?.daysSinceEpoch, sign.seconds, sign.level,
        finding.number,
      ])
  }

  private func step(
    _ what: FindingEvent.What, _ sign: FindingSign, of number: Int64, at now: Int64
  ) throws -> FindingChange {
    let event = FindingEvent(what, at: now, by: Decision.gateway, level: sign.level)
    try enter(event, of: try sound(try known(sign.code, of: number)))
    return what == .escalated ? .escalated : .opened
  }

  private func known(_ code: LedgerFinding.Code, of number: Int64) throws -> LedgerFinding? {
    try firstRow(
      "\(Self.select) WHERE findings.installation = $1 AND code = $2", [number, code.rawValue]
    ).map { try $0.finding() }
  }

  /// Every step in the life of a finding passes here, and nowhere else: opened, escalated, acknowledged,
  /// resolved, opened again; each is announced here, in the change that makes it, where others should know.
  @discardableResult
  func enter(_ event: FindingEvent, of finding: LedgerFinding) throws -> LedgerFinding {
    let changed = finding.after(event)
    try execute(
      """
      UPDATE findings SET state = $1, owner = $2, note = $3, resolution = $4, resolved_at = $5
      WHERE id = $6
      """,
      [
        changed.state.rawValue, changed.owner, changed.note, changed.resolution?.rawValue,
        changed.resolvedAt, changed.id.number,
      ])
    try execute(
      """
      INSERT INTO finding_states (finding, what, at, who, why, owner, note, resolution, level)
      VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
      """,
      [
        changed.id.number, event.what.rawValue, event.at, event.by, event.why, event.owner,
        event.note, event.resolution?.rawValue, event.level,
      ])
    if let fact = GatewayEvent.step(event, of: changed) { try announce(fact, at: event.at) }
    return changed
  }

  // MARK: Silence

  func watches(due now: Int64, limit: Int) throws -> [Thumbprint] {
    try rows(
      """
      SELECT thumbprint FROM watches JOIN installations ON installations.id = watches.installation
      WHERE watches.at <= $1 ORDER BY watches.at, watches.installation LIMIT $2
      """, [now, limit]
    ).map { try $0.thumbprint("thumbprint") }
  }

  func setWatch(at instant: Int64, of installation: Thumbprint) throws {
    // By name: whose row cannot be read is put off, too.
    try execute(
      """
      UPDATE watches SET at = $1
      WHERE installation = (SELECT id FROM installations WHERE thumbprint = $2)
      """, [instant, installation.text])
  }
}

extension LedgerFinding {
  /// What a step makes of it.
  fileprivate func after(_ event: FindingEvent) -> LedgerFinding {
    var changed = self
    guard let state = event.what.state else { return changed }
    changed.state = state
    changed.owner = event.owner ?? owner
    changed.note = event.note ?? note
    changed.resolution = event.resolution
    changed.resolvedAt = state == .resolved ? event.at : nil
    return changed
  }
}
