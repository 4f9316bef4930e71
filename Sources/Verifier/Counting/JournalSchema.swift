internal import Storage

/// The tables of `journal.sqlite`. Steps are only ever added.
enum JournalSchema {
  static let migrations: [Migration] = [Migration("1-journal", sql: journal)]

  private static let journal = """
    CREATE TABLE state (
      id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
      boot TEXT NOT NULL,
      body TEXT NOT NULL CHECK (length(body) > 0)
    ) STRICT;
    CREATE TABLE collector (
      high INTEGER NOT NULL,
      low INTEGER NOT NULL,
      last INTEGER NOT NULL,
      started INTEGER NOT NULL,
      mark INTEGER NOT NULL,
      weight INTEGER NOT NULL,
      flags INTEGER NOT NULL,
      written INTEGER NOT NULL,
      online INTEGER NOT NULL CHECK (online IN (0, 1)),
      PRIMARY KEY (high, low)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE identity (
      high INTEGER NOT NULL,
      low INTEGER NOT NULL,
      kind TEXT NOT NULL CHECK (length(kind) > 0),
      bytes TEXT NOT NULL CHECK (length(bytes) > 0),
      PRIMARY KEY (high, low)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE segment (
      id INTEGER NOT NULL PRIMARY KEY,
      date TEXT NOT NULL CHECK (length(date) = 10),
      high INTEGER NOT NULL,
      low INTEGER NOT NULL,
      begins INTEGER NOT NULL,
      ends INTEGER NOT NULL CHECK (ends > begins),
      weight INTEGER NOT NULL CHECK (weight >= 1)
    ) STRICT;
    CREATE INDEX segment_date ON segment (date);
    CREATE TABLE closed_day (
      date TEXT NOT NULL PRIMARY KEY CHECK (length(date) = 10),
      payload TEXT NOT NULL CHECK (length(payload) > 0)
    ) STRICT;
    """
}
