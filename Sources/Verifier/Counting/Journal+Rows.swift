internal import CivilTime
internal import GRDB
internal import Metering
internal import Sealing
internal import Storage

extension Journal {
  func write<Value: Sendable>(
    _ body: @escaping @Sendable (Database) throws -> Value
  ) async throws(VerifierError) -> Value {
    do { return try await database.pool.write(body) } catch { throw fault(error) }
  }

  func read<Value: Sendable>(
    _ body: @escaping @Sendable (Database) throws -> Value
  ) async throws(VerifierError) -> Value {
    do { return try await database.pool.read(body) } catch { throw fault(error) }
  }

  private func fault(_ error: any Error) -> VerifierError {
    if let error = error as? VerifierError { return error }
    if let refusal = error as? Refusal {
      return VerifierError(
        .ledgerUnusable,
        "\(database.path) is damaged (\(refusal.message)): restore the state folder from a backup")
    }
    return VerifierError(database.fault(error))
  }

  // Digests are uniform bits: they are stored as the signed integers that SQLite has.
  static func id(_ row: Row) throws -> CollectorID {
    CollectorID(
      high: UInt64(bitPattern: try row.value("high") as Int64),
      low: UInt64(bitPattern: try row.value("low") as Int64))
  }

  static func collector(_ row: Row) throws -> CollectorRow {
    CollectorRow(
      id: try id(row), last: try row.value("last"), started: try row.value("started"),
      mark: try row.value("mark"), weight: try row.value("weight"),
      flags: try row.value("flags"), written: try row.value("written"))
  }

  static func identity(_ row: Row) throws -> CollectorIdentity {
    let text: String = try row.value("bytes")
    guard let bytes = Base64.decode(text.utf8, .url),
      let identity = CollectorIdentity(kind: try row.value("kind"), bytes: bytes)
    else { throw Refusal.malformed("an identity cannot be read") }
    return identity
  }

  static func insert(
    _ id: CollectorID, _ identity: CollectorIdentity, in db: Database
  ) throws {
    let statement = try db.cachedStatement(
      sql: """
        INSERT INTO identity (high, low, kind, bytes) VALUES (?, ?, ?, ?)
        ON CONFLICT (high, low) DO NOTHING
        """)
    try statement.execute(arguments: [
      Int64(bitPattern: id.high), Int64(bitPattern: id.low), identity.kind,
      Base64.encode(identity.bytes, .url),
    ])
  }

  static let collectorColumns = "high, low, last, started, mark, weight, flags, written, sum"
  static let segmentColumns = "date, high, low, begins, ends, weight, sum"

  static func segment(_ row: Row) throws -> NamedSegment {
    guard let date = CivilDate(try row.value("date") as String) else {
      throw Refusal.malformed("a segment has no date")
    }
    return NamedSegment(id: try id(row), date: date, segment: try span(row))
  }

  static func span(_ row: Row) throws -> Segment {
    Segment(
      from: try row.value("begins"), to: try row.value("ends"), weight: try row.value("weight"))
  }

  static func replace(_ row: CollectorRow, _ sums: RowSums, in db: Database) throws {
    let statement = try db.cachedStatement(
      sql: """
        INSERT INTO collector
        (high, low, last, started, mark, weight, flags, written, online, sum)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (high, low) DO UPDATE SET last = excluded.last, started = excluded.started,
        mark = excluded.mark, weight = excluded.weight, flags = excluded.flags,
        written = excluded.written, online = excluded.online, sum = excluded.sum
        """)
    try statement.execute(arguments: [
      Int64(bitPattern: row.id.high), Int64(bitPattern: row.id.low), row.last, row.started,
      row.mark, row.weight, row.flags, row.written, row.isOnline ? 1 : 0, sums.sum(row),
    ])
  }

  static func insert(_ segment: NamedSegment, _ sums: RowSums, in db: Database) throws {
    let statement = try db.cachedStatement(
      sql: """
        INSERT INTO segment (date, high, low, begins, ends, weight, sum)
        VALUES (?, ?, ?, ?, ?, ?, ?)
        """)
    try statement.execute(arguments: [
      segment.date.description, Int64(bitPattern: segment.id.high),
      Int64(bitPattern: segment.id.low), segment.segment.from, segment.segment.to,
      segment.segment.weight, sums.sum(segment),
    ])
  }
}
