import Billing
import CivilTime
import Licensing
import Sealing
import Testing

/// What later statements make good of final ones.
@Suite struct StatementCorrectionTests {
  static func statement(
    _ entries: [UsageEntry], month: String = "2026-11", licenses: [License]? = nil
  ) throws -> Statement {
    let installations = try (1...3).map {
      BilledInstallation(
        thumbprint: try Samples.installation($0), activatedAt: try Samples.midnight("2026-11-01"))
    }
    return try Samples.statement(
      entries, licenses: licenses, asOf: "2027-03-01", installations: installations,
      month: month)
  }

  /// The final statement of a month without anything of its own, after others.
  static func next(
    _ month: String, _ finals: [Statement], _ present: [Statement]
  ) throws -> Statement {
    try statement([], month: month).adding(try Statement.corrections(of: finals, by: present))
  }

  static func whole(_ entries: [UsageEntry]) throws -> [UsageEntry] {
    // What is open is closed, as the gateway does.
    var basis = StatementBasis(
      month: try Samples.month("2026-11"), zone: .utc, asOf: try Samples.midnight("2027-03-01"),
      position: 1, licenses: [try Samples.payg()],
      installations: try (1...3).map {
        BilledInstallation(
          thumbprint: try Samples.installation($0),
          activatedAt: try Samples.midnight("2026-11-01"))
      }, entries: entries)
    basis.entries += try basis.openDates().map(DateClosingTests.entry)
    return basis.entries
  }

  static func sum(_ statements: [Statement]) -> [String: [Int64]] {
    var sums: [String: [Int64]] = [:]
    for total in statements.flatMap(\.totals) {
      let sum = sums[total.currency] ?? [0, 0]
      sums[total.currency] = [sum[0] + total.quantity, sum[1] + total.amount]
    }
    return sums.filter { $0.value != [0, 0] }
  }

  @Test(arguments: 0..<200 as Range<UInt64>)
  func `a final statement and its corrections come to what the dates come to, whatever comes late`(
    seed: UInt64
  ) throws {
    var random = StatementPropertyTests.SeededRandom(state: seed)
    let all = try StatementPropertyTests.ledger(&random)
    let late = all.indices.map { _ in Int.random(in: 0...2, using: &random) }
    func known(_ round: Int) throws -> [UsageEntry] {
      try Self.whole(zip(all, late).filter { $0.1 <= round }.map(\.0))
    }
    let final = try #require(try Self.statement(known(0)).finalised())
    var billed = [final]
    for (round, month) in [(1, "2027-01"), (2, "2027-02")] {
      let present = try Self.statement(known(round))
      let corrected = try Self.next(month, billed, [present])
      // The month's own lines are carried ones: only the corrections matter here.
      let corrections = corrected.corrections
      var only = corrected
      only.lines = []
      billed.append(try only.adding(corrections))
      let totals = Self.sum(billed)
      #expect(totals == Self.sum([present]), "seed \(seed), round \(round)")
      #expect(
        try Statement.corrections(of: billed, by: [present]).isEmpty,
        "seed \(seed): nothing is corrected twice")
      #expect(try Statement.parse(corrected.json.serialized) == corrected, "seed \(seed)")
      #expect(corrected.serialized == corrected.json.serialized, "seed \(seed)")
    }
  }

  @Test func `less than was billed is given back, and totals may fall below zero`() throws {
    let installation = try Samples.installation(1)
    let guess = try Samples.day("2026-11-02", peak: 50, of: installation, kind: .closing)
    let record = try Samples.day("2026-11-02", peak: 8, of: installation)
    let final = try #require(try Self.statement(Self.whole([guess])).finalised())
    let present = try Self.statement(Self.whole([record]))
    let corrections = try Statement.corrections(of: [final], by: [present])
    let first = try #require(corrections.first { $0.date.day == 2 })
    #expect(first.was == 50 && first.now == 8 && first.basis == .day)
    #expect(first.charge?.currency == "CNY" && first.charge?.amount == -42 * 120)
    // 3 November and all after carried the guess.
    #expect(corrections.count == 29)
    var later = try Self.statement([], month: "2026-12")
    later.lines = []
    let made = try later.adding(corrections)
    #expect(made.totals.map(\.quantity) == [-42 * 29])
    #expect(made.totals.map(\.amount) == [-42 * 29 * 120])
    #expect(try Statement.parse(made.json.serialized) == made)
  }

  /// The statement with 2 November in dollars.
  private static func inDollars(_ statement: Statement) -> Statement {
    var other = statement
    other.lines = other.lines.map { line in
      var line = line
      guard line.date.day == 2 else { return line }
      line.charge = .init(currency: "USD", rate: 10, amount: line.quantity * 10)
      return line
    }
    return other
  }

  @Test func `another price is corrected though the quantity stands, each currency by itself`()
    throws
  {
    let entry = try Samples.day("2026-11-02", peak: 5, of: try Samples.installation(1))
    let present = try Self.statement(Self.whole([entry]))
    let final = try #require(present.finalised())
    let dollars = Self.inDollars(present)
    let corrections = try Statement.corrections(of: [final], by: [dollars])
    #expect(corrections.map(\.charge?.currency) == ["CNY", "USD"])
    #expect(corrections.map(\.charge?.amount) == [-600, 50])
    #expect(corrections.map(\.was) == [5, 0] && corrections.map(\.now) == [0, 5])
    // In dollars no line of a final statement ever told of the date; all the same they are given back.
    let next = try Self.next("2027-01", [final], [dollars])
    let back = try Statement.corrections(of: [final, next], by: [present])
    #expect(back.map(\.charge?.currency) == ["CNY", "USD"])
    #expect(back.map(\.charge?.amount) == [600, -50])
    #expect(back.map(\.was) == [0, 5] && back.map(\.now) == [5, 0])
    #expect(back.map(\.basis) == [.day, .none])
  }

  @Test func `only what is closed becomes final`() throws {
    let installation = try Samples.installation(1)
    let open = try Self.statement([Samples.day("2026-11-02", peak: 5, of: installation)])
    #expect(open.status == .provisional && open.finalised() == nil)
    let closed = try Self.statement(Self.whole([]))
    #expect(closed.finalised()?.status == .final)
    #expect(try Statement.corrections(of: [], by: [closed]).isEmpty)
  }

  @Test func `totals that leave the corrections out are refused`() throws {
    let installation = try Samples.installation(1)
    let final = try #require(
      try Self.statement(
        Self.whole([Samples.day("2026-11-02", peak: 5, of: installation, kind: .closing)])
      ).finalised())
    let present = try Self.statement(
      Self.whole([Samples.day("2026-11-02", peak: 6, of: installation)]))
    var made = try Self.next("2027-01", [final], [present])
    #expect(!made.corrections.isEmpty)
    made.totals = try StatementTotal.of(made.lines)
    #expect(throws: Refusal.self) { _ = try Statement.parse(made.json.serialized) }
  }
}
