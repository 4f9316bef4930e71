internal import CivilTime
internal import GRDB
internal import Licensing
internal import Sealing
internal import Storage

extension SQLiteLedger {
  private static let columns = """
    installations.id, thumbprint, public_key, line, license, activated_at, replaces, replaced_by,
    replaced_at, released_at, seq, hash, word_at, day_to, closed_date, closed_to, receipt_at
    """
  private static let tables = "installations JOIN heads ON heads.installation = installations.id"

  func fetchRow(of installation: Thumbprint) throws -> Row? {
    try firstRow(
      "SELECT \(Self.columns) FROM \(Self.tables) WHERE thumbprint = ?", [installation.text]
    ).map(Self.row)
  }

  /// Every installation, for memory.
  static func allRows(_ database: Database, _ body: (Row) -> Void) throws {
    let cursor = try GRDB.Row.fetchCursor(database, sql: "SELECT \(columns) FROM \(tables)")
    while let next = try cursor.next() { body(try row(next)) }
  }

  private static func row(_ row: GRDB.Row) throws -> Row {
    Row(number: try row.number("id"), state: try row.installationState())
  }

  func state(of installation: Thumbprint) throws -> InstallationState? {
    try row(of: installation)?.state
  }

  func activation(of installation: Thumbprint) throws -> String? {
    try firstRow(
      "SELECT activation FROM installations WHERE thumbprint = ?", [installation.text]
    )?.text("activation")
  }

  func installations(of line: LineID) throws -> [Installation] {
    try rows(
      "SELECT \(Self.columns) FROM \(Self.tables) WHERE line = ? ORDER BY installations.id",
      [line.text]
    ).map { try Self.row($0).state.installation }
  }

  func installations(
    after cursor: Thumbprint?, line: LineID?, limit: Int
  ) throws -> [InstallationState] {
    try rows(
      """
      SELECT \(Self.columns) FROM \(Self.tables)
      WHERE thumbprint > ? AND (?2 IS NULL OR line = ?2) ORDER BY thumbprint LIMIT ?
      """, [cursor?.text ?? "", line?.text, limit]
    ).map { try Self.row($0).state }
  }

  func add(_ installation: Installation, enrolment: String, activation: String) throws {
    guard case .ed25519(let point) = installation.key else {
      throw Refusal(.keyNotAllowed, "an installation's key must be an Ed25519 key")
    }
    try execute(
      """
      INSERT INTO installations (thumbprint, public_key, line, license, enrolment, activation,
        activated_at, replaces, replaced_by, replaced_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
      """,
      [
        installation.thumbprint.text, Base64.encode(point, .url), installation.line.text,
        installation.license.text, enrolment, activation, installation.activatedAt,
        installation.replaces?.text, installation.replacedBy?.text, installation.replacedAt,
      ])
    let number = database.lastInsertedRowID
    let head = ChainHead(receiptAt: installation.activatedAt)
    try execute(
      "INSERT INTO heads (installation, seq, word_at, receipt_at) VALUES (?, 0, 0, ?)",
      [number, head.receiptAt])
    try execute("INSERT INTO looks (installation, at) VALUES (?, 0)", [number])
    stage(Row(number: number, state: InstallationState(installation, head)))
  }

  func markReplaced(_ installation: Thumbprint, by other: Thumbprint, at: Int64) throws {
    var row = try known(installation)
    row.state.installation.replacedBy = other
    row.state.installation.replacedAt = at
    try execute(
      "UPDATE installations SET replaced_by = ?, replaced_at = ? WHERE id = ?",
      [other.text, at, row.number])
    stage(row)
  }

  func markReleased(_ installation: Thumbprint, at: Int64) throws {
    var row = try known(installation)
    row.state.installation.releasedAt = at
    try execute("UPDATE installations SET released_at = ? WHERE id = ?", [at, row.number])
    stage(row)
  }

  func setHead(_ head: ChainHead, of installation: Thumbprint) throws {
    var row = try known(installation)
    row.state.head = head
    try execute(
      """
      UPDATE heads SET seq = ?, hash = ?, word_at = ?, day_to = ?, closed_date = ?,
        closed_to = ?, receipt_at = ? WHERE installation = ?
      """,
      [
        head.seq, head.hash?.text, head.wordAt, head.dayTo, head.closed?.date.daysSinceEpoch,
        head.closed?.to, head.receiptAt, row.number,
      ])
    stage(row)
  }
}
