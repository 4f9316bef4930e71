internal import GRDB
internal import Metering
internal import Storage

/// The tables of `journal.sqlite`. Steps are only ever added.
enum JournalSchema {
  /// - Parameter sums: for the rows of a journal that has none yet.
  static func migrations(_ sums: RowSums) -> [Migration] {
    [
      Migration("1-journal", sql: journal), Migration("2-evidence", sql: evidence),
      Migration("3-inventory", sql: InventorySchema.sql),
      Migration("4-sums") { try addSums(to: $0, sums) },
      Migration("5-rule-sums") { try addRuleSums(to: $0, sums) },
      Migration("6-date-sums") { try addDateSums(to: $0, sums) },
    ]
  }

  private static func addSums(to db: Database, _ sums: RowSums) throws {
    for table in ["state", "collector", "segment"] {
      try db.execute(sql: "ALTER TABLE \(table) ADD COLUMN sum INTEGER NOT NULL DEFAULT 0")
    }
    for row in try Row.fetchAll(db, sql: "SELECT boot, body FROM state") {
      try db.execute(
        sql: "UPDATE state SET sum = ?",
        arguments: [sums.sum(boot: try row.value("boot"), body: try row.value("body"))])
    }
    for row in try Row.fetchAll(db, sql: "SELECT \(Journal.collectorColumns) FROM collector") {
      try Journal.replace(try Journal.collector(row), sums, in: db)
    }
    for row in try Row.fetchAll(db, sql: "SELECT id, \(Journal.segmentColumns) FROM segment") {
      try db.execute(
        sql: "UPDATE segment SET sum = ? WHERE id = ?",
        arguments: [sums.sum(try Journal.segment(row)), try row.value("id") as Int64])
    }
  }

  private static func addRuleSums(to db: Database, _ sums: RowSums) throws {
    try db.execute(sql: "ALTER TABLE identity_rule ADD COLUMN sum INTEGER NOT NULL DEFAULT 0")
    for row in try Row.fetchAll(db, sql: "SELECT date, rule FROM identity_rule") {
      let (date, rule): (String, String) = (try row.value("date"), try row.value("rule"))
      try db.execute(
        sql: "UPDATE identity_rule SET sum = ? WHERE date = ?",
        arguments: [sums.sum(from: date, rule: rule), date])
    }
  }

  private static func addDateSums(to db: Database, _ sums: RowSums) throws {
    for table in ["closed_day", "dropped_evidence"] {
      try db.execute(sql: "ALTER TABLE \(table) ADD COLUMN sum INTEGER NOT NULL DEFAULT 0")
    }
    for row in try Row.fetchAll(db, sql: "SELECT date, payload FROM closed_day") {
      let (date, payload): (String, String) = (try row.value("date"), try row.value("payload"))
      try db.execute(
        sql: "UPDATE closed_day SET sum = ? WHERE date = ?",
        arguments: [sums.sum(closed: date, payload: payload), date])
    }
    for row in try Row.fetchAll(db, sql: "SELECT date, at FROM dropped_evidence") {
      let date: String = try row.value("date")
      try db.execute(
        sql: "UPDATE dropped_evidence SET sum = ? WHERE date = ?",
        arguments: [sums.sum(dropped: date, at: try row.value("at")), date])
    }
  }

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

  /// One collector's segments of a date are found at once, and whether it has any of another date.
  private static let evidence = """
    DROP INDEX segment_date;
    CREATE INDEX segment_collector ON segment (date, high, low);
    CREATE INDEX segment_identity ON segment (high, low);
    CREATE TABLE dropped_evidence (
      date TEXT NOT NULL PRIMARY KEY CHECK (length(date) = 10),
      at INTEGER NOT NULL CHECK (at >= 0)
    ) STRICT;
    """
}
