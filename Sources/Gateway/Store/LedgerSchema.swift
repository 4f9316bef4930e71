package import Storage

/// The tables of the embedded store. Instants are Unix seconds, dates days since 1970-01-01, keys and
/// hashes base64url; the records of a conflict stand one on each line. `looks` says when an installation is next looked at
/// for dates to close. Rows of `entries` and `receipts` are never changed or deleted.
package enum LedgerSchema {
  package static let migrations = [
    Migration("1-trust", sql: trust),
    Migration("2-installations", sql: installations),
    Migration("3-ledger", sql: ledger),
    Migration("4-tokens", sql: tokens),
    Migration("5-closed-dates", sql: closedDates),
    Migration("6-rules", sql: rules),
    Migration("7-decisions", sql: decisions),
    Migration("8-final-statements", sql: finalStatements),
    Migration("9-findings", sql: findings),
    Migration("10-webhooks", sql: webhooks),
    Migration("11-usage-by-date", sql: usageByDate),
  ]

  private static let trust = """
    CREATE TABLE licenses (
      id TEXT PRIMARY KEY NOT NULL,
      line TEXT NOT NULL,
      revision INTEGER NOT NULL CHECK (revision > 0),
      jws TEXT NOT NULL,
      published_at INTEGER,
      seen_at INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX licenses_by_line ON licenses (line, revision);
    CREATE TABLE keysets (
      epoch INTEGER PRIMARY KEY NOT NULL CHECK (epoch > 0),
      document TEXT NOT NULL,
      stored_at INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE revocations (
      id INTEGER PRIMARY KEY NOT NULL CHECK (id = 1),
      jws TEXT NOT NULL,
      stored_at INTEGER NOT NULL
    ) STRICT;
    """

  private static let installations = """
    CREATE TABLE installations (
      id INTEGER PRIMARY KEY NOT NULL,
      thumbprint TEXT NOT NULL UNIQUE CHECK (length(thumbprint) = 43),
      public_key TEXT NOT NULL CHECK (length(public_key) = 43),
      line TEXT NOT NULL,
      license TEXT NOT NULL REFERENCES licenses (id),
      enrolment TEXT NOT NULL,
      activation TEXT NOT NULL,
      activated_at INTEGER NOT NULL,
      replaces TEXT REFERENCES installations (thumbprint),
      replaced_by TEXT REFERENCES installations (thumbprint),
      replaced_at INTEGER,
      CHECK ((replaced_by IS NULL) = (replaced_at IS NULL))
    ) STRICT;
    CREATE INDEX installations_by_line ON installations (line, id);
    CREATE TABLE heads (
      installation INTEGER PRIMARY KEY NOT NULL REFERENCES installations (id),
      seq INTEGER NOT NULL CHECK (seq >= 0),
      hash TEXT CHECK (length(hash) = 43),
      word_at INTEGER NOT NULL,
      day_to INTEGER,
      receipt_at INTEGER NOT NULL,
      CHECK ((seq = 0) = (hash IS NULL))
    ) STRICT;
    """

  private static let ledger = """
    CREATE TABLE entries (
      position INTEGER PRIMARY KEY NOT NULL,
      installation INTEGER NOT NULL REFERENCES installations (id),
      kind TEXT NOT NULL CHECK (kind IN ('sample', 'day', 'closing', 'quarantined')),
      seq INTEGER CHECK (seq > 0),
      hash TEXT CHECK (length(hash) = 43),
      jws TEXT NOT NULL,
      received_at INTEGER NOT NULL,
      license TEXT,
      revision INTEGER,
      date INTEGER,
      from_at INTEGER,
      to_at INTEGER,
      at INTEGER,
      peak INTEGER,
      peak_at INTEGER,
      online INTEGER,
      "limit" INTEGER,
      collectors INTEGER,
      refused INTEGER,
      observed INTEGER,
      gaps TEXT,
      UNIQUE (installation, seq),
      CHECK ((kind = 'closing') = (seq IS NULL)),
      CHECK ((kind = 'closing') = (hash IS NULL)),
      CHECK (kind = 'quarantined' OR (license IS NOT NULL AND revision IS NOT NULL
        AND date IS NOT NULL AND from_at IS NOT NULL AND to_at IS NOT NULL AND at IS NOT NULL
        AND observed IS NOT NULL AND gaps IS NOT NULL)),
      CHECK ((peak IS NULL) = (peak_at IS NULL))
    ) STRICT;
    CREATE INDEX entries_by_date ON entries (installation, date, kind, seq);
    CREATE TABLE receipts (
      installation INTEGER NOT NULL REFERENCES installations (id),
      seq INTEGER NOT NULL,
      position INTEGER NOT NULL,
      iat INTEGER NOT NULL,
      jws TEXT NOT NULL,
      PRIMARY KEY (installation, seq)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE alive (
      installation INTEGER PRIMARY KEY NOT NULL REFERENCES installations (id),
      at INTEGER NOT NULL,
      jws TEXT NOT NULL,
      receipt_seq INTEGER NOT NULL,
      receipt_position INTEGER NOT NULL,
      receipt_iat INTEGER NOT NULL,
      receipt TEXT NOT NULL
    ) STRICT;
    CREATE TABLE conflicts (
      installation INTEGER PRIMARY KEY NOT NULL REFERENCES installations (id),
      seq INTEGER NOT NULL,
      jws TEXT NOT NULL,
      first_at INTEGER NOT NULL,
      count INTEGER NOT NULL CHECK (count > 0)
    ) STRICT;
    CREATE TABLE findings (
      installation INTEGER NOT NULL REFERENCES installations (id),
      code TEXT NOT NULL,
      seq INTEGER NOT NULL,
      first_at INTEGER NOT NULL,
      last_at INTEGER NOT NULL,
      count INTEGER NOT NULL CHECK (count > 0),
      PRIMARY KEY (installation, code)
    ) STRICT, WITHOUT ROWID;
    """

  /// Of several day records of one date the first was receipted first: the others are quarantined, as
  /// they would be on arrival.
  private static let closedDates = """
    UPDATE entries SET kind = 'quarantined' WHERE kind = 'day' AND EXISTS (
      SELECT 1 FROM entries AS e WHERE e.installation = entries.installation
        AND e.date = entries.date AND e.kind = 'day' AND e.seq < entries.seq);
    CREATE UNIQUE INDEX entries_closed_once ON entries (installation, date) WHERE kind = 'day';
    ALTER TABLE heads ADD COLUMN closed_date INTEGER;
    ALTER TABLE heads ADD COLUMN closed_to INTEGER CHECK ((closed_to IS NULL) = (closed_date IS NULL));
    UPDATE heads SET (closed_date, closed_to) = (
      SELECT max(date), max(to_at) FROM entries
      WHERE entries.installation = heads.installation AND kind = 'day');
    """

  /// By which rule a record was counted: statements quote it.
  private static let rules = """
    ALTER TABLE entries ADD COLUMN "window" INTEGER;
    ALTER TABLE entries ADD COLUMN dwell INTEGER;
    ALTER TABLE entries ADD COLUMN identity TEXT;
    """

  /// Decisions have places in the ledger, too: SQLite widens a CHECK only by making the table anew.
  private static let decisions = """
    CREATE TABLE entries_anew (
      position INTEGER PRIMARY KEY NOT NULL,
      installation INTEGER NOT NULL REFERENCES installations (id),
      kind TEXT NOT NULL
        CHECK (kind IN ('sample', 'day', 'closing', 'decision', 'quarantined')),
      seq INTEGER CHECK (seq > 0),
      hash TEXT CHECK (length(hash) = 43),
      jws TEXT NOT NULL,
      received_at INTEGER NOT NULL,
      license TEXT,
      revision INTEGER,
      date INTEGER,
      from_at INTEGER,
      to_at INTEGER,
      at INTEGER,
      peak INTEGER,
      peak_at INTEGER,
      online INTEGER,
      "limit" INTEGER,
      collectors INTEGER,
      refused INTEGER,
      observed INTEGER,
      gaps TEXT,
      "window" INTEGER,
      dwell INTEGER,
      identity TEXT,
      sample INTEGER CHECK (sample IS NULL OR kind = 'closing'),
      UNIQUE (installation, seq),
      CHECK ((kind IN ('closing', 'decision')) = (seq IS NULL)),
      CHECK ((kind IN ('closing', 'decision')) = (hash IS NULL)),
      CHECK (kind IN ('decision', 'quarantined') OR (license IS NOT NULL AND revision IS NOT NULL
        AND date IS NOT NULL AND from_at IS NOT NULL AND to_at IS NOT NULL AND at IS NOT NULL
        AND observed IS NOT NULL AND gaps IS NOT NULL)),
      CHECK ((peak IS NULL) = (peak_at IS NULL))
    ) STRICT;
    INSERT INTO entries_anew (position, installation, kind, seq, hash, jws, received_at, license,
      revision, date, from_at, to_at, at, peak, peak_at, online, "limit", collectors, refused,
      observed, gaps, "window", dwell, identity)
    SELECT position, installation, kind, seq, hash, jws, received_at, license, revision, date,
      from_at, to_at, at, peak, peak_at, online, "limit", collectors, refused, observed, gaps,
      "window", dwell, identity FROM entries;
    DROP TABLE entries;
    ALTER TABLE entries_anew RENAME TO entries;
    CREATE INDEX entries_by_date ON entries (installation, date, kind, seq);
    CREATE UNIQUE INDEX entries_closed_once ON entries (installation, date) WHERE kind = 'day';
    CREATE UNIQUE INDEX entries_closed_by_gateway ON entries (installation, date)
      WHERE kind = 'closing';
    CREATE INDEX entries_decided ON entries (installation, position) WHERE kind = 'decision';
    ALTER TABLE installations ADD COLUMN released_at INTEGER;
    CREATE TABLE permit_uses (
      position INTEGER PRIMARY KEY NOT NULL REFERENCES entries (position),
      installation INTEGER NOT NULL REFERENCES installations (id)
    ) STRICT;
    CREATE TABLE looks (
      installation INTEGER PRIMARY KEY NOT NULL REFERENCES installations (id),
      at INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX looks_by_time ON looks (at);
    INSERT INTO looks (installation, at) SELECT id, 0 FROM installations;
    """

  /// Statements that never change, in the order in which they were made; a month is its first date.
  private static let finalStatements = """
    CREATE TABLE final_statements (
      id INTEGER PRIMARY KEY NOT NULL,
      line TEXT NOT NULL,
      month INTEGER NOT NULL,
      jws TEXT NOT NULL,
      made_at INTEGER NOT NULL,
      UNIQUE (line, month)
    ) STRICT;
    """

  /// What statements read stands in the index by date, too: an installation's dates lie together there, and
  /// far apart among the sealed bytes. And for `IN` with a list SQLite makes a table of its own with every row
  /// that is written; `OR` costs nothing.
  private static let usageByDate = """
    CREATE TABLE entries_anew (
      position INTEGER PRIMARY KEY NOT NULL,
      installation INTEGER NOT NULL REFERENCES installations (id),
      kind TEXT NOT NULL CHECK (kind = 'sample' OR kind = 'day' OR kind = 'closing'
        OR kind = 'decision' OR kind = 'quarantined'),
      seq INTEGER CHECK (seq > 0),
      hash TEXT CHECK (length(hash) = 43),
      jws TEXT NOT NULL,
      received_at INTEGER NOT NULL,
      license TEXT,
      revision INTEGER,
      date INTEGER,
      from_at INTEGER,
      to_at INTEGER,
      at INTEGER,
      peak INTEGER,
      peak_at INTEGER,
      online INTEGER,
      "limit" INTEGER,
      collectors INTEGER,
      refused INTEGER,
      observed INTEGER,
      gaps TEXT,
      "window" INTEGER,
      dwell INTEGER,
      identity TEXT,
      sample INTEGER CHECK (sample IS NULL OR kind = 'closing'),
      UNIQUE (installation, seq),
      CHECK ((kind = 'closing' OR kind = 'decision') = (seq IS NULL)),
      CHECK ((kind = 'closing' OR kind = 'decision') = (hash IS NULL)),
      CHECK (kind = 'decision' OR kind = 'quarantined' OR (license IS NOT NULL AND revision IS NOT NULL
        AND date IS NOT NULL AND from_at IS NOT NULL AND to_at IS NOT NULL AND at IS NOT NULL
        AND observed IS NOT NULL AND gaps IS NOT NULL)),
      CHECK ((peak IS NULL) = (peak_at IS NULL))
    ) STRICT;
    INSERT INTO entries_anew (position, installation, kind, seq, hash, jws, received_at, license,
      revision, date, from_at, to_at, at, peak, peak_at, online, "limit", collectors, refused,
      observed, gaps, "window", dwell, identity, sample)
    SELECT position, installation, kind, seq, hash, jws, received_at, license, revision, date,
      from_at, to_at, at, peak, peak_at, online, "limit", collectors, refused, observed, gaps,
      "window", dwell, identity, sample FROM entries;
    DROP TABLE entries;
    ALTER TABLE entries_anew RENAME TO entries;
    CREATE INDEX entries_by_date ON entries (installation, date, kind, seq, license, revision,
      from_at, to_at, peak, peak_at, observed, gaps, "window", dwell, identity, sample);
    CREATE UNIQUE INDEX entries_closed_once ON entries (installation, date) WHERE kind = 'day';
    CREATE UNIQUE INDEX entries_closed_by_gateway ON entries (installation, date)
      WHERE kind = 'closing';
    CREATE INDEX entries_decided ON entries (installation, position) WHERE kind = 'decision';
    """

  /// Events are told once, whatever `key` says; a place is given once, also after the last was deleted.
  private static let webhooks = """
    CREATE TABLE events (
      position INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
      id TEXT NOT NULL UNIQUE,
      key TEXT NOT NULL UNIQUE,
      type TEXT NOT NULL,
      line TEXT,
      installation TEXT,
      data TEXT NOT NULL,
      at INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX events_by_time ON events (at, position);
    CREATE TABLE webhooks (
      id TEXT PRIMARY KEY NOT NULL,
      url TEXT NOT NULL,
      types TEXT NOT NULL,
      secret TEXT NOT NULL,
      former_secret TEXT,
      former_until INTEGER,
      note TEXT NOT NULL,
      created_at INTEGER NOT NULL,
      disabled_at INTEGER,
      removed_at INTEGER,
      CHECK ((former_secret IS NULL) = (former_until IS NULL))
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE deliveries (
      webhook TEXT NOT NULL REFERENCES webhooks (id),
      event INTEGER NOT NULL REFERENCES events (position),
      attempts INTEGER NOT NULL CHECK (attempts >= 0),
      next_at INTEGER NOT NULL,
      begun_at INTEGER NOT NULL,
      tried_at INTEGER,
      status INTEGER,
      error TEXT,
      delivered_at INTEGER,
      given_up_at INTEGER,
      PRIMARY KEY (webhook, event),
      CHECK (delivered_at IS NULL OR given_up_at IS NULL)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX deliveries_by_event ON deliveries (event);
    CREATE INDEX deliveries_due ON deliveries (webhook, next_at)
      WHERE delivered_at IS NULL AND given_up_at IS NULL;
    CREATE INDEX deliveries_waiting ON deliveries (begun_at)
      WHERE delivered_at IS NULL AND given_up_at IS NULL;
    """

  private static let tokens = """
    CREATE TABLE tokens (
      id TEXT PRIMARY KEY NOT NULL,
      hash TEXT NOT NULL UNIQUE CHECK (length(hash) = 43),
      scopes TEXT NOT NULL,
      note TEXT NOT NULL,
      created_at INTEGER NOT NULL,
      expires_at INTEGER NOT NULL,
      revoked_at INTEGER
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX tokens_by_creation ON tokens (created_at, id);
    """
}
