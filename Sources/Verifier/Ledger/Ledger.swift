internal import CivilTime
internal import GRDB
package import Libcrypto
internal import Metering
package import Sealing
package import Storage

/// The durable memory of one installation: its chain, receipts, documents and clock.
///
/// Rules:
/// 1. A record's place is found, its seal made and its row written in one transaction, so that the
///    chain has neither holes nor two records of one place.
/// 2. A date is closed once: a second `day` record of it is not written.
/// 3. What a call returns has been flushed to the disk.
package struct Ledger: Sendable {
  package let installation: Thumbprint
  /// When the installation first started, as the wall clock had it.
  package let begun: Int64
  package let database: DurableDatabase
  private let key: InstallationKey

  /// Opens the ledger of the installation that the key is.
  /// - Parameter now: the time of a first start.
  /// - Throws: ``VerifierError`` `LEDGER_UNUSABLE` for another installation's.
  package init(path: String, key: InstallationKey, now: Int64) throws(VerifierError) {
    do throws(StorageError) {
      database = try DurableDatabase(path: path, migrations: LedgerSchema.migrations)
    } catch { throw VerifierError(error) }
    self.key = key
    installation = key.thumbprint
    let (owner, begun) = try Self.claim(database, for: installation, now: now)
    guard owner == installation.text else {
      throw VerifierError(
        .ledgerUnusable,
        "\(path) is the ledger of installation \(owner), the key is of \(installation): restore "
          + "both from one backup")
    }
    self.begun = begun
  }

  private static func claim(
    _ database: DurableDatabase, for installation: Thumbprint, now: Int64
  ) throws(VerifierError) -> (owner: String, begun: Int64) {
    do {
      return try database.pool.write { db in
        try db.execute(
          sql: """
            INSERT INTO installation (id, thumbprint, begun) VALUES (1, ?, ?)
            ON CONFLICT (id) DO NOTHING
            """, arguments: [installation.text, max(0, now)])
        let row = try Row.fetchOne(db, sql: "SELECT thumbprint, begun FROM installation")
        return (row?["thumbprint"] ?? "", row?["begun"] ?? 0)
      }
    } catch { throw VerifierError(database.fault(error)) }
  }

  /// Makes the file and its tables where there are none, before there is a key.
  /// - Returns: the installation whose ledger it is, nil for a new one.
  package static func prepare(path: String) throws(VerifierError) -> String? {
    do {
      let database = try DurableDatabase(path: path, migrations: LedgerSchema.migrations)
      let owner = try database.pool.read { db in
        try String.fetchOne(db, sql: "SELECT thumbprint FROM installation")
      }
      try database.close()
      return owner
    } catch { throw VerifierError(StorageError(error, path: path)) }
  }

  /// Runs one write transaction.
  func write<Value: Sendable>(
    _ body: @escaping @Sendable (Database) throws -> Value
  ) async throws(VerifierError) -> Value {
    do { return try await database.pool.write(body) } catch { throw fault(error) }
  }

  /// Reads the last commit.
  func read<Value: Sendable>(
    _ body: @escaping @Sendable (Database) throws -> Value
  ) async throws(VerifierError) -> Value {
    do { return try await database.pool.read(body) } catch { throw fault(error) }
  }

  private func fault(_ error: any Error) -> VerifierError {
    (error as? VerifierError) ?? VerifierError(database.fault(error))
  }

  /// Appends a record; of a date that is closed already, gives the record that closed it.
  package func append(_ draft: RecordDraft) async throws(VerifierError) -> LedgerEntry {
    let installation = installation
    let key = key
    return try await write { db in
      if draft.closing != nil, let closed = try Self.closing(of: draft, installation, in: db) {
        return closed
      }
      let head = try Self.head(of: installation, in: db)
      let record = draft.record(of: installation, after: head)
      let jws: String
      do throws(LibcryptoError) { jws = try key.seal(record) } catch { throw VerifierError(error) }
      let entry = LedgerEntry(
        seq: record.seq, jws: jws, hash: LibcryptoProvider().sha256(Array(jws.utf8)),
        stage: record.stage, date: record.date, at: record.at)
      try Self.insert(entry, installation, in: db)
      return entry
    }
  }

  private static func closing(
    of draft: RecordDraft, _ installation: Thumbprint, in db: Database
  ) throws -> LedgerEntry? {
    try Row.fetchOne(
      db, sql: "\(columns) WHERE installation = ? AND kind = 'day' AND date = ?",
      arguments: [installation.text, draft.day.date.description]
    ).map(entry)
  }

  private static func insert(
    _ entry: LedgerEntry, _ installation: Thumbprint, in db: Database
  ) throws {
    try db.execute(
      sql: """
        INSERT INTO record (installation, seq, jws, hash, kind, date, at)
        VALUES (?, ?, ?, ?, ?, ?, ?)
        """,
      arguments: [
        installation.text, entry.seq, entry.jws, entry.hash.text, entry.stage.rawValue,
        entry.date.description, entry.at,
      ])
  }

  static func head(of installation: Thumbprint, in db: Database) throws -> ChainHead {
    let row = try Row.fetchOne(
      db, sql: "SELECT seq, hash FROM record WHERE installation = ? ORDER BY seq DESC LIMIT 1",
      arguments: [installation.text])
    guard let row else { return .none }
    return ChainHead(seq: try row.value("seq"), hash: try digest(row.value("hash")))
  }

  static let columns = "SELECT seq, jws, hash, kind, date, at FROM record"

  static func entry(_ row: Row) throws -> LedgerEntry {
    let seq: Int64 = try row.value("seq")
    guard let stage = UsageRecord.Stage(rawValue: try row.value("kind")),
      let date = CivilDate(try row.value("date") as String)
    else { throw damaged("record \(seq) has no kind or date that is known") }
    guard let jws: String = try row.optional("jws") else { throw dropped(seq) }
    return LedgerEntry(
      seq: seq, jws: jws, hash: try digest(row.value("hash")), stage: stage, date: date,
      at: try row.value("at"))
  }

  static func dropped(_ seq: Int64) -> VerifierError {
    VerifierError(
      .samplesDropped,
      "SAMPLES_DROPPED: record \(seq) is a sample whose bytes were dropped \(sampleDays) days after its "
        + "date had a receipt: the gateway must be restored from a newer copy")
  }

  static func digest(_ text: String) throws -> Digest {
    guard let digest = Digest(base64URL: text) else { throw damaged("a hash cannot be read") }
    return digest
  }

  private static func damaged(_ what: String) -> VerifierError {
    VerifierError(.ledgerUnusable, "the ledger is damaged: \(what): restore it from a backup")
  }
}
