internal import GRDB

/// The vendor's documents that an installation keeps, as they came.
package struct HeldDocuments: Sendable, Equatable {
  /// By their `jti`.
  package var licenses: [String: String] = [:]
  /// In order of epoch.
  package var keysets: [String] = []
  package var activation: String?
  package var revocations: String?

  package init() {}
}

extension Ledger {
  /// What is kept.
  package func documents() async throws(VerifierError) -> HeldDocuments {
    try await read { db in
      var held = HeldDocuments()
      let rows = try Row.fetchAll(db, sql: "SELECT kind, name, text FROM held ORDER BY kind, name")
      for row in rows {
        let text: String = row["text"]
        switch row["kind"] as String {
        case "license": held.licenses[row["name"]] = text
        case "keyset": held.keysets.append(text)
        case "activation": held.activation = text
        default: held.revocations = text
        }
      }
      return held
    }
  }

  /// Makes what is kept into this, in one transaction.
  package func replaceDocuments(
    with held: HeldDocuments, now: Int64
  ) async throws(VerifierError) {
    try await write { db in
      for (name, text) in held.licenses {
        try Self.keep("license", name, text, now, in: db)
      }
      try db.execute(sql: "DELETE FROM held WHERE kind IN ('keyset', 'activation', 'revocations')")
      for (index, text) in held.keysets.enumerated() {
        // Names sort as the epochs do: a chain has far fewer than a million links.
        try Self.keep("keyset", String(1_000_000 + index), text, now, in: db)
      }
      if let activation = held.activation {
        try Self.keep("activation", "current", activation, now, in: db)
      }
      if let revocations = held.revocations {
        try Self.keep("revocations", "current", revocations, now, in: db)
      }
    }
  }

  private static func keep(
    _ kind: String, _ name: String, _ text: String, _ now: Int64, in db: Database
  ) throws {
    try db.execute(
      sql: """
        INSERT INTO held (kind, name, text, since) VALUES (?, ?, ?, ?)
        ON CONFLICT (kind, name) DO NOTHING
        """, arguments: [kind, name, text, max(0, now)])
  }

  /// The floor of time as it was last saved.
  package func floor() async throws(VerifierError) -> Int64? {
    try await read { try Int64.fetchOne($0, sql: "SELECT instant FROM floor") }
  }

  /// Saves the floor; a lower one changes nothing.
  package func saveFloor(_ instant: Int64) async throws(VerifierError) {
    try await write { db in
      try db.execute(
        sql: """
          INSERT INTO floor (id, instant) VALUES (1, ?)
          ON CONFLICT (id) DO UPDATE SET instant = max(instant, excluded.instant)
          """, arguments: [max(0, instant)])
    }
  }
}
