internal import Postgres

/// The tables of the PostgreSQL store: those of the embedded one, in a schema of their own, and `ledger`.
///
/// `ledger` has one row. Who locks it is the one writer; it holds the last position given out, how often
/// licenses, keysets or revocations were changed, and the version of the tables. Texts are compared byte by
/// byte. Rows of `entries`, `receipts`, `final_statements` and `finding_states` are never changed or deleted.
enum PostgresSchema {
  /// Forward only; the first one is version 1.
  static let migrations = [
    ledger + trust + installations + entries + receipts + decisions,
    findings,
    webhooks,
  ]

  static var newest: Int64 { Int64(migrations.count) }

  /// Any number, the same in every version.
  private static let lock: Int64 = 7_463_920_418

  /// Brings the tables up to this program's version; processes that come at once wait for each other.
  /// - Throws: ``PostgresError``; the connection must not be used then.
  static func migrate(_ connection: PostgresConnection) throws(PostgresError) {
    if try version(connection) == newest { return }
    // Before the transaction, which sees at its beginning what the last holder has made.
    try connection.run("SELECT pg_advisory_lock($1)::text", [lock])
    try connection.runScript("BEGIN")
    let known = try version(connection)
    try requireKnown(known)
    if try connection.run("SELECT to_regnamespace('tally')::text AS name").rows.first?
      .optionalText("name") == nil
    {
      try connection.runScript("CREATE SCHEMA tally")
    }
    for migration in migrations[Int(known)...] { try connection.runScript(migration) }
    try connection.run("UPDATE ledger SET schema = $1", [newest])
    try connection.commit()
    try connection.run("SELECT pg_advisory_unlock($1)::text", [lock])
  }

  /// - Throws: ``PostgresError`` `superseded`, or `unfit` for tables that are too old.
  static func requireCurrent(_ connection: PostgresConnection) throws(PostgresError) {
    let version = try version(connection)
    try requireKnown(version)
    guard version == newest else {
      throw PostgresError(.unfit, "the database holds no ledger: start serve on it once")
    }
  }

  /// - Throws: ``PostgresError`` `superseded`.
  static func requireKnown(_ version: Int64) throws(PostgresError) {
    guard version > newest else { return }
    throw PostgresError(
      .superseded,
      "the database was written by a newer version of tally-gateway: run that one or a newer one")
  }

  /// 0 where there are no tables.
  private static func version(_ connection: PostgresConnection) throws(PostgresError) -> Int64 {
    let table = try connection.run("SELECT to_regclass('tally.ledger')::text AS name").rows.first
    guard try table?.optionalText("name") != nil else { return 0 }
    return try connection.run("SELECT schema FROM tally.ledger").rows.first?.number("schema") ?? 0
  }

  private static let ledger = """
    CREATE TABLE ledger (
      id smallint PRIMARY KEY CHECK (id = 1),
      schema bigint NOT NULL,
      position bigint NOT NULL CHECK (position >= 0),
      publications bigint NOT NULL
    ) WITH (fillfactor = 10);
    INSERT INTO ledger (id, schema, position, publications) VALUES (1, 0, 0, 0);
    CREATE FUNCTION forbid_change() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        RAISE EXCEPTION 'rows of % are never changed or deleted', TG_TABLE_NAME
          USING ERRCODE = 'restrict_violation';
      END $$;
    """

  private static let trust = """
    CREATE TABLE licenses (
      id text COLLATE "C" PRIMARY KEY,
      line text COLLATE "C" NOT NULL,
      revision bigint NOT NULL CHECK (revision > 0),
      jws text NOT NULL,
      published_at bigint,
      seen_at bigint NOT NULL
    );
    CREATE INDEX licenses_by_line ON licenses (line, revision);
    CREATE TABLE keysets (
      epoch bigint PRIMARY KEY CHECK (epoch > 0),
      document text NOT NULL,
      stored_at bigint NOT NULL
    );
    CREATE TABLE revocations (
      id smallint PRIMARY KEY CHECK (id = 1),
      jws text NOT NULL,
      stored_at bigint NOT NULL
    );
    CREATE TABLE tokens (
      id text COLLATE "C" PRIMARY KEY,
      hash text COLLATE "C" NOT NULL UNIQUE CHECK (length(hash) = 43),
      scopes text NOT NULL,
      note text NOT NULL,
      created_at bigint NOT NULL,
      expires_at bigint NOT NULL,
      revoked_at bigint
    );
    CREATE INDEX tokens_by_creation ON tokens (created_at, id);
    """

  private static let installations = """
    CREATE TABLE installations (
      id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      thumbprint text COLLATE "C" NOT NULL UNIQUE CHECK (length(thumbprint) = 43),
      public_key text NOT NULL CHECK (length(public_key) = 43),
      line text COLLATE "C" NOT NULL,
      license text COLLATE "C" NOT NULL REFERENCES licenses (id),
      enrolment text NOT NULL,
      activation text NOT NULL,
      activated_at bigint NOT NULL,
      replaces text COLLATE "C" REFERENCES installations (thumbprint),
      replaced_by text COLLATE "C" REFERENCES installations (thumbprint),
      replaced_at bigint,
      released_at bigint,
      CHECK ((replaced_by IS NULL) = (replaced_at IS NULL))
    );
    CREATE INDEX installations_by_line ON installations (line, id);
    CREATE TABLE heads (
      installation bigint PRIMARY KEY REFERENCES installations (id),
      seq bigint NOT NULL CHECK (seq >= 0),
      hash text CHECK (length(hash) = 43),
      word_at bigint NOT NULL,
      day_to bigint,
      closed_date bigint,
      closed_to bigint,
      receipt_at bigint NOT NULL,
      CHECK ((seq = 0) = (hash IS NULL)),
      CHECK ((closed_to IS NULL) = (closed_date IS NULL))
    ) WITH (fillfactor = 50);
    CREATE TABLE looks (
      installation bigint PRIMARY KEY REFERENCES installations (id),
      at bigint NOT NULL
    );
    CREATE INDEX looks_by_time ON looks (at);
    """

  private static let entries = """
    CREATE TABLE entries (
      position bigint PRIMARY KEY,
      installation bigint NOT NULL REFERENCES installations (id),
      kind text COLLATE "C" NOT NULL
        CHECK (kind IN ('sample', 'day', 'closing', 'decision', 'quarantined')),
      seq bigint CHECK (seq > 0),
      hash text CHECK (length(hash) = 43),
      jws text NOT NULL,
      received_at bigint NOT NULL,
      license text,
      revision bigint,
      date bigint,
      from_at bigint,
      to_at bigint,
      at bigint,
      peak bigint,
      peak_at bigint,
      online bigint,
      "limit" bigint,
      collectors bigint,
      refused bigint,
      observed bigint,
      gaps text,
      "window" bigint,
      dwell bigint,
      identity text,
      sample bigint CHECK (sample IS NULL OR kind = 'closing'),
      UNIQUE (installation, seq),
      CHECK ((kind IN ('closing', 'decision')) = (seq IS NULL)),
      CHECK ((kind IN ('closing', 'decision')) = (hash IS NULL)),
      CHECK (kind IN ('decision', 'quarantined') OR (license IS NOT NULL AND revision IS NOT NULL
        AND date IS NOT NULL AND from_at IS NOT NULL AND to_at IS NOT NULL AND at IS NOT NULL
        AND observed IS NOT NULL AND gaps IS NOT NULL)),
      CHECK ((peak IS NULL) = (peak_at IS NULL))
    );
    CREATE INDEX entries_by_date ON entries (installation, date, kind, seq);
    CREATE UNIQUE INDEX entries_closed_once ON entries (installation, date) WHERE kind = 'day';
    CREATE UNIQUE INDEX entries_closed_by_gateway ON entries (installation, date)
      WHERE kind = 'closing';
    CREATE INDEX entries_decided ON entries (installation, position) WHERE kind = 'decision';
    CREATE TRIGGER entries_stand BEFORE UPDATE OR DELETE OR TRUNCATE ON entries
      EXECUTE FUNCTION forbid_change();
    """

  private static let receipts = """
    CREATE TABLE receipts (
      installation bigint NOT NULL REFERENCES installations (id),
      seq bigint NOT NULL,
      position bigint NOT NULL,
      iat bigint NOT NULL,
      jws text NOT NULL,
      PRIMARY KEY (installation, seq)
    );
    CREATE TRIGGER receipts_stand BEFORE UPDATE OR DELETE OR TRUNCATE ON receipts
      EXECUTE FUNCTION forbid_change();
    CREATE TABLE alive (
      installation bigint PRIMARY KEY REFERENCES installations (id),
      at bigint NOT NULL,
      jws text NOT NULL,
      receipt_seq bigint NOT NULL,
      receipt_position bigint NOT NULL,
      receipt_iat bigint NOT NULL,
      receipt text NOT NULL
    );
    CREATE TABLE conflicts (
      installation bigint PRIMARY KEY REFERENCES installations (id),
      seq bigint NOT NULL,
      jws text NOT NULL,
      first_at bigint NOT NULL,
      count bigint NOT NULL CHECK (count > 0)
    );
    CREATE TABLE findings (
      installation bigint NOT NULL REFERENCES installations (id),
      code text COLLATE "C" NOT NULL,
      seq bigint NOT NULL,
      first_at bigint NOT NULL,
      last_at bigint NOT NULL,
      count bigint NOT NULL CHECK (count > 0),
      PRIMARY KEY (installation, code)
    );
    """

  private static let decisions = """
    CREATE TABLE permit_uses (
      position bigint PRIMARY KEY REFERENCES entries (position),
      installation bigint NOT NULL REFERENCES installations (id)
    );
    CREATE TABLE final_statements (
      id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      line text COLLATE "C" NOT NULL,
      month bigint NOT NULL,
      jws text NOT NULL,
      made_at bigint NOT NULL,
      UNIQUE (line, month)
    );
    CREATE TRIGGER final_statements_stand BEFORE UPDATE OR DELETE OR TRUNCATE ON final_statements
      EXECUTE FUNCTION forbid_change();
    """

  private static let webhooks = """
    CREATE TABLE events (
      position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      id text COLLATE "C" NOT NULL UNIQUE,
      key text COLLATE "C" NOT NULL UNIQUE,
      type text COLLATE "C" NOT NULL,
      line text COLLATE "C",
      installation text COLLATE "C",
      data text NOT NULL,
      at bigint NOT NULL
    );
    CREATE INDEX events_by_time ON events (at, position);
    CREATE TRIGGER events_stand BEFORE UPDATE ON events EXECUTE FUNCTION forbid_change();
    CREATE TABLE webhooks (
      id text COLLATE "C" PRIMARY KEY,
      url text NOT NULL,
      types text COLLATE "C" NOT NULL,
      secret text NOT NULL,
      former_secret text,
      former_until bigint,
      note text NOT NULL,
      created_at bigint NOT NULL,
      disabled_at bigint,
      removed_at bigint,
      CHECK ((former_secret IS NULL) = (former_until IS NULL))
    );
    CREATE TABLE deliveries (
      webhook text COLLATE "C" NOT NULL REFERENCES webhooks (id),
      event bigint NOT NULL REFERENCES events (position),
      attempts bigint NOT NULL CHECK (attempts >= 0),
      next_at bigint NOT NULL,
      begun_at bigint NOT NULL,
      tried_at bigint,
      status bigint,
      error text,
      delivered_at bigint,
      given_up_at bigint,
      PRIMARY KEY (webhook, event),
      CHECK (delivered_at IS NULL OR given_up_at IS NULL)
    );
    CREATE INDEX deliveries_by_event ON deliveries (event);
    CREATE INDEX deliveries_due ON deliveries (webhook, next_at)
      WHERE delivered_at IS NULL AND given_up_at IS NULL;
    CREATE INDEX deliveries_waiting ON deliveries (begun_at)
      WHERE delivered_at IS NULL AND given_up_at IS NULL;
    """
}
