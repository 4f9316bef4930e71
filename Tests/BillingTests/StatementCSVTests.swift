import Billing
import CivilTime
import Licensing
import Metering
import Sealing
import Testing

/// A statement as a table for spreadsheets.
@Suite struct StatementCSVTests {
  /// November with a carried date, a date without anything, and a sample above its day record.
  static func november() throws -> Statement {
    let installation = try Samples.installation(1)
    var entries = try Samples.november(
      [4, nil, 6, 5], of: installation, unobserved: [0, 86_400, 0, 7200])
    entries.append(
      try Samples.sample("2026-11-01", at: 40_000, peak: 9, of: installation, seq: 3))
    return try Samples.statement(entries, asOf: "2026-11-06")
  }

  /// One with a correction that gives back, and one that charges more.
  static func corrected() throws -> Statement {
    let installation = try Samples.installation(1)
    let billed = try StatementCorrectionTests.statement(
      try StatementCorrectionTests.whole(try Samples.november([4, 5, 6], of: installation)))
    let late = try StatementCorrectionTests.whole(
      try Samples.november([4, 2, 8], of: installation))
    let final = try Samples.some(billed.finalised())
    return try StatementCorrectionTests.statement(late, month: "2027-01").adding(
      try Statement.corrections(of: [final], by: [StatementCorrectionTests.statement(late)]))
  }

  static func text(_ bytes: [UInt8]) throws -> String {
    let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
    #expect(bytes.starts(with: mark))
    return try Samples.some(String(validating: bytes.dropFirst(3), as: UTF8.self))
  }

  @Test func `a line says everything that its JSON says, in plain numbers`() throws {
    let statement = try Self.november()
    let rows = try CSVReader.rows(try Self.text(statement.csv))
    #expect(rows.count == statement.lines.count && rows.count == 5)
    for (row, line) in zip(rows, statement.lines) {
      guard case .object(let members) = line.json else { throw Samples.Missing() }
      for member in members {
        switch member.value {
        case .number(let literal): #expect(row[member.name] == literal, "\(member.name)")
        case .string(let text): #expect(row[member.name] == text, "\(member.name)")
        default: #expect(["gaps", "rule"].contains(member.name))
        }
      }
      #expect(row["rule_window"] == (line.rule == nil ? "" : "300"))
      #expect(row["status"] == "provisional" && row["zone"] == "UTC" && row["entry"] == "line")
      #expect(row["was"] == "" && row["now"] == "")
    }
    #expect(rows[0]["sampled_peak"] == "9" && rows[0]["amount_decimal"] == "10.80")
    #expect(rows[1]["peak"] == "" && rows[1]["carried_from"] == "2026-11-01")
    #expect(rows[3]["gaps"] == "1793750400/1793757600/stopped")
  }

  @Test func `totals are no rows, and the rows come to them`() throws {
    for statement in [try Self.november(), try Self.corrected()] {
      let rows = try CSVReader.rows(try Self.text(statement.csv))
      #expect(rows.count == statement.lines.count + statement.corrections.count)
      let amount = rows.compactMap { Int64($0["amount"] ?? "") }.reduce(0, +)
      let quantity = rows.compactMap { Int64($0["quantity"] ?? "") }.reduce(0, +)
      #expect(statement.totals.map(\.amount) == [amount])
      #expect(statement.totals.map(\.quantity) == [quantity])
    }
  }

  @Test func `what a correction gives back stays a plain number below zero`() throws {
    let statement = try Self.corrected()
    let rows = try CSVReader.rows(try Self.text(statement.csv))
      .filter { $0["entry"] == "correction" }
    let down = try #require(rows.first { $0["date"] == "2026-11-02" })
    #expect(down["was"] == "5" && down["now"] == "2" && down["quantity"] == "-3")
    #expect(down["amount"] == "-360" && down["amount_decimal"] == "-3.60")
    #expect(down["peak"] == "" && down["rate"] == "" && down["terms"] == "")
    let up = try #require(rows.first { $0["date"] == "2026-11-03" })
    #expect(up["amount"] == "240" && up["amount_decimal"] == "2.40")
  }

  /// What a spreadsheet would run, or what would break the file; and what stands in the cell.
  static let attacks: [(given: String, cell: String)] = [
    ("=cmd|' /C calc'!A0", "'=cmd|' /C calc'!A0"), ("+1+1", "'+1+1"), ("-2+3", "'-2+3"),
    ("@SUM(A1)", "'@SUM(A1)"), ("\t=1+1", "' =1+1"), ("\r=1+1", "' =1+1"), ("\n=1", "' =1"),
    ("  =1+1", "'  =1+1"), ("\u{FF1D}1+1", "'\u{FF1D}1+1"), ("\u{FF0B}1", "'\u{FF0B}1"),
    ("\u{FF0D}1", "'\u{FF0D}1"), ("\u{FF20}A", "'\u{FF20}A"), ("\tA", "' A"),
    ("ACME, \"Inc\"", "ACME, \"Inc\""), ("a\r\n=1+1", "a  =1+1"),
    ("=HYPERLINK(\"http://x\",\"y\")", "'=HYPERLINK(\"http://x\",\"y\")"),
    ("a;=1+1", "a;=1+1"), ("\u{202E}=1", "' =1"), ("宏达 = 公司", "宏达 = 公司"),
  ]

  @Test(arguments: attacks)
  func `a customer's name is never a formula, and never another cell`(
    given: String, cell: String
  ) throws {
    var statement = try Self.november()
    statement.customer = given
    statement.product = given
    let rows = try CSVReader.rows(try Self.text(statement.csv))
    #expect(rows.count == statement.lines.count)
    #expect(rows.allSatisfy { $0["customer"] == cell && $0["product"] == cell })
    let focus = try CSVReader.rows(
      try #require(String(validating: statement.focus(in: .utc), as: UTF8.self)))
    #expect(focus.allSatisfy { $0["BillingAccountName"] == cell && $0["ServiceName"] == cell })
  }

  @Test func `no cell of text begins as a formula does, even where its name may`() throws {
    #expect(Self.attacks.count == 19)
    // A thumbprint whose base64url begins with a hyphen.
    let hyphen = try Samples.installation(0xFB)
    #expect(hyphen.text.hasPrefix("-"))
    var statement = try Samples.statement(
      try Samples.november([4], of: hyphen), asOf: "2026-11-02")
    statement.lines[0].rule = UsageRecord.Rule(window: 300, dwell: 0, identity: "=x")
    let rows = try CSVReader.rows(try Self.text(statement.csv))
    #expect(rows[0]["installation"] == "'" + hyphen.text && rows[0]["rule_identity"] == "'=x")
  }

  /// To Swift a quote with an accent on it is one character; to a table it ends the cell.
  @Test func `a quote that is part of a longer character is doubled`() throws {
    var statement = try Samples.statement(
      try Samples.november([4], of: try Samples.installation(1)), asOf: "2026-11-02")
    statement.lines[0].rule = UsageRecord.Rule(
      window: 300, dwell: 0, identity: "a\"\u{301},0,EUR")
    let text = try Self.text(statement.csv)
    #expect(Array(text.utf8).count(where: { $0 == UInt8(ascii: "\"") }) % 2 == 0)
    #expect(Array(text.utf8).contains(Array("a\"\"\u{301}".utf8)))
  }

  @Test func `a currency without minor units has none, one of three digits has three`() throws {
    for (currency, decimal) in [("JPY", "480"), ("KWD", "0.480"), ("CNY", "4.80")] {
      let price = Price(currency: currency, minorPerCollectorDay: 120)
      let statement = try Samples.statement(
        try Samples.november([4], of: Samples.installation(1)),
        licenses: [try Samples.payg(price: price)], asOf: "2026-11-02")
      let rows = try CSVReader.rows(try Self.text(statement.csv))
      #expect(rows[0]["amount_decimal"] == decimal && rows[0]["currency"] == currency)
    }
  }

  @Test func `a statement without a line is a line of names alone`() throws {
    let statement = try Samples.statement([], asOf: "2026-11-02")
    #expect(try CSVReader.records(try Self.text(statement.csv)).count == 1)
  }

  @Test func `a line without a price has empty cells of money`() throws {
    let statement = try Samples.statement(
      try Samples.november([4], of: Samples.installation(1)),
      licenses: [try Samples.payg(price: nil)], asOf: "2026-11-02")
    let rows = try CSVReader.rows(try Self.text(statement.csv))
    for name in ["currency", "rate", "amount", "rate_decimal", "amount_decimal"] {
      #expect(rows[0][name] == "", "\(name)")
    }
    #expect(rows[0]["quantity"] == "4")
  }
}
