import Billing
import CivilTime
import Licensing
import Sealing
import Testing

/// What either side computes of the same months.
@Suite struct SimulatedMonthTests {
  /// Two months each.
  static let seeds: Range<UInt64> = 0..<520

  /// What happened, so that a test can tell that it did.
  enum Feature: String, CaseIterable {
    case outage, blind, restart, sampledPeak, closing, emptyClosing, late, lateCorrection, fork,
      replacement, yielded, renewal, revocation, shortDate, longDate, halfHourDate, waived,
      corrected, restored, decidedCorrection, takenBack, givenBack
  }

  @Test
  func `a customer's recomputed lines are the vendor's, to the byte, whatever the months were`()
    async throws
  {
    let seeds = Self.seeds
    let sums = try await withThrowingTaskGroup(of: Played.self) { group in
      for part in 0..<UInt64(8) {
        group.addTask {
          var played = Played()
          for seed in seeds where seed % 8 == part { try played.play(seed) }
          return played
        }
      }
      return try await group.reduce(into: Played()) { $0.add($1) }
    }
    #expect(sums.months >= 1000 && sums.installationMonths >= 2900, "\(sums)")
    #expect(sums.lines > 80_000)
    for feature in Feature.allCases {
      #expect(sums.features[feature] ?? 0 >= 20, "\(feature): \(sums.features[feature] ?? 0)")
    }
  }

  @Test(arguments: 0..<200 as Range<UInt64>)
  func `one collector more on one date is found, and the date named`(seed: UInt64) throws {
    let months = try SimulatedMonth(seed: seed)
    var statement = try months.first().statement
    #expect(statement.serialized == statement.json.serialized)
    var random = StatementPropertyTests.SeededRandom(state: seed)
    let name = try Samples.installation(3)
    let indices = statement.lines.indices.filter { statement.lines[$0].installation == name }
    let index = try #require(indices.randomElement(using: &random))
    let isWaived = statement.lines[index].decided == .waive
    let rate = try #require(statement.lines[index].charge?.rate)
    statement.lines[index].quantity += 1
    statement.lines[index].charge?.amount += rate
    let changed = try statement.adding([])
    let recount = try changed.recounted(by: try months.own(name, 0))
    #expect(recount.difference?.date == statement.lines[index].date, "seed \(seed)")
    #expect(recount.difference?.member == "quantity")
    if isWaived {
      #expect(throws: Refusal.self) { _ = try Statement.parse(changed.json.serialized) }
    }
  }
}

/// What was seen while months were played.
struct Played: Sendable {
  private(set) var months = 0
  private(set) var installationMonths = 0
  private(set) var lines = 0
  private(set) var features: [SimulatedMonthTests.Feature: Int] = [:]

  mutating func add(_ other: Played) {
    months += other.months
    installationMonths += other.installationMonths
    lines += other.lines
    features.merge(other.features, uniquingKeysWith: +)
  }

  /// Plays both months of a seed: each installation recomputes both final statements, and of every third seed
  /// the oracle both bills.
  mutating func play(_ seed: UInt64) throws {
    let played = try SimulatedMonth(seed: seed)
    let first = try played.first()
    let second = try played.second(after: first)
    for (round, statement) in [first.statement, second].enumerated() {
      try recount(statement, played, round, seed)
    }
    if seed.isMultiple(of: 3) { try holdAgainstOracle(played, first.statement, second, seed) }
    note(played, first.statement, second)
  }

  private mutating func recount(
    _ statement: Statement, _ played: SimulatedMonth, _ round: Int, _ seed: UInt64
  ) throws {
    months += 1
    #expect(statement.decidedDifference == nil, "seed \(seed), \(round)")
    for installation in played.installations {
      let name = installation.thumbprint
      let own = statement.lines.filter { $0.installation == name }
      let corrections = statement.corrections.filter { $0.installation == name }
      let recount = try statement.recounted(by: try played.own(name, round))
      #expect(recount.difference == nil, "seed \(seed), \(round): \(recount)")
      #expect(recount.entries == own.count + corrections.count)
      installationMonths += own.isEmpty ? 0 : 1
      lines += own.count
    }
  }

  /// The lines of each month as of its final statement; then all that was ever billed of the first month
  /// comes to what it comes to as of the second.
  private func holdAgainstOracle(
    _ played: SimulatedMonth, _ first: Statement, _ second: Statement, _ seed: UInt64
  ) throws {
    let decisions = played.decided.map { $0.map(\.decision) }
    let billed = BillOracle(played, played.month, played.known(0), decisions[0]).all()
    Self.hold(first.lines, billed, "seed \(seed), first")
    let next = BillOracle(played, played.next, played.known(1), decisions[1], closed: billed).all()
    Self.hold(second.lines, next, "seed \(seed), second")
    let late = BillOracle(
      played, played.month, played.known(1), decisions[1], settled: billed
    ).all()
    var quantities: [BillOracle.Key: [Int64]] = [:]
    func add(_ name: Thumbprint, _ date: CivilDate, _ quantity: Int64, _ amount: Int64?) {
      let key = BillOracle.Key(installation: name, date: date)
      let known = quantities[key] ?? [0, 0]
      quantities[key] = [known[0] + quantity, known[1] + (amount ?? 0)]
    }
    for line in first.lines {
      add(line.installation, line.date, line.quantity, line.charge?.amount)
    }
    for made in second.corrections {
      add(made.installation, made.date, made.quantity, made.charge?.amount)
    }
    // A date that nothing was ever billed for is in no statement where it comes to nothing later.
    quantities = quantities.filter { $0.value != [0, 0] }
    let expected = late.mapValues { [$0.quantity, $0.amount] }.filter { $0.value != [0, 0] }
    #expect(quantities == expected, "seed \(seed): \(Self.unlike(quantities, expected))")
    let total = expected.values.map { $0[1] } + next.values.map(\.amount)
    let charged = first.totals.map(\.amount) + second.totals.map(\.amount)
    #expect(charged.reduce(0, +) == total.reduce(0, +), "seed \(seed)")
  }

  private static func unlike(
    _ left: [BillOracle.Key: [Int64]], _ right: [BillOracle.Key: [Int64]]
  ) -> String {
    Set(left.keys).union(right.keys).filter { left[$0] != right[$0] }
      .sorted { $0.date < $1.date }.prefix(3)
      .map { "\($0.date) \(left[$0] ?? []) \(right[$0] ?? [])" }.joined(separator: "; ")
  }

  private static func hold(
    _ lines: [StatementLine], _ billed: [BillOracle.Key: BillOracle.Billed], _ what: String
  ) {
    #expect(lines.count == billed.count, "\(what)")
    for line in lines {
      let known = billed[BillOracle.Key(installation: line.installation, date: line.date)]
      let isEqual =
        known?.quantity == line.quantity && known?.amount == line.charge?.amount
        && known?.computed == line.undecided && known?.revision == line.revision
        && known?.seq == line.seq
      if !isEqual {
        Issue.record("\(what), \(line.date): \(line.json.text) \(String(describing: known))")
      }
    }
  }

  private mutating func note(
    _ played: SimulatedMonth, _ first: Statement, _ second: Statement
  ) {
    func count(_ feature: SimulatedMonthTests.Feature, _ number: Int) {
      features[feature, default: 0] += number
    }
    let lines = first.lines + second.lines
    count(.outage, lines.count { $0.carriedFrom != nil })
    count(.blind, lines.count { $0.basis == .day && $0.peak == nil })
    count(.restart, lines.count { $0.gaps.contains { $0.reason == "stopped" } })
    count(.sampledPeak, lines.count { $0.sampledPeak != nil })
    count(.closing, lines.count { $0.basis == .closing && $0.seq != nil })
    count(.emptyClosing, lines.count { $0.basis == .closing && $0.seq == nil })
    count(.yielded, lines.count { $0.yieldsTo != nil })
    count(.renewal, Set(first.lines.map(\.revision)).count == 2 ? 1 : 0)
    count(.revocation, lines.contains { $0.terms == .revoked } ? 1 : 0)
    count(.shortDate, lines.count { $0.seconds == 82_800 })
    count(.longDate, lines.count { $0.seconds == 90_000 })
    count(.halfHourDate, lines.count { $0.seconds == 88_200 || $0.seconds == 84_600 })
    count(.waived, lines.count { $0.decided == .waive })
    count(.corrected, lines.count { $0.decided == .correct })
    count(.restored, played.decided[1].count { $0.decision.billChange?.effect == .restore })
    let replaced = played.installations.first { $0.replacedAt != nil }
    count(.replacement, replaced == nil ? 0 : 1)
    count(.fork, played.isForked ? 1 : 0)
    count(.late, played.installations.count { played.isLate($0.thumbprint) })
    let corrections = second.corrections
    count(.lateCorrection, corrections.count { $0.decided == nil })
    count(.decidedCorrection, corrections.count { $0.decided != nil })
    count(.givenBack, corrections.count { $0.quantity < 0 })
    let decided = Set(
      first.lines.filter { $0.decided != nil }.map {
        BillOracle.Key(installation: $0.installation, date: $0.date)
      })
    count(
      .takenBack,
      corrections.count {
        $0.decided == nil
          && decided.contains(BillOracle.Key(installation: $0.installation, date: $0.date))
      })
  }
}
