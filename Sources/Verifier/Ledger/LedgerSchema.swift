internal import Storage

/// The tables of `ledger.sqlite`. Steps are only ever added.
enum LedgerSchema {
  static let migrations: [Migration] = [Migration("1-ledger", sql: ledger)]

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
}
