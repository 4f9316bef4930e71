import CivilTime
import Licensing
import Sealing
import Testing

/// Every edition in every state, at each of its boundaries: the second before, the first, the next.
///
/// Codes and instants stand in `Oracle/states.tsv`, from the rules told a second time in Python; the
/// situations are made here. Calendars have days of 23 and of 25 hours at both ends, a skipped day,
/// a skipped midnight, and an hour that comes twice before midnight.
struct StateTableTests {
  static let width = 10
  static let editions = Edition.allCases

  @Test(arguments: editions)
  func `each state reads at each boundary second as the table says`(_ edition: Edition) throws {
    let rows = try TableFile.rows("states.tsv", width: Self.width)
      .filter { $0[0] == edition.rawValue }
    var states: Set<String> = []
    var made: (key: [String], table: TableScene, situation: Situation)?
    for row in rows {
      let key = Array(row[0...4])
      states.insert(row[4])
      if made?.key != key {
        var table = try TableScene(edition, zone: row[1], from: row[2], through: row[3])
        let change = try #require(TableStates.all[row[4]], "\(row[4])")
        try change(&table)
        made = (key, table, try table.situation())
      }
      let (_, table, situation) = try #require(made)
      let boundary = try #require(Int64(row[6]))
      for (step, expected) in zip(-1...1, row[7...9]) {
        let codes = try Self.codes(table, situation, boundary: boundary, step: Int64(step))
        #expect(codes == expected, "\(row[0...6].joined(separator: ", ")) \(step)")
      }
    }
    let counts: [Edition: (states: Int, rows: Int)] = [
      .subscription: (39, 1197), .perpetual: (40, 784), .payg: (39, 1197), .community: (27, 945),
    ]
    #expect(states.count == counts[edition]?.states)
    #expect(rows.count == counts[edition]?.rows)
  }

  private static func codes(
    _ table: TableScene, _ asked: Situation, boundary: Int64, step: Int64
  ) throws -> String {
    var situation = asked
    situation.wall = boundary + step
    if let behind = table.behind {
      var standing = situation.standing ?? Standing()
      standing.floor = boundary + step
      situation.standing = standing
      switch behind {
      case .seconds(let seconds): situation.wall = boundary + step - seconds
      case .unreadable: situation.wall = nil
      }
    }
    if table.keysetTurns { situation.keyset = try TestKeyset.made(boundary - 180 * 86_400) }
    switch verdict(of: situation) {
    case .verdict(let verdict):
      return verdict.findings.map(\.code.rawValue).joined(separator: " ")
    case .cannotTell(let reason): return reason.code
    }
  }

  @Test func `the table has every zone, and every state and boundary of each edition`() throws {
    let rows = try TableFile.rows("states.tsv", width: Self.width)
    #expect(rows.count == 4123)
    #expect(Set(rows.map { $0[1] }).count == 4)
    #expect(Set(rows.map { Array($0[1...3]) }).count == 7)
    #expect(Set(rows.map { $0[4] }) == Set(TableStates.all.keys))
    #expect(Set(rows.map { [$0[0], $0[4]] }).count == 145)
    var codes: Set<String> = []
    for row in rows {
      for found in row[7...9] {
        codes.formUnion(found.split(separator: " ").map(String.init))
      }
    }
    #expect(codes.count == 22)
  }

  @Test(arguments: ["states", "revisions"])
  func `the tables are what the oracle writes`(_ name: String) throws {
    var lines: [String] = []
    try OracleScript(name: "tables.py", arguments: [name]).run { lines.append($0) }
    #expect(lines == (try TableFile.text("\(name).tsv")).split(separator: "\n").map(String.init))
  }

  /// Some of it by hand: instants as `date -d 'TZ="…" …' +%s` gives them.
  @Test func `the table agrees with what was reckoned by hand`() throws {
    let expected = [
      // 00:00 was skipped: the 4th began at 01:00 -02, 03:00Z.
      "subscription|America/Sao_Paulo|2017-10-15|2018-11-03|plain|term ends|1541300400|"
        + "EXPIRING_SOON VALID|IN_GRACE|IN_GRACE",
      // 2018-03-11 had 23 hours: it ended at 00:00 -04 of the 12th, 04:00Z.
      "payg|America/New_York|2017-03-12|2018-03-11|plain|term ends|1520827200|"
        + "EXPIRING_SOON VALID|IN_GRACE|IN_GRACE",
      // 2018-11-04 had 25: to 00:00 -05 of the 5th, 05:00Z.
      "subscription|America/New_York|2017-11-05|2018-11-04|no grace|term ends|1541394000|"
        + "EXPIRING_SOON VALID|EXPIRED|EXPIRED",
      // 2011-12-30 never was: after the 29th came the 31st, at 10:00Z of the 30th.
      "perpetual|Pacific/Apia|2010-12-31|2011-12-30|plain|maintenance ends|1325239200|"
        + "VALID|MAINTENANCE_ENDED VALID|MAINTENANCE_ENDED VALID",
      // Released on 2018-05-24; 180 days later was 2018-11-20.
      "community|Asia/Shanghai|2017-11-21|2018-11-20|plain|180 days end|1542729600|"
        + "EXPIRING_SOON VALID|RELEASE_EXPIRED|RELEASE_EXPIRED",
      // 36 of 72 hours from 2017-11-20T16:00Z.
      "payg|Asia/Shanghai|2017-11-21|2018-11-20|lease by the license|half of the lease|1511323200|"
        + "VALID|REPORT_LATE|REPORT_LATE",
    ]
    let rows = Set(try TableFile.rows("states.tsv", width: Self.width))
    for line in expected {
      #expect(rows.contains(line.split(separator: "|").map(String.init)), "\(line)")
    }
  }
}
