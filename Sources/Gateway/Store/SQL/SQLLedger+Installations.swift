internal import CivilTime
internal import Licensing
internal import Sealing

extension SQLLedger {
  static var installationColumns: String {
    """
    installations.id, thumbprint, public_key, line, license, activated_at, replaces, replaced_by,
    replaced_at, released_at, seq, hash, word_at, day_to, closed_date, closed_to, receipt_at, silent
    """
  }
  static var installationTables: String {
    "installations JOIN heads ON heads.installation = installations.id"
  }

  func fetchRow(of installation: Thumbprint) throws -> InstallationRow? {
    try firstRow(
      "SELECT \(Self.installationColumns) FROM \(Self.installationTables) WHERE thumbprint = $1",
      [installation.text]
    ).map { try $0.installationRow() }
  }

  func state(of installation: Thumbprint) throws -> InstallationState? {
    try row(of: installation)?.state
  }

  func enrolment(of installation: Thumbprint) throws -> String? {
    try paper("enrolment", of: installation)
  }

  func activation(of installation: Thumbprint) throws -> String? {
    try paper("activation", of: installation)
  }

  private func paper(_ column: String, of installation: Thumbprint) throws -> String? {
    try firstRow(
      "SELECT \(column) FROM installations WHERE thumbprint = $1", [installation.text]
    )?.text(column)
  }

  func installations(of line: LineID) throws -> [Installation] {
    try rows(
      "SELECT \(Self.installationColumns) FROM \(Self.installationTables) WHERE line = $1 ORDER BY installations.id",
      [line.text]
    ).map { try read($0).installation }
  }

  /// Reads an installation's row, which is remembered where nothing can change it.
  private func read(_ row: any LedgerRow) throws -> InstallationState {
    let row = try row.installationRow()
    remember(row)
    return row.state
  }

  func installations(
    after cursor: Thumbprint?, line: LineID?, limit: Int
  ) throws -> [InstallationState] {
    try rows(
      """
      SELECT \(Self.installationColumns) FROM \(Self.installationTables)
      WHERE thumbprint > $1 AND (CAST($2 AS text) IS NULL OR line = $2) ORDER BY thumbprint LIMIT $3
      """, [cursor?.text ?? "", line?.text, limit]
    ).map { try $0.installationState() }
  }

  func add(_ installation: Installation, enrolment: String, activation: String) throws {
    guard case .ed25519(let point) = installation.key else {
      throw Refusal(.keyNotAllowed, "an installation's key must be an Ed25519 key")
    }
    try execute(
      """
      INSERT INTO installations (thumbprint, public_key, line, license, enrolment, activation,
        activated_at, replaces, replaced_by, replaced_at)
      VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
      """,
      [
        installation.thumbprint.text, Base64.encode(point, .url), installation.line.text,
        installation.license.text, enrolment, activation, installation.activatedAt,
        installation.replaces?.text, installation.replacedBy?.text, installation.replacedAt,
      ])
    let added = try firstRow(
      "SELECT id FROM installations WHERE thumbprint = $1", [installation.thumbprint.text])
    let number = try sound(added).number("id")
    let head = ChainHead(receiptAt: installation.activatedAt)
    try execute(
      "INSERT INTO heads (installation, seq, word_at, receipt_at) VALUES ($1, 0, 0, $2)",
      [number, head.receiptAt])
    try execute("INSERT INTO looks (installation, at) VALUES ($1, 0)", [number])
    try execute(
      "INSERT INTO watches (installation, at) VALUES ($1, $2)",
      [number, installation.activatedAt + SilenceDesk.shortest])
    stage(InstallationRow(number: number, state: InstallationState(installation, head)))
  }

  func markReplaced(_ installation: Thumbprint, by other: Thumbprint, at: Int64) throws {
    var row = try requireRow(of: installation)
    row.state.installation.replacedBy = other
    row.state.installation.replacedAt = at
    try execute(
      "UPDATE installations SET replaced_by = $1, replaced_at = $2 WHERE id = $3",
      [other.text, at, row.number])
    stage(row)
    try setWatch(at: 0, of: installation)
  }

  func markReleased(_ installation: Thumbprint, at: Int64) throws {
    var row = try requireRow(of: installation)
    row.state.installation.releasedAt = at
    try execute("UPDATE installations SET released_at = $1 WHERE id = $2", [at, row.number])
    stage(row)
    try setWatch(at: 0, of: installation)
  }

  func setHead(_ head: ChainHead, of installation: Thumbprint) throws {
    var row = try requireRow(of: installation)
    row.state.head = head
    try execute(
      """
      UPDATE heads SET seq = $1, hash = $2, word_at = $3, day_to = $4, closed_date = $5,
        closed_to = $6, receipt_at = $7, silent = $8 WHERE installation = $9
      """,
      [
        head.seq, head.hash?.text, head.wordAt, head.dayTo, head.closed?.date.daysSinceEpoch,
        head.closed?.to, head.receiptAt, head.silent, row.number,
      ])
    stage(row)
  }
}
