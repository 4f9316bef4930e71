internal import Storage

/// The tables of the registry. Payloads and documents are stored as the exact text that is signed.
enum RegistrySchema {
  static let migrations = [
    Migration(
      "1", sql: keys + intents + documents + audit + guards.values.sorted().joined(separator: "\n")),
    Migration("2", sql: standing + moreIntents + revocations + releasesByKey),
    Migration("3", sql: bindings),
  ]

  private static let keys = """
    CREATE TABLE keys (
      thumbprint TEXT NOT NULL PRIMARY KEY CHECK (length(thumbprint) = 43),
      use TEXT NOT NULL CHECK (use IN ('root', 'license', 'release', 'revocation', 'gateway')),
      algorithm TEXT NOT NULL CHECK (algorithm IN ('EdDSA', 'PS256')),
      jwk TEXT NOT NULL UNIQUE,
      valid_from INTEGER NOT NULL,
      valid_through INTEGER NOT NULL CHECK (valid_through >= valid_from),
      constraints TEXT NOT NULL,
      pem TEXT NOT NULL UNIQUE,
      created_at INTEGER NOT NULL
    ) STRICT;

    CREATE TABLE customers (
      id TEXT NOT NULL PRIMARY KEY,
      name TEXT NOT NULL CHECK (name <> ''),
      created_at INTEGER NOT NULL
    ) STRICT;

    """

  /// One intent at most is pending: whatever was begun is finished or dropped before the next.
  private static let intents = """
    CREATE TABLE intents (
      id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
      kind TEXT NOT NULL CHECK (kind IN ('keyset', 'license', 'release')),
      action TEXT NOT NULL,
      subject TEXT NOT NULL,
      kid TEXT REFERENCES keys (thumbprint),
      payload TEXT NOT NULL CHECK (payload <> ''),
      who TEXT NOT NULL,
      why TEXT NOT NULL,
      begun_at INTEGER NOT NULL,
      state TEXT NOT NULL CHECK (state IN ('pending', 'done', 'dropped')),
      CHECK ((kind = 'keyset') = (kid IS NULL))
    ) STRICT;
    CREATE UNIQUE INDEX intents_pending ON intents (state) WHERE state = 'pending';

    """

  private static let documents = """
    CREATE TABLE keysets (
      epoch INTEGER NOT NULL PRIMARY KEY CHECK (epoch >= 1),
      payload TEXT NOT NULL,
      document TEXT NOT NULL,
      intent INTEGER NOT NULL UNIQUE REFERENCES intents (id)
    ) STRICT;

    CREATE TABLE licenses (
      jti TEXT NOT NULL PRIMARY KEY,
      line TEXT NOT NULL,
      revision INTEGER NOT NULL CHECK (revision >= 1),
      customer TEXT NOT NULL REFERENCES customers (id),
      state TEXT NOT NULL CHECK (state IN ('issued', 'revoked')),
      payload TEXT NOT NULL,
      jws TEXT NOT NULL,
      kid TEXT NOT NULL REFERENCES keys (thumbprint),
      intent INTEGER NOT NULL UNIQUE REFERENCES intents (id),
      UNIQUE (line, revision)
    ) STRICT;

    CREATE TABLE releases (
      product TEXT NOT NULL,
      version TEXT NOT NULL,
      commit_id TEXT NOT NULL,
      payload TEXT NOT NULL,
      jws TEXT NOT NULL,
      kid TEXT NOT NULL REFERENCES keys (thumbprint),
      intent INTEGER NOT NULL UNIQUE REFERENCES intents (id),
      PRIMARY KEY (product, version, commit_id)
    ) STRICT;

    CREATE TABLE publications (
      target TEXT NOT NULL,
      document TEXT NOT NULL,
      published_at INTEGER NOT NULL,
      PRIMARY KEY (target, document)
    ) STRICT;

    """

  private static let audit = """
    CREATE TABLE audit (
      seq INTEGER NOT NULL PRIMARY KEY CHECK (seq >= 1),
      at INTEGER NOT NULL,
      who TEXT NOT NULL CHECK (who <> ''),
      action TEXT NOT NULL,
      why TEXT NOT NULL,
      subjects TEXT NOT NULL,
      payload TEXT NOT NULL,
      prev TEXT,
      hash TEXT NOT NULL UNIQUE CHECK (length(hash) = 43),
      CHECK ((seq = 1) = (prev IS NULL))
    ) STRICT;
    """

  /// What keeps rows of the log as they are, by name.
  static let guards = [
    "audit_is_not_changed": """
    CREATE TRIGGER audit_is_not_changed BEFORE UPDATE ON audit
      BEGIN SELECT RAISE (ABORT, 'the audit log is append-only'); END;
    """,
    "audit_is_not_shortened": """
    CREATE TRIGGER audit_is_not_shortened BEFORE DELETE ON audit
      BEGIN SELECT RAISE (ABORT, 'the audit log is append-only'); END;
    """,
  ]

  /// A key that is retired or revoked stays in the registry: it has signed what stands there.
  private static let standing = """
    ALTER TABLE keys ADD COLUMN retired_at INTEGER;
    ALTER TABLE keys ADD COLUMN revoked_at INTEGER;
    ALTER TABLE keys ADD COLUMN revoked_reason TEXT
      CHECK ((revoked_at IS NULL) = (revoked_reason IS NULL));

    """

  /// SQLite cannot change a CHECK: the table is made anew, with the ids that others refer to.
  private static let moreIntents = """
    CREATE TABLE intents_2 (
      id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
      kind TEXT NOT NULL CHECK (kind IN ('keyset', 'license', 'release', 'revocations')),
      action TEXT NOT NULL,
      subject TEXT NOT NULL,
      kid TEXT REFERENCES keys (thumbprint),
      payload TEXT NOT NULL CHECK (payload <> ''),
      who TEXT NOT NULL,
      why TEXT NOT NULL,
      begun_at INTEGER NOT NULL,
      state TEXT NOT NULL CHECK (state IN ('pending', 'done', 'dropped')),
      CHECK ((kind = 'keyset') = (kid IS NULL))
    ) STRICT;
    INSERT INTO intents_2
        (id, kind, action, subject, kid, payload, who, why, begun_at, state)
      SELECT id, kind, action, subject, kid, payload, who, why, begun_at, state FROM intents;
    DROP TABLE intents;
    ALTER TABLE intents_2 RENAME TO intents;
    CREATE UNIQUE INDEX intents_pending ON intents (state) WHERE state = 'pending';

    """

  private static let revocations = """
    CREATE TABLE revocations (
      seq INTEGER NOT NULL PRIMARY KEY CHECK (seq >= 1),
      payload TEXT NOT NULL,
      jws TEXT NOT NULL,
      kid TEXT NOT NULL REFERENCES keys (thumbprint),
      intent INTEGER NOT NULL UNIQUE REFERENCES intents (id)
    ) STRICT;

    """

  /// A release is signed again under another key when its own is revoked.
  private static let releasesByKey = """
    CREATE TABLE releases_2 (
      product TEXT NOT NULL,
      version TEXT NOT NULL,
      commit_id TEXT NOT NULL,
      payload TEXT NOT NULL,
      jws TEXT NOT NULL,
      kid TEXT NOT NULL REFERENCES keys (thumbprint),
      intent INTEGER NOT NULL UNIQUE REFERENCES intents (id),
      PRIMARY KEY (product, version, commit_id, kid)
    ) STRICT;
    INSERT INTO releases_2 (product, version, commit_id, payload, jws, kid, intent)
      SELECT product, version, commit_id, payload, jws, kid, intent FROM releases;
    DROP TABLE releases;
    ALTER TABLE releases_2 RENAME TO releases;
    """

  /// What is pending was begun by the key that is to sign it. An intent of an older program has no such
  /// word: it can only be dropped.
  private static let bindings = """
    ALTER TABLE intents ADD COLUMN bound_by TEXT;
    ALTER TABLE intents ADD COLUMN binding TEXT CHECK ((bound_by IS NULL) = (binding IS NULL));
    """
}
