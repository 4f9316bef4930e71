internal import Licensing
internal import Sealing

extension SQLLedger {
  private static var licenseColumns: String { "id, line, revision, jws, published_at" }

  func license(_ id: LicenseID) throws -> StoredLicense? {
    try firstRow("SELECT \(Self.licenseColumns) FROM licenses WHERE id = $1", [id.text])
      .map { try $0.license() }
  }

  func lines(after last: LineID?, limit: Int) throws -> [LineID] {
    try rows(
      "SELECT DISTINCT line FROM licenses WHERE line > $1 ORDER BY line LIMIT $2",
      [last?.text ?? "", limit]
    ).map { try $0.identifier("line") }
  }

  func licenses(after cursor: LicenseID?, limit: Int) throws -> [StoredLicense] {
    try rows(
      "SELECT \(Self.licenseColumns) FROM licenses WHERE id > $1 ORDER BY id LIMIT $2",
      [cursor?.text ?? "", limit]
    ).map { try $0.license() }
  }

  func licenses(of line: LineID) throws -> [StoredLicense] {
    try rows(
      "SELECT \(Self.licenseColumns) FROM licenses WHERE line = $1 ORDER BY revision, id",
      [line.text]
    ).map { try $0.license() }
  }

  func put(_ license: StoredLicense, at now: Int64) throws {
    let changed = try execute(
      """
      INSERT INTO licenses (id, line, revision, jws, published_at, seen_at)
      VALUES ($1, $2, $3, $4, $5, $6)
      ON CONFLICT (id) DO UPDATE SET line = excluded.line, revision = excluded.revision,
        jws = excluded.jws, published_at = excluded.published_at
        WHERE licenses.published_at IS NULL AND excluded.published_at IS NOT NULL
      """,
      [
        license.id.text, license.line.text, license.revision, license.jws,
        license.isPublished ? now : nil, now,
      ])
    guard changed > 0 else { return }
    notePublication()
    // Dates may have become due, or begun to be billed; usage may be reported otherwise from now on.
    for table in ["looks", "watches"] {
      try execute(
        """
        UPDATE \(table) SET at = 0
        WHERE installation IN (SELECT id FROM installations WHERE line = $1)
        """, [license.line.text])
    }
  }

  func keysets() throws -> [StoredKeyset] {
    try rows("SELECT epoch, document FROM keysets ORDER BY epoch").map { try $0.keyset() }
  }

  func put(_ keyset: StoredKeyset, at now: Int64) throws {
    let changed = try execute(
      """
      INSERT INTO keysets (epoch, document, stored_at) VALUES ($1, $2, $3)
      ON CONFLICT (epoch) DO NOTHING
      """, [keyset.epoch, keyset.text, now])
    if changed > 0 { notePublication() }
  }

  func removeKeysets() throws {
    try execute("DELETE FROM keysets")
    notePublication()
  }

  func revocations() throws -> String? {
    try firstRow("SELECT jws FROM revocations WHERE id = 1")?.text("jws")
  }

  func setRevocations(_ jws: String, at now: Int64) throws {
    try execute(
      """
      INSERT INTO revocations (id, jws, stored_at) VALUES (1, $1, $2)
      ON CONFLICT (id) DO UPDATE SET jws = excluded.jws, stored_at = excluded.stored_at
      """, [jws, now])
    notePublication()
  }
}
