internal import GRDB
internal import Storage

/// The tables of `ledger.sqlite`. Steps are only ever added.
enum LedgerSchema {
  static let migrations: [Migration] = [
    Migration("1-ledger", sql: ledger), Migration("2-retention", sql: retention),
    Migration("3-checked") { try check(in: $0) }, Migration("4-counting", sql: counting),
  ]

  private static let ledger = """
    CREATE TABLE installation (
      id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
      thumbprint TEXT NOT NULL CHECK (length(thumbprint) = 43),
      begun INTEGER NOT NULL CHECK (begun >= 0)
    ) STRICT;
    CREATE TABLE record (
      installation TEXT NOT NULL CHECK (length(installation) = 43),
      seq INTEGER NOT NULL CHECK (seq >= 1),
      jws TEXT NOT NULL CHECK (length(jws) > 0),
      hash TEXT NOT NULL CHECK (length(hash) = 43),
      kind TEXT NOT NULL CHECK (kind IN ('sample', 'day')),
      date TEXT NOT NULL CHECK (length(date) = 10),
      at INTEGER NOT NULL CHECK (at >= 0),
      PRIMARY KEY (installation, seq)
    ) STRICT;
    CREATE UNIQUE INDEX record_day ON record (installation, date) WHERE kind = 'day';
    CREATE INDEX record_date ON record (installation, date, seq);
    CREATE TABLE receipt (
      installation TEXT NOT NULL CHECK (length(installation) = 43),
      seq INTEGER NOT NULL CHECK (seq >= 0),
      leases INTEGER NOT NULL CHECK (leases IN (0, 1)),
      iat INTEGER NOT NULL CHECK (iat >= 0),
      position INTEGER NOT NULL CHECK (position >= 0),
      jws TEXT NOT NULL CHECK (length(jws) > 0),
      PRIMARY KEY (installation, seq, leases)
    ) STRICT;
    CREATE TABLE held (
      kind TEXT NOT NULL CHECK (kind IN ('license', 'keyset', 'activation', 'revocations')),
      name TEXT NOT NULL,
      text TEXT NOT NULL CHECK (length(text) > 0),
      since INTEGER NOT NULL CHECK (since >= 0),
      PRIMARY KEY (kind, name)
    ) STRICT;
    CREATE TABLE floor (
      id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
      instant INTEGER NOT NULL CHECK (instant >= 0)
    ) STRICT;
    CREATE TABLE report_run (
      id INTEGER NOT NULL PRIMARY KEY,
      at INTEGER NOT NULL CHECK (at >= 0),
      origin TEXT NOT NULL CHECK (origin IN ('serve', 'command')),
      records INTEGER NOT NULL CHECK (records >= 0),
      outcome TEXT NOT NULL CHECK (length(outcome) > 0),
      detail TEXT NOT NULL
    ) STRICT;
    """

  /// Samples may lose their bytes; what is kept of one is held by `dropped`, see ``DroppedSample``.
  private static let retention = """
    CREATE TABLE kept_record (
      installation TEXT NOT NULL CHECK (length(installation) = 43),
      seq INTEGER NOT NULL CHECK (seq >= 1),
      jws TEXT CHECK (length(jws) > 0),
      hash TEXT NOT NULL CHECK (length(hash) = 43),
      kind TEXT NOT NULL CHECK (kind IN ('sample', 'day')),
      date TEXT NOT NULL CHECK (length(date) = 10),
      at INTEGER NOT NULL CHECK (at >= 0),
      dropped TEXT CHECK (length(dropped) = 43),
      PRIMARY KEY (installation, seq),
      CHECK ((jws IS NULL) = (dropped IS NOT NULL)),
      CHECK (jws IS NOT NULL OR kind = 'sample')
    ) STRICT;
    INSERT INTO kept_record (installation, seq, jws, hash, kind, date, at)
    SELECT installation, seq, jws, hash, kind, date, at FROM record;
    DROP TABLE record;
    ALTER TABLE kept_record RENAME TO record;
    CREATE UNIQUE INDEX record_day ON record (installation, date) WHERE kind = 'day';
    CREATE INDEX record_date ON record (installation, date, seq);
    CREATE INDEX record_closing ON record (installation, seq) WHERE kind = 'day';
    CREATE INDEX record_sample ON record (installation, seq)
    WHERE kind = 'sample' AND jws IS NOT NULL;
    CREATE INDEX receipt_iat ON receipt (installation, iat, seq);
    CREATE INDEX receipt_leasing ON receipt (installation, leases, iat, seq);
    """

  /// That there is a journal, and since when it counts; see ``Ledger/counting()``.
  private static let counting = """
    CREATE TABLE counting (
      id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
      since INTEGER NOT NULL CHECK (since >= 0),
      inverse INTEGER NOT NULL CHECK (inverse = ~since)
    ) STRICT;
    """

  /// What no seal protects from the disk says what it was: the floor twice, a document with its hash.
  private static func check(in db: Database) throws {
    try db.execute(
      sql: """
        CREATE TABLE checked_floor (
          id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
          instant INTEGER NOT NULL CHECK (instant >= 0),
          inverse INTEGER NOT NULL CHECK (inverse = ~instant)
        ) STRICT;
        INSERT INTO checked_floor (id, instant, inverse) SELECT id, instant, ~instant FROM floor;
        DROP TABLE floor;
        ALTER TABLE checked_floor RENAME TO floor;
        ALTER TABLE held ADD COLUMN hash TEXT NOT NULL DEFAULT '';
        """)
    for row in try Row.fetchAll(db, sql: "SELECT kind, name, text FROM held") {
      let (kind, name): (String, String) = (try row.value("kind"), try row.value("name"))
      let text: String = try row.value("text")
      try db.execute(
        sql: "UPDATE held SET hash = ? WHERE kind = ? AND name = ?",
        arguments: [HeldDocuments.hash(kind, name, text), kind, name])
    }
  }
}
