import Foundation
import GRDB
import Storage
import Testing

/// Rows that are read without the library's own way.
@Suite struct DirectReadingTests {
  private static func read<Value>(_ body: (Database) throws -> Value) throws -> Value {
    let queue = try DatabaseQueue()
    return try queue.write { database in
      try database.execute(
        sql: """
          CREATE TABLE t (id INTEGER PRIMARY KEY, number, text);
          INSERT INTO t VALUES (1, 9223372036854775807, 'one'), (2, NULL, ''), (3, -1, 'a' || char(0) || 'b'),
            (4, 1.5, x'00FF'), (5, 0, CAST(x'41FF42' AS text));
          """)
      return try body(database)
    }
  }

  private static func name(_ cell: StoredCell) -> String {
    switch cell {
    case .null: "null"
    case .number(let number): "\(number)"
    case .text(let text): "'\(text)'"
    case .other: "other"
    }
  }

  @Test func `each value is what is stored, and what no column of ours holds is named so`() throws {
    let rows = try Self.read { database in
      var rows: [[String]] = []
      let statement = try database.cachedStatement(sql: "SELECT number, text FROM t ORDER BY id")
      try statement.readDirectly([]) { rows.append($0.map(Self.name)) }
      return rows
    }
    let damaged = "'A\u{FFFD}B'"
    #expect(
      rows == [
        ["9223372036854775807", "'one'"], ["null", "''"], ["-1", "'a\u{0}b'"], ["other", "other"],
        ["0", damaged],
      ])
  }

  @Test func `values are bound, no more rows are read than are wanted, and it can be read again`()
    throws
  {
    try Self.read { database in
      let sql = "SELECT id FROM t WHERE id >= ? ORDER BY id"
      for _ in 0..<3 {
        var found: [String] = []
        let statement = try database.cachedStatement(sql: sql)
        try statement.readDirectly([2.databaseValue], most: 2) { found += $0.map(Self.name) }
        #expect(found == ["2", "3"])
      }
      let statement = try database.cachedStatement(sql: sql)
      #expect(throws: DatabaseError.self) { try statement.readDirectly([]) { _ in } }
      // The library's own way goes on with the same statement.
      #expect(try Int.fetchAll(statement, arguments: [4]) == [4, 5])
    }
  }

  @Test
  func `a statement that is being read is not begun anew, and an error of the reader ends it`()
    throws
  {
    struct Enough: Error {}
    try Self.read { database in
      let statement = try database.cachedStatement(sql: "SELECT id FROM t ORDER BY id")
      #expect(throws: DatabaseError.self) {
        try statement.readDirectly([]) { _ in try statement.readDirectly([]) { _ in } }
      }
      #expect(throws: Enough.self) { try statement.readDirectly([]) { _ in throw Enough() } }
      var count = 0
      try statement.readDirectly([]) { _ in count += 1 }
      #expect(count == 5)
    }
  }
}
