internal import GRDB
internal import Libcrypto
internal import Sealing
internal import Storage

/// The vendor's documents that an installation keeps, as they came.
package struct HeldDocuments: Sendable, Equatable {
  /// By their `jti`.
  package var licenses: [String: String] = [:]
  /// In order of epoch.
  package var keysets: [String] = []
  package var activation: String?
  package var revocations: String?
  /// What was kept and is not any more what it was: each for people. It counts as not kept.
  package var changed: [String] = []

  package init() {}

  /// By which a row shows that the disk has changed it.
  static func hash(_ kind: String, _ name: String, _ text: String) -> String {
    LibcryptoProvider().sha256(Array("\(kind)\n\(name)\n\(text)".utf8)).text
  }
}

extension Ledger {
  /// What is kept.
  package func documents() async throws(VerifierError) -> HeldDocuments {
    try await read { db in
      var held = HeldDocuments()
      let rows = try Row.fetchAll(
        db, sql: "SELECT kind, name, text, hash FROM held ORDER BY kind, name")
      for row in rows {
        let (kind, name): (String, String) = (try row.value("kind"), try row.value("name"))
        let (text, hash): (String, String) = (try row.value("text"), try row.value("hash"))
        guard HeldDocuments.hash(kind, name, text) == hash else {
          held.changed.append(kind == "license" ? "license \(name)" : "the \(kind)")
          continue
        }
        switch kind {
        case "license": held.licenses[name] = text
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
        INSERT INTO held (kind, name, text, since, hash) VALUES (?, ?, ?, ?, ?)
        ON CONFLICT (kind, name) DO UPDATE SET text = excluded.text, hash = excluded.hash
        WHERE held.text <> excluded.text OR held.hash <> excluded.hash
        """,
      arguments: [kind, name, text, max(0, now), HeldDocuments.hash(kind, name, text)])
  }

  /// The floor of time as it was last saved; one that the disk has changed is none.
  package func floor() async throws(VerifierError) -> Int64? {
    try await read {
      try Int64.fetchOne($0, sql: "SELECT instant FROM floor WHERE inverse = ~instant")
    }
  }

  /// Whether the disk has changed the floor since it was saved.
  package func isFloorChanged() async throws(VerifierError) -> Bool {
    try await read {
      try Bool.fetchOne(
        $0, sql: "SELECT EXISTS (SELECT 1 FROM floor WHERE inverse <> ~instant)") ?? false
    }
  }

  /// Saves the floor; a lower one changes nothing.
  package func saveFloor(_ instant: Int64) async throws(VerifierError) {
    let instant = max(0, instant)
    try await write { db in
      try db.execute(
        sql: """
          INSERT INTO floor (id, instant, inverse) VALUES (1, ?, ?)
          ON CONFLICT (id) DO UPDATE SET instant = excluded.instant, inverse = excluded.inverse
          WHERE excluded.instant > floor.instant OR floor.inverse <> ~floor.instant
          """, arguments: [instant, ~instant])
    }
  }
}
