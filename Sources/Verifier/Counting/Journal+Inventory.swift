package import CivilTime
internal import GRDB
package import Metering
internal import Sealing
internal import Storage

/// Who was seen. Names are text here: every way in takes nothing else for a name.
extension Journal {
  /// Keeps what an inventory has to say.
  /// - Parameter now: the present, in Unix seconds.
  package func record(_ batch: Inventory.Batch, at now: Int64) async throws(VerifierError) {
    guard !batch.isEmpty else { return }
    try await write { db in
      for sighting in batch.sightings.values { try Self.keep(sighting, at: now, in: db) }
      for departure in batch.departures.values { try Self.keep(departure, in: db) }
    }
  }

  private static func keep(
    _ sighting: Inventory.Sighting, at now: Int64, in db: Database
  ) throws {
    let statement = try db.cachedStatement(
      sql: """
        INSERT INTO inventory
        (kind, name, high, low, first, last, weight, version, host, refused)
        VALUES (?, ?, ?, ?, ?, ?, 1, ?, ?, ?)
        ON CONFLICT (kind, name) DO UPDATE SET
        last = max(last, excluded.last), version = coalesce(excluded.version, version),
        host = coalesce(excluded.host, host), refused = coalesce(excluded.refused, refused)
        """)
    try statement.execute(arguments: [
      sighting.identity.kind, sighting.identity.text, Int64(bitPattern: sighting.id.high),
      Int64(bitPattern: sighting.id.low), now, now, sighting.version, sighting.host,
      sighting.isRefused ? now : nil,
    ])
  }

  private static func keep(_ departure: Inventory.Departure, in db: Database) throws {
    let statement = try db.cachedStatement(
      sql: """
        UPDATE inventory SET last = max(first, ?), weight = ? WHERE high = ? AND low = ?
        """)
    try statement.execute(arguments: [
      departure.last, CollectorWeight.clamped(departure.weight),
      Int64(bitPattern: departure.id.high), Int64(bitPattern: departure.id.low),
    ])
  }

  private static let columns =
    "kind, name, high, low, first, last, weight, version, host, refused"

  private static func inventoryRow(_ row: Row) throws -> InventoryRow {
    guard
      let identity = CollectorIdentity(
        kind: try row.value("kind"), text: try row.value("name"))
    else {
      throw Refusal.malformed("a row of the inventory cannot be read")
    }
    return InventoryRow(
      id: try id(row), identity: identity, version: try row.optional("version"),
      host: try row.optional("host"), weight: try row.value("weight"),
      first: try row.value("first"), last: try row.value("last"),
      refused: try row.optional("refused"))
  }

  /// A page of the inventory.
  /// - Parameter online: what the counter knows of a collector; nil for one that is not online.
  package func page(
    _ query: InventoryQuery, online: @escaping @Sendable (CollectorID) -> OnlineCollector?
  ) async throws(VerifierError) -> InventoryPage {
    try await read { db in
      var page = InventoryPage()
      let rows = try Self.cursor(query, in: db)
      var seen = 0
      var last: CollectorIdentity?
      while let row = try rows.next() {
        guard page.entries.count < query.limit, seen < InventoryQuery.mostRead else {
          page.next = last
          break
        }
        seen += 1
        let entry = InventoryPage.Entry(try Self.inventoryRow(row), online: online)
        last = entry.row.identity
        if query.fits(entry) { page.entries.append(entry) }
      }
      return page
    }
  }

  private static func cursor(_ query: InventoryQuery, in db: Database) throws -> RowCursor {
    var conditions: [String] = []
    var arguments: StatementArguments = []
    if let kind = query.kind {
      conditions.append("kind = ?")
      arguments += [kind]
      if !query.prefix.isEmpty {
        // The next character is at most the last one that there is.
        conditions.append("name >= ? AND name <= ? || char(1114111) || char(1114111)")
        arguments += [query.prefix, query.prefix]
      }
    }
    if let after = query.after {
      conditions.append("(kind, name) > (?, ?)")
      arguments += [after.kind, after.text]
    }
    let filter = conditions.isEmpty ? "" : "WHERE " + conditions.joined(separator: " AND ")
    return try Row.fetchCursor(
      db, sql: "SELECT \(columns) FROM inventory \(filter) ORDER BY kind, name",
      arguments: arguments)
  }

  /// The identities of some kinds, of those collectors that a test picks.
  package func identities(
    of kinds: Set<String>, where isPicked: @escaping @Sendable (CollectorID) -> Bool
  ) async throws(VerifierError) -> [CollectorIdentity] {
    try await read { db in
      var identities: [CollectorIdentity] = []
      for kind in kinds.sorted() {
        let rows = try Row.fetchCursor(
          db, sql: "SELECT \(Self.columns) FROM inventory WHERE kind = ?", arguments: [kind])
        while let row = try rows.next() {
          guard isPicked(try Self.id(row)) else { continue }
          identities.append(try Self.inventoryRow(row).identity)
        }
      }
      return identities
    }
  }

  /// The date that is being counted, as of the last commit; nil before the first one.
  package func openDate() async throws(VerifierError) -> CivilDate? {
    try await read { db in
      try String.fetchOne(db, sql: "SELECT body FROM state").map { body in
        try MeterState(JSONScanner.scan(Array(body.utf8), maximumDepth: 16)).day.date
      }
    }
  }

  /// Forgets collectors last seen before an instant, but for those that are online.
  /// - Parameter isOnline: of the digests given, those that are.
  package func forgetCollectors(
    before instant: Int64, at now: Int64,
    isOnline: @escaping @Sendable (CollectorID) -> Bool
  ) async throws(VerifierError) {
    try await write { db in
      let rows = try Row.fetchAll(
        db, sql: "SELECT high, low FROM inventory WHERE last < ? LIMIT 100000",
        arguments: [instant])
      for row in rows {
        let id = try Self.id(row)
        let key = [Int64(bitPattern: id.high), Int64(bitPattern: id.low)]
        if isOnline(id) {
          try db.execute(
            sql: "UPDATE inventory SET last = ? WHERE high = ? AND low = ?",
            arguments: [now, key[0], key[1]])
        } else {
          try db.execute(
            sql: "DELETE FROM inventory WHERE high = ? AND low = ?", arguments: [key[0], key[1]])
        }
      }
    }
  }

  /// By which rules dates were counted, in order; what a newer version wrote is passed over.
  package func identityRules() async throws(VerifierError) -> [IdentityBook.Entry] {
    try await read { try identityRules(in: $0) }
  }

  /// Replaces them.
  package func keep(_ entries: [IdentityBook.Entry]) async throws(VerifierError) {
    try await write { [sums] db in
      try db.execute(sql: "DELETE FROM identity_rule")
      for entry in entries {
        let (date, rule) = (entry.from.description, entry.rules.text)
        try db.execute(
          sql: "INSERT INTO identity_rule (date, rule, sum) VALUES (?, ?, ?)",
          arguments: [date, rule, sums.sum(from: date, rule: rule)])
      }
    }
  }
}
