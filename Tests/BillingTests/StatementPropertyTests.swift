import Billing
import CivilTime
import Licensing
import Sealing
import Testing

/// Statements of made-up ledgers against the rules written out slowly.
@Suite struct StatementPropertyTests {
  /// SplitMix64: the same ledgers for the same seed, everywhere.
  struct SeededRandom: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
      state &+= 0x9E37_79B9_7F4A_7C15
      var mixed = state
      mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
      mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
      return mixed ^ (mixed >> 31)
    }
  }

  static func ledger(_ random: inout SeededRandom) throws -> [UsageEntry] {
    var entries: [UsageEntry] = []
    for byte in 1...UInt8.random(in: 1...3, using: &random) {
      let installation = try Samples.installation(byte)
      let days = Int.random(in: 1...50, using: &random)
      var date = try Samples.date("2026-10-20")
      for _ in 0..<days {
        let unobserved = try Samples.some(
          [0, 0, 0, 3600, 3601, 50_000, 86_400].randomElement(using: &random))
        let peak = unobserved == 86_400 ? nil : Int64.random(in: 0...30, using: &random)
        if !Bool.random(using: &random) || !Bool.random(using: &random) {
          entries.append(
            try Samples.day(
              date.description, peak: peak, unobserved: Int64(unobserved), of: installation))
        }
        date = try Samples.some(date.adding(days: 1))
      }
    }
    return entries.shuffled(using: &random)
  }

  /// Rule 7, from the definition: all earlier dates looked at anew for each line.
  static func billed(_ entry: UsageEntry?, _ earlier: [UsageEntry]) -> Int64 {
    let observed = entry?.peak ?? 0
    if let entry, entry.peak != nil, entry.to - entry.from - entry.observed <= 3600 {
      return observed
    }
    let known = earlier.filter { $0.peak != nil }.sorted { $0.date > $1.date }
    let well = known.filter { $0.to - $0.from - $0.observed <= 3600 }.prefix(7)
    let carried = (well.isEmpty ? known[...] : well).compactMap(\.peak).max() ?? 0
    return max(observed, carried)
  }

  @Test(arguments: 0..<300 as Range<UInt64>)
  func `a drafted statement bills what the definition says`(seed: UInt64) throws {
    var random = SeededRandom(state: seed)
    let entries = try Self.ledger(&random)
    let statement = try Samples.statement(entries, activated: "2026-10-20")
    var total: Int64 = 0
    for installation in Set(entries.map(\.installation)) {
      let own = entries.filter { $0.installation == installation }
      for date in try Samples.month("2026-11").dates {
        let entry = own.first { $0.date == date }
        let expected = Self.billed(entry, own.filter { $0.date < date })
        let line = try #require(
          statement.lines.first { $0.installation == installation && $0.date == date },
          "seed \(seed): no line for \(date)")
        #expect(line.quantity == expected, "seed \(seed), \(date)")
        total += expected
      }
    }
    #expect(statement.totals.first?.quantity ?? 0 == total, "seed \(seed)")
    #expect(statement.totals.first?.amount ?? 0 == total * 120, "seed \(seed)")
  }

  @Test(arguments: 0..<100 as Range<UInt64>)
  func `of earlier months the latest well observed and the highest dates are enough`(
    seed: UInt64
  ) throws {
    var random = SeededRandom(state: seed)
    let entries = try Self.ledger(&random)
    let first = try Samples.month("2026-11").first
    var enough = entries.filter { $0.date >= first }
    for installation in Set(entries.map(\.installation)) {
      let earlier = entries.filter {
        $0.installation == installation && $0.date < first && $0.peak != nil
      }.sorted { $0.date > $1.date }
      let well = earlier.filter { $0.to - $0.from - $0.observed <= CarryHistory.tolerance }
      enough += well.prefix(CarryHistory.reach)
      if let highest = earlier.max(by: { ($0.peak ?? 0, $1.date) < ($1.peak ?? 0, $0.date) }),
        !well.prefix(CarryHistory.reach).contains(highest)
      {
        enough.append(highest)
      }
    }
    let installations = Set(entries.map(\.installation)).map {
      BilledInstallation(thumbprint: $0, activatedAt: 1_792_454_400)
    }
    let all = try Samples.statement(entries, installations: installations)
    let some = try Samples.statement(enough, installations: installations)
    #expect(all.json.text == some.json.text, "seed \(seed)")
  }
}
