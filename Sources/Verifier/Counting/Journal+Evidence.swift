package import CivilTime
internal import GRDB
package import Metering
internal import Sealing

/// What was counted of a date, one collector after the other. Nothing here holds more than hashes of
/// all of them at once.
extension Journal {
  /// The evidence of a date from what is kept; without any leaf where nothing is.
  package func evidence(of date: CivilDate) async throws(VerifierError) -> Metering.Evidence {
    try await read { try evidence(of: date, in: $0) }
  }

  func evidence(of date: CivilDate, in db: Database) throws -> Metering.Evidence {
    var builder = Metering.Evidence.Builder(
      date: date, key: evidenceKey.bytes, using: cryptography)
    try forEachCollector(of: date, in: db) { id, identity, segments in
      builder.add(identity, id, segments)
    }
    return builder.evidence()
  }

  /// What is kept of the evidence of a closed date.
  package enum Kept: Sendable, Equatable {
    /// It is what the record commits to, and comes to what the record says.
    case whole
    /// It was dropped by its age, at that instant.
    case dropped(at: Int64)
    /// Nothing is kept, and nothing says that it was dropped.
    case lost
    case differs(EvidenceFinding)
  }

  /// Counts a date again and holds it against the record that closed it.
  package func recount(of record: UsageRecord) async throws(VerifierError) -> Kept {
    if let instant = try await droppedEvidence(of: record.date) { return .dropped(at: instant) }
    return try await read { db in
      guard let closing = record.closing, var recount = Recount(of: record, using: cryptography)
      else { return .whole }
      var builder = Metering.Evidence.Builder(
        date: record.date, key: evidenceKey.bytes, using: cryptography)
      do {
        try forEachCollector(of: record.date, in: db) { id, identity, segments in
          try recount.count(builder.add(identity, id, segments))
        }
        let root = builder.evidence().root
        guard root.leaves > 0 || closing.evidence.leaves == 0 else { return .lost }
        try recount.end(root)
      } catch let finding as EvidenceFinding {
        return .differs(finding)
      }
      return .whole
    }
  }

  /// Calls the body with each collector that has a name and segments of the date.
  private func forEachCollector(
    of date: CivilDate, in db: Database,
    _ body: (CollectorID, CollectorIdentity, [Segment]) throws -> Void
  ) throws {
    let rows = try Row.fetchCursor(
      db,
      sql: """
        SELECT s.high, s.low, s.begins, s.ends, s.weight, i.kind, i.bytes
        FROM segment s JOIN identity i ON i.high = s.high AND i.low = s.low
        WHERE s.date = ? ORDER BY s.high, s.low
        """, arguments: [date.description])
    var current: (id: CollectorID, identity: CollectorIdentity)?
    var segments: [Segment] = []
    while let row = try rows.next() {
      let id = try Self.id(row)
      if current?.id != id {
        if let current { try body(current.id, current.identity, segments) }
        current = (id, try Self.identity(row))
        segments.removeAll(keepingCapacity: true)
      }
      segments.append(try Self.span(row))
    }
    if let current { try body(current.id, current.identity, segments) }
  }

  /// The leaves of some collectors, in their order; of one without a name or segments none.
  package func leaves(
    of ids: some Collection<CollectorID> & Sendable, on date: CivilDate
  ) async throws(VerifierError) -> [EvidenceLeaf] {
    try await read { db in
      try ids.compactMap { id in
        guard let identity = try Self.identity(of: id, in: db) else { return nil }
        return Metering.Evidence.leaf(
          of: identity, try Self.segments(of: id, on: date, in: db), on: date,
          key: evidenceKey.bytes, using: cryptography)
      }
    }
  }

  static func identity(of id: CollectorID, in db: Database) throws -> CollectorIdentity? {
    let statement = try db.cachedStatement(
      sql: "SELECT kind, bytes FROM identity WHERE high = ? AND low = ?")
    return try Row.fetchOne(
      statement, arguments: [Int64(bitPattern: id.high), Int64(bitPattern: id.low)]
    ).map(identity)
  }

  private static func segments(
    of id: CollectorID, on date: CivilDate, in db: Database
  ) throws -> [Segment] {
    let statement = try db.cachedStatement(
      sql: "SELECT begins, ends, weight FROM segment WHERE date = ? AND high = ? AND low = ?")
    return try Row.fetchAll(
      statement,
      arguments: [date.description, Int64(bitPattern: id.high), Int64(bitPattern: id.low)]
    ).map { Segment(from: $0[0], to: $0[1], weight: $0[2]) }
  }

  /// Opens the leaf of one collector.
  /// - Returns: nil where it has none among those kept.
  package func opening(
    of identity: CollectorIdentity, id: CollectorID, on date: CivilDate
  ) async throws(VerifierError) -> (root: EvidenceRoot, opening: EvidenceOpening?) {
    try await read { db in
      let evidence = try evidence(of: date, in: db)
      let segments = try Self.segments(of: id, on: date, in: db)
      return (
        evidence.root,
        evidence.opening(of: identity, segments, key: evidenceKey.bytes, using: cryptography)
      )
    }
  }

  /// The identities of those bytes, whatever their kind, that are kept.
  package func identities(
    named bytes: [UInt8]
  ) async throws(VerifierError) -> [CollectorIdentity] {
    try await read { db in
      try Row.fetchAll(
        db, sql: "SELECT kind, bytes FROM identity WHERE bytes = ? ORDER BY kind",
        arguments: [Base64.encode(bytes, .url)]
      ).map(Self.identity)
    }
  }
}
