extension PostgresSchema {
  /// What ``LedgerSchema/findings`` makes of the embedded store.
  static let findings = """
    ALTER TABLE findings RENAME TO findings_before;
    ALTER TABLE findings_before RENAME CONSTRAINT findings_pkey TO findings_before_pkey;
    CREATE TABLE findings (
      id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      installation bigint NOT NULL REFERENCES installations (id),
      code text COLLATE "C" NOT NULL,
      state text COLLATE "C" NOT NULL CHECK (state IN ('open', 'acknowledged', 'resolved')),
      seq bigint,
      last_seq bigint,
      first_at bigint NOT NULL,
      last_at bigint NOT NULL,
      count bigint NOT NULL CHECK (count > 0),
      date bigint,
      seconds bigint,
      level bigint,
      owner text,
      note text,
      resolution text,
      resolved_at bigint,
      UNIQUE (installation, code),
      CHECK ((state = 'resolved') = (resolution IS NOT NULL)),
      CHECK ((state = 'resolved') = (resolved_at IS NOT NULL))
    ) WITH (fillfactor = 80);
    INSERT INTO findings (installation, code, state, seq, last_seq, first_at, last_at, count)
    SELECT installation, code, 'open', seq, seq, first_at, last_at, count FROM findings_before
    ORDER BY first_at, installation, code;
    DROP TABLE findings_before;
    CREATE INDEX findings_by_state ON findings (state, id);
    CREATE INDEX findings_by_code ON findings (code, id);
    CREATE INDEX findings_unresolved ON findings (code) WHERE state <> 'resolved';
    CREATE TABLE finding_states (
      id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      finding bigint NOT NULL REFERENCES findings (id),
      what text COLLATE "C" NOT NULL
        CHECK (what IN ('opened', 'escalated', 'acknowledged', 'resolved', 'reopened')),
      at bigint NOT NULL,
      who text NOT NULL,
      why text,
      owner text,
      note text,
      resolution text,
      level bigint
    );
    CREATE INDEX finding_states_by_finding ON finding_states (finding, id);
    CREATE TRIGGER finding_states_stand BEFORE UPDATE OR DELETE OR TRUNCATE ON finding_states
      EXECUTE FUNCTION forbid_change();
    INSERT INTO finding_states (finding, what, at, who)
    SELECT id, 'opened', first_at, 'tally-gateway' FROM findings ORDER BY id;
    ALTER TABLE heads ADD COLUMN silent bigint NOT NULL DEFAULT 0 CHECK (silent >= 0);
    CREATE TABLE watches (
      installation bigint PRIMARY KEY REFERENCES installations (id),
      at bigint NOT NULL
    );
    CREATE INDEX watches_by_time ON watches (at);
    INSERT INTO watches (installation, at) SELECT id, 0 FROM installations;
    """
}
