import Billing
import CivilTime
import Foundation
import LibcryptoIssuing
import Licensing
import Sealing
import TestSupport
import Testing

/// What a statement quotes of staff's decisions, held against what it bills.
@Suite struct StatementDecisionTests {
  /// Three dates, the second waived and the third corrected.
  static func decided() throws -> (statement: Statement, entries: [UsageEntry], Thumbprint) {
    let name = try Samples.installation(1)
    let entries = try Samples.november([4, 5, 6], of: name)
    let statement = try BillChangeTests.statement(
      entries,
      [
        try BillChangeTests.quoted(.waive, of: name, "2026-11-02"),
        try BillChangeTests.quoted(.correct(2), of: name, "2026-11-03"),
      ], asOf: "2026-11-04")
    return (statement, entries, name)
  }

  static func refusal(_ statement: Statement, _ trust: TrustSet? = nil) throws -> Refusal {
    let trust = try trust ?? BillChangeTests.vendor.get().trust
    do throws(Refusal) { try statement.requireDecided(under: trust) } catch { return error }
    throw Samples.Missing()
  }

  @Test func `what is billed as the quoted decisions say is equal`() throws {
    let (statement, entries, name) = try Self.decided()
    try statement.requireDecided(under: try BillChangeTests.vendor.get().trust)
    let recount = try statement.recounted(by: StatementRecountTests.own(entries, name))
    #expect(recount.difference == nil && recount.entries == 3, "\(recount)")
  }

  /// Changes after which the statement is consistent but for its decisions.
  static let changes: [(member: String, change: @Sendable (inout Statement) -> Void)] = [
    ("decided", { $0.decisions.removeLast() }),
    (
      "decided",
      {
        $0.decisions.reverse(); $0.decisions.removeLast()
      }
    ),
    ("decided", { $0.decisions = [] }),
    (
      "decided",
      {
        $0.lines[0].decided = .waive; $0.lines[0].computed = 4
        $0.lines[0].quantity = 0; $0.lines[0].charge?.amount = 0
      }
    ),
    (
      "decided",
      {
        $0.lines[1].decided = nil; $0.lines[1].computed = nil
        $0.lines[1].quantity = 5; $0.lines[1].charge?.amount = 600
      }
    ),
    (
      "quantity",
      {
        $0.lines[2].quantity = 3; $0.lines[2].charge?.amount = 360
      }
    ),
  ]

  @Test(arguments: 0..<6)
  func `a decision that is missing, and a line that says otherwise, are named`(
    index: Int
  ) throws {
    #expect(Self.changes.count == 6)
    var (statement, entries, name) = try Self.decided()
    Self.changes[index].change(&statement)
    statement = try Statement.parse(try statement.adding([]).json.serialized)
    let difference = try #require(statement.decidedDifference)
    #expect(difference.member == Self.changes[index].member && difference.installation == name)
    #expect(try Self.refusal(statement).message.contains(difference.date.description))
    let recount = try statement.recounted(by: StatementRecountTests.own(entries, name))
    #expect(recount.difference?.date == difference.date)
  }

  @Test func `what a customer computes of a decided line is named where it differs`() throws {
    let (statement, entries, name) = try Self.decided()
    var more = statement
    more.lines[1].computed = 50
    more.lines[2].peak = 60
    let recount = try more.recounted(by: StatementRecountTests.own(entries, name))
    #expect(recount.difference?.member == "computed" && recount.difference?.statement == 50)
    // What the records come to is not known under a license that is not installed; what is billed is.
    let foreign = try BillChangeTests.statement(
      entries, [try BillChangeTests.quoted(.correct(2), of: name, "2026-11-03")],
      licenses: [try Samples.payg(revision: 2, from: "2026-01-01")], asOf: "2026-11-04")
    let own = try StatementRecountTests.own(entries, name)
    #expect(try foreign.recounted(by: own).difference == nil)
    var dearer = foreign
    dearer.lines[2].quantity = 7
    dearer.lines[2].charge?.amount = 840
    #expect(try dearer.recounted(by: own).difference?.member == "quantity")
  }

  @Test func `a decision that no gateway of the vendor sealed is refused, and which is said`()
    throws
  {
    let (statement, _, name) = try Self.decided()
    let vendor = try BillChangeTests.vendor.get()
    let decision = try BillChangeTests.decision(.waive, of: name, "2026-11-02")
    let genuine = try Samples.some(statement.decisions.first)
    let altered = genuine.split(separator: ".").map(String.init)
    let cheaper = try BillChangeTests.decision(.waive, of: name, "2026-11-01", "2026-11-02")
    let forged: [(jws: String, code: Refusal.Code)] = [
      (try TestVendor().jws(decision), .unknownKey),
      (try vendor.key(.license).seal(decision), .keyNotAllowed),
      (
        try vendor.jws(
          try BillChangeTests.decision(
            .waive, of: name, "2026-11-02", iss: "https://other.example")), .keyNotAllowed
      ),
      (
        [altered[0], Data(cheaper.json.serialized).base64URL, altered[2]].joined(separator: "."),
        .signatureInvalid
      ),
      (
        try vendor.jws(try BillChangeTests.decision(.waive, of: name, "2026-11-02", line: "lin_9")),
        .malformed
      ),
    ]
    for (jws, code) in forged {
      var spoilt = statement
      spoilt.decisions[0] = jws
      let refusal = try Self.refusal(try Statement.parse(spoilt.json.serialized))
      #expect(refusal.code == code && refusal.message.contains("decisions[0]"), "\(refusal)")
    }
  }

  @Test func `another installation's decision decides nothing here`() throws {
    let (statement, entries, name) = try Self.decided()
    let vendor = try BillChangeTests.vendor.get()
    var foreign = statement
    foreign.decisions[0] = try vendor.jws(
      try BillChangeTests.decision(.waive, of: try Samples.installation(2), "2026-11-02"))
    #expect(try Self.refusal(foreign).message.contains("2026-11-02"))
    let recount = try foreign.recounted(by: StatementRecountTests.own(entries, name))
    #expect(recount.difference?.date == (try Samples.date("2026-11-02")))
  }

  @Test func `a superseded decision may bear a key that is not known any more, a standing one not`()
    throws
  {
    let (statement, _, name) = try Self.decided()
    let retired = try TestVendor()
    let trust = try BillChangeTests.vendor.get().trust
    var old = statement
    old.decisions.insert(
      try retired.jws(try BillChangeTests.decision(.correct(70), of: name, "2026-11-02")), at: 0)
    old.decisions.append(
      try retired.jws(
        Decision(
          iss: retired.iss, iat: 1_796_119_200, line: statement.line, installation: name,
          by: "alice", why: "gone", matter: .release)))
    try old.requireDecided(under: trust)
    old.decisions.append(
      try retired.jws(try BillChangeTests.decision(.restore, of: name, "2026-11-03")))
    #expect(try Self.refusal(old).message.contains("decisions[4]"))
  }

  @Test
  func `a correction says what was decided, and the customer's recount takes it from the quote`()
    throws
  {
    let name = try Samples.installation(1)
    let entries = try StatementCorrectionTests.whole(try Samples.november([4, 5, 6], of: name))
    let plain = try StatementCorrectionTests.statement(entries)
    let final = try Samples.some(plain.finalised())
    let decisions = [
      try BillChangeTests.quoted(.waive, of: name, "2026-11-02"),
      try BillChangeTests.quoted(.correct(9), of: name, "2026-11-03"),
    ]
    let since = try Samples.midnight("2026-11-01")
    let installations = try (1...3).map {
      BilledInstallation(thumbprint: try Samples.installation($0), activatedAt: since)
    }
    let present = try Statement.draft(
      from: StatementBasis(
        month: final.month, zone: .utc, asOf: final.asOf, position: 99,
        licenses: [try Samples.payg()], installations: installations, entries: entries,
        decisions: decisions))
    var next = try StatementCorrectionTests.statement(entries, month: "2027-01").adding(
      try Statement.corrections(of: [final], by: [present]))
    next.decisions = decisions.map(\.jws)
    #expect(next.corrections.map(\.decided) == [.waive, .correct])
    #expect(next.corrections.map(\.was) == [5, 6] && next.corrections.map(\.now) == [0, 9])
    #expect(next.corrections.map(\.charge?.amount) == [-600, 360])
    #expect(try Statement.parse(next.json.serialized) == next)
    try next.requireDecided(under: try BillChangeTests.vendor.get().trust)
    let own = try StatementRecountTests.own(entries, name)
    let recount = try next.recounted(by: own)
    #expect(recount.difference == nil, "\(recount)")
    var missing = next
    missing.decisions.removeFirst()
    let found = try missing.recounted(by: own).difference
    #expect(found?.entry == .correction && found?.member == "decided")
    #expect(try Self.refusal(missing).message.contains("correction of 2026-11-02"))
    var dearer = next
    dearer.corrections[1].now = 10
    #expect(try dearer.recounted(by: own).difference?.member == "now")
    #expect(dearer.decidedDifference?.member == "now")
  }

  @Test func `tables show what was decided beside what was computed`() throws {
    let (statement, _, _) = try Self.decided()
    let rows = try CSVReader.rows(try StatementCSVTests.text(statement.csv))
    #expect(rows.map { $0["decided"] } == ["", "waive", "correct"])
    #expect(rows.map { $0["computed"] } == ["", "5", "6"])
    #expect(rows.map { $0["amount"] } == ["480", "0", "240"])
    let focus = try CSVReader.rows(try StatementFOCUSTests.text(statement))
    #expect(focus.map { $0["x_Decided"] } == ["", "waive", "correct"])
    #expect(focus.map { $0["x_ComputedQuantity"] } == ["", "5", "6"])
    #expect(focus.map { $0["BilledCost"] } == ["4.80", "0.00", "2.40"])
    #expect(focus.allSatisfy { $0["ChargeClass"] == "" }, "nothing that was invoiced is corrected")
    #expect(focus[1]["ChargeDescription"]?.contains("waived") == true)
    #expect(focus[2]["ChargeDescription"]?.contains("by decision") == true)
  }
}

extension Data {
  fileprivate var base64URL: String {
    base64EncodedString().replacing("+", with: "-").replacing("/", with: "_")
      .replacing("=", with: "")
  }
}
