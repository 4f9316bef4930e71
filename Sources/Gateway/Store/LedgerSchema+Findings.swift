extension LedgerSchema {
  /// Findings get names, states and a history that is never changed or deleted; `watches` says when an
  /// installation is next looked at for silence, and `silent` for how many hours a silence was told of.
  static let findings = """
    CREATE TABLE findings_anew (
      id INTEGER PRIMARY KEY NOT NULL,
      installation INTEGER NOT NULL REFERENCES installations (id),
      code TEXT NOT NULL,
      state TEXT NOT NULL CHECK (state IN ('open', 'acknowledged', 'resolved')),
      seq INTEGER,
      last_seq INTEGER,
      first_at INTEGER NOT NULL,
      last_at INTEGER NOT NULL,
      count INTEGER NOT NULL CHECK (count > 0),
      date INTEGER,
      seconds INTEGER,
      level INTEGER,
      owner TEXT,
      note TEXT,
      resolution TEXT,
      resolved_at INTEGER,
      UNIQUE (installation, code),
      CHECK ((state = 'resolved') = (resolution IS NOT NULL)),
      CHECK ((state = 'resolved') = (resolved_at IS NOT NULL))
    ) STRICT;
    INSERT INTO findings_anew (installation, code, state, seq, last_seq, first_at, last_at, count)
    SELECT installation, code, 'open', seq, seq, first_at, last_at, count FROM findings
    ORDER BY first_at, installation, code;
    DROP TABLE findings;
    ALTER TABLE findings_anew RENAME TO findings;
    CREATE INDEX findings_by_state ON findings (state, id);
    CREATE INDEX findings_by_code ON findings (code, id);
    CREATE INDEX findings_unresolved ON findings (code) WHERE state <> 'resolved';
    CREATE TABLE finding_states (
      id INTEGER PRIMARY KEY NOT NULL,
      finding INTEGER NOT NULL REFERENCES findings (id),
      what TEXT NOT NULL
        CHECK (what IN ('opened', 'escalated', 'acknowledged', 'resolved', 'reopened')),
      at INTEGER NOT NULL,
      who TEXT NOT NULL,
      why TEXT,
      owner TEXT,
      note TEXT,
      resolution TEXT,
      level INTEGER
    ) STRICT;
    CREATE INDEX finding_states_by_finding ON finding_states (finding, id);
    CREATE TRIGGER finding_states_stand BEFORE UPDATE ON finding_states
      BEGIN SELECT RAISE(ABORT, 'rows of finding_states are never changed'); END;
    CREATE TRIGGER finding_states_stay BEFORE DELETE ON finding_states
      BEGIN SELECT RAISE(ABORT, 'rows of finding_states are never deleted'); END;
    INSERT INTO finding_states (finding, what, at, who)
    SELECT id, 'opened', first_at, 'tally-gateway' FROM findings ORDER BY id;
    ALTER TABLE heads ADD COLUMN silent INTEGER NOT NULL DEFAULT 0 CHECK (silent >= 0);
    CREATE TABLE watches (
      installation INTEGER PRIMARY KEY NOT NULL REFERENCES installations (id),
      at INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX watches_by_time ON watches (at);
    INSERT INTO watches (installation, at) SELECT id, 0 FROM installations;
    """
}
