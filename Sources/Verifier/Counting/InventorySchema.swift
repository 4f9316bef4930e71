/// The tables of the journal in which stands who was seen, and by which rules collectors were told apart.
enum InventorySchema {
  static let sql = """
    CREATE TABLE inventory (
      kind TEXT NOT NULL CHECK (length(kind) > 0),
      name TEXT NOT NULL CHECK (length(name) > 0),
      high INTEGER NOT NULL,
      low INTEGER NOT NULL,
      first INTEGER NOT NULL,
      last INTEGER NOT NULL CHECK (last >= first),
      weight INTEGER NOT NULL CHECK (weight >= 1),
      version TEXT,
      host TEXT,
      refused INTEGER,
      PRIMARY KEY (kind, name)
    ) STRICT, WITHOUT ROWID;
    CREATE UNIQUE INDEX inventory_digest ON inventory (high, low);
    CREATE TABLE identity_rule (
      date TEXT NOT NULL PRIMARY KEY CHECK (length(date) = 10),
      rule TEXT NOT NULL CHECK (length(rule) > 0)
    ) STRICT, WITHOUT ROWID;
    """
}
