package import CivilTime
internal import GRDB
internal import Metering
internal import Sealing
internal import Storage

/// Rows that the disk has changed since they were written are refused, never counted with.
extension Journal {
  /// The counter's state, and the machine's boot under which it was written; nil before the first commit.
  func state(in db: Database) throws -> (state: MeterState, boot: String)? {
    guard let row = try Row.fetchOne(db, sql: "SELECT boot, body, sum FROM state") else {
      return nil
    }
    let (boot, body): (String, String) = (try row.value("boot"), try row.value("body"))
    guard try Self.bears(row, sums.sum(boot: boot, body: body)) else {
      throw Refusal.malformed(
        "what it says of the date being counted was changed, or evidence.key is another's")
    }
    return (try MeterState(JSONScanner.scan(Array(body.utf8), maximumDepth: 16)), boot)
  }

  /// The name of the last second that was committed; nil before the first commit.
  package func lastSecond() async throws(VerifierError) -> Int64? {
    try await read { try state(in: $0)?.state.name }
  }

  /// Every collector that is online or was counted or refused on the open date.
  func collectors(in db: Database) throws -> [CollectorRow] {
    try requireStructure(of: "collector", in: db)
    var collectors: [CollectorRow] = []
    let rows = try Row.fetchCursor(
      db, sql: "SELECT \(Self.collectorColumns), online FROM collector")
    while let row = try rows.next() {
      let collector = try Self.collector(row)
      let isOnline: Bool = try row.value("online")
      guard try Self.bears(row, sums.sum(collector)), isOnline == collector.isOnline else {
        throw Refusal.malformed("the row of a collector was changed")
      }
      collectors.append(collector)
    }
    return collectors
  }

  /// By which rules dates were counted, in order; what a newer version wrote is passed over.
  func identityRules(in db: Database) throws -> [IdentityBook.Entry] {
    try Row.fetchAll(db, sql: "SELECT date, rule, sum FROM identity_rule ORDER BY date")
      .compactMap { row in
        let (from, text): (String, String) = (try row.value("date"), try row.value("rule"))
        guard try Self.bears(row, sums.sum(from: from, rule: text)) else {
          throw Refusal.malformed("a rule by which collectors are told apart was changed")
        }
        guard let date = CivilDate(from), let rules = try? IdentityRules(text: text) else {
          return nil
        }
        return IdentityBook.Entry(from: date, rules: rules)
      }
  }

  /// The records of dates that ended and are not in the ledger yet, in order.
  func closedDays(in db: Database) throws -> [UsageRecord] {
    try requireStructure(of: "closed_day", in: db)
    return try Row.fetchAll(db, sql: "SELECT date, payload, sum FROM closed_day ORDER BY date")
      .map { row in
        let (date, payload): (String, String) = (try row.value("date"), try row.value("payload"))
        guard try Self.bears(row, sums.sum(closed: date, payload: payload)) else {
          throw Refusal.malformed("the record that is to close a date was changed")
        }
        return try UsageRecord.parse(Array(payload.utf8))
      }
  }

  /// When the evidence of a date was dropped, nil where it was not.
  func droppedEvidence(of date: String, in db: Database) throws -> Int64? {
    guard
      let row = try Row.fetchOne(
        db, sql: "SELECT at, sum FROM dropped_evidence WHERE date = ?", arguments: [date])
    else { return nil }
    let instant: Int64 = try row.value("at")
    guard try Self.bears(row, sums.sum(dropped: date, at: instant)) else {
      throw Refusal.malformed("what it says of the evidence of \(date), dropped, was changed")
    }
    return instant
  }

  private func requireSumsOfDropped(in db: Database) throws {
    let dates = try String.fetchAll(db, sql: "SELECT date FROM dropped_evidence")
    for date in dates { _ = try droppedEvidence(of: date, in: db) }
  }

  /// Whether a row says the sum that it has.
  private static func bears<Sum: DatabaseValueConvertible & Equatable>(
    _ row: Row, _ sum: Sum
  ) throws -> Bool {
    let said: Sum? = try row.optional("sum")
    return said == sum
  }

  /// A page of SQLite's that has changed may hide rows: their sums are not missed then.
  private func requireStructure(of table: String, in db: Database) throws {
    let lines = try String.fetchAll(db, sql: "PRAGMA quick_check('\(table)')")
    guard lines == ["ok"] else {
      throw Refusal.malformed(lines.first ?? "SQLite finds it damaged")
    }
  }

  /// Goes through the segments of a date, each with the name of its collector.
  func requireWhole(segmentsOf date: CivilDate, in db: Database) throws {
    let rows = try Row.fetchCursor(
      db,
      sql: """
        SELECT s.date, s.high, s.low, s.begins, s.ends, s.weight, s.sum, i.kind, i.bytes
        FROM segment s LEFT JOIN identity i ON i.high = s.high AND i.low = s.low
        WHERE s.date = ?
        """, arguments: [date.description])
    while let row = try rows.next() {
      let segment = try Self.segment(row)
      guard try Self.bears(row, sums.sum(segment)) else {
        throw Refusal.malformed("a segment of \(date) was changed")
      }
      try requireName(row, of: segment.id, "counted on \(date)")
    }
  }

  /// Goes through the segments of all other dates: those of a closed one are held against its record, too,
  /// but none may have come to a date of which nobody speaks.
  private func requireSums(ofSegmentsBesides date: CivilDate?, in db: Database) throws {
    let rows = try Row.fetchCursor(
      db, sql: "SELECT \(Self.segmentColumns) FROM segment WHERE date <> ?",
      arguments: [date?.description ?? ""])
    while let row = try rows.next() {
      let segment = try Self.segment(row)
      guard try Self.bears(row, sums.sum(segment)) else {
        throw Refusal.malformed("a segment that says to be of \(segment.date) was changed")
      }
    }
  }

  /// Goes through the names of all collectors that are online or were counted on the open date.
  private func requireNames(in db: Database) throws {
    let rows = try Row.fetchCursor(
      db,
      sql: """
        SELECT c.high, c.low, i.kind, i.bytes
        FROM collector c LEFT JOIN identity i ON i.high = c.high AND i.low = c.low
        """)
    while let row = try rows.next() {
      try requireName(row, of: try Self.id(row), "is online or was counted")
    }
  }

  private func requireName(_ row: Row, of id: CollectorID, _ what: String) throws {
    let kind: String? = try row.optional("kind")
    guard kind != nil, sums.isName(try Self.identity(row), of: id) else {
      throw Refusal.malformed("the name of a collector that \(what) was changed")
    }
  }

  /// Goes through everything that is kept of a date that is not closed yet.
  /// - Returns: what SQLite finds wrong with the file itself, nil if nothing.
  /// - Throws: ``VerifierError`` `LEDGER_UNUSABLE` for a row that was changed.
  package func fault(ofOpen date: CivilDate?) async throws(VerifierError) -> String? {
    do throws(StorageError) {
      if let fault = try await database.faults(most: 1).first { return fault }
    } catch { throw VerifierError(error) }
    try await read { db in
      _ = try identityRules(in: db)
      _ = try closedDays(in: db)
      try requireSumsOfDropped(in: db)
      try requireNames(in: db)
      if let date { try requireWhole(segmentsOf: date, in: db) }
      try requireSums(ofSegmentsBesides: date, in: db)
    }
    return nil
  }
}
