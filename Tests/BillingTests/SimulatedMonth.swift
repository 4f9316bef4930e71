import Billing
import CivilTime
import Licensing
import Metering
import Platform
import Sealing

/// Two made-up months of a line of licenses, one after the other: outages, restarts, late records, a renewal
/// in mid-month, a revocation, an installation whose place another takes, one that goes on all the same,
/// what staff decide about bills, and dates of 23 and 25 hours.
///
/// The first month is made final with what the vendor has shortly after it; then come late records, and
/// decisions about both; then the second month is made final, with the corrections of the first.
struct SimulatedMonth {
  let zone: Zone
  /// The first of the two.
  let month: Month
  let next: Month
  let renewal: CivilDate
  let licenses: [License]
  let revoked: [LicenseID: Int64]
  let installations: [BilledInstallation]
  /// Whether the installation whose place was taken goes on.
  let isForked: Bool
  /// The whole chain of each installation, whether or not the vendor has it yet.
  private(set) var chains: [Thumbprint: [UsageEntry]] = [:]
  /// The last record of each chain that the vendor has as each month is made final.
  private(set) var received: [[Thumbprint: Int64]] = [[:], [:]]
  /// What staff have decided as each month is made final, in the order of the ledger.
  private(set) var decided: [[QuotedDecision]] = [[], []]

  private static let zones: [(zone: String, months: [String])] = [
    ("UTC", ["2026-10", "2026-11"]), ("America/New_York", ["2026-10", "2026-11"]),
    ("America/New_York", ["2026-03", "2026-04"]), ("Asia/Shanghai", ["2026-07", "2026-08"]),
    ("Australia/Lord_Howe", ["2026-03", "2026-04"]),
    ("Australia/Lord_Howe", ["2026-10", "2026-11"]),
  ]

  init(seed: UInt64) throws {
    var random = StatementPropertyTests.SeededRandom(state: seed)
    let place = Self.zones[Int(seed % UInt64(Self.zones.count))]
    zone = try SimulatedZones.named(place.zone)
    month = try Samples.month(place.months[0])
    next = try Samples.month(place.months[1])
    renewal = try Samples.some(month.dates.dropFirst(5).randomElement(using: &random))
    licenses = [
      try Samples.payg(grace: 3, zone: place.zone),
      try Samples.payg(
        revision: 2, from: renewal.description,
        price: Price(currency: "CNY", minorPerCollectorDay: 150), zone: place.zone),
    ]
    let isRevoked = Int.random(in: 0..<4, using: &random) == 0
    let middle = zone.day(of: month.dates[month.dates.count / 2]).lowerBound + 7777
    revoked = isRevoked ? [try Samples.license("r2"): middle] : [:]
    installations = try Self.installations(zone, month.dates, &random)
    isForked = installations[0].replacedAt != nil && Bool.random(using: &random)
    for installation in installations { try simulate(installation, &random) }
    try decide(&random)
  }

  private static func installations(
    _ zone: Zone, _ dates: [CivilDate], _ random: inout StatementPropertyTests.SeededRandom
  ) throws -> [BilledInstallation] {
    let start = zone.day(of: dates[0]).lowerBound
    var list = try (1...3).map { byte in
      BilledInstallation(
        thumbprint: try Samples.installation(byte),
        activatedAt: start + Int64.random(in: 0..<(10 * 86_400), using: &random))
    }
    if Bool.random(using: &random) {
      let change = start + Int64.random(in: (11 * 86_400)..<(20 * 86_400), using: &random)
      list[0].replacedAt = change
      list[1].activatedAt = change
      list[1].replaces = list[0].thumbprint
    }
    return list
  }

  /// Begins with the activation, or a few days before the month, so that there is something to carry.
  private mutating func simulate(
    _ installation: BilledInstallation, _ random: inout StatementPropertyTests.SeededRandom
  ) throws {
    var chain = SimulatedChain(name: installation.thumbprint, zone: zone)
    let first = month.first
    let early = try Samples.some(first.adding(days: -Int64.random(in: 0...9, using: &random)))
    let isEarly = installation.replaces == nil && Bool.random(using: &random)
    var date = isEarly ? early : zone.date(at: installation.activatedAt)
    var last = next.last
    if let end = installation.replacedAt, !isForked { last = zone.date(at: end) }
    let lag = Int64.random(in: 0...2, using: &random)
    while date <= last {
      let isRenewed = try Samples.some(date.adding(days: -lag)) >= renewal
      try chain.add(date, revision: isRenewed ? 2 : 1, &random)
      date = try Samples.some(date.adding(days: 1))
    }
    let name = installation.thumbprint
    let whole = Int64(chain.entries.count)
    let known = Int64(chain.entries.count { $0.date <= month.last })
    func seen(_ range: ClosedRange<Int64>) -> Int64 {
      Int.random(in: 0..<3, using: &random) == 0
        ? Int64.random(in: range, using: &random) : range.upperBound
    }
    chains[name] = chain.entries
    received[0][name] = seen(0...known)
    received[1][name] = seen((received[0][name] ?? 0)...whole)
  }

  /// Up to three decisions before the first month is final, and up to three after.
  private mutating func decide(_ random: inout StatementPropertyTests.SeededRandom) throws {
    for round in 0...1 {
      if round == 1 { decided[1] = decided[0] }
      for _ in 0..<Int.random(in: 0...3, using: &random) {
        let name = try Samples.some(installations.randomElement(using: &random)).thumbprint
        let months = month.dates + (round == 0 ? [] : next.dates)
        let from = try Samples.some(months.randomElement(using: &random))
        let span = Int64.random(in: 0...12, using: &random)
        let through = min(try Samples.some(from.adding(days: span)), try Samples.some(months.last))
        let effect = try Samples.some(
          [.waive, .correct(Int64.random(in: 0...60, using: &random)), .restore]
            .randomElement(using: &random) as BillChange.Effect?)
        decided[round].append(
          try BillChangeTests.quoted(effect, of: name, from.description, through.description))
      }
    }
  }

  /// Five days after the end of each month.
  private func asOf(_ round: Int) -> Int64 {
    zone.day(of: round == 0 ? month.last : next.last).upperBound + 5 * 86_400
  }

  /// The records that the vendor has as each month is made final.
  func known(_ round: Int) -> [UsageEntry] {
    let last = round == 0 ? month.last : next.last
    return installations.flatMap { installation in
      (chains[installation.thumbprint] ?? []).filter {
        ($0.seq ?? 0) <= received[round][installation.thumbprint] ?? 0 && $0.date <= last
      }
    }
  }

  /// Whether records of the first month come after its final statement.
  func isLate(_ name: Thumbprint) -> Bool {
    let seen = received[0][name] ?? 0
    return (chains[name] ?? []).contains { $0.date <= month.last && ($0.seq ?? 0) > seen }
  }

  private func basis(
    _ month: Month, _ round: Int, _ entries: [UsageEntry], settled: SettledMonth? = nil
  ) -> StatementBasis {
    var basis = StatementBasis(
      month: month, zone: zone, asOf: asOf(round), position: Int64(round + 1),
      licenses: licenses, revoked: revoked, installations: installations, entries: entries,
      decisions: decided[round].filter {
        $0.decision.billChange?.touches(month.first, month.last) == true
      })
    basis.settled = settled
    return basis
  }

  /// The final statement of the first month, and what the gateway had closed for it.
  func first() throws -> (statement: Statement, closings: [UsageEntry]) {
    var basis = basis(month, 0, known(0))
    let closings = try basis.openDates().map(DateClosingTests.entry)
    basis.entries += closings
    return (try Samples.some(try Statement.draft(from: basis).finalised()), closings)
  }

  /// The final statement of the second month, after that of the first.
  func second(
    after first: (statement: Statement, closings: [UsageEntry])
  ) throws -> Statement {
    let entries = known(1) + first.closings
    var basis = basis(next, 1, entries)
    basis.entries += try basis.openDates().map(DateClosingTests.entry)
    let finals = [first.statement]
    let present = try Statement.draft(
      from: self.basis(month, 1, entries, settled: SettledMonth(month, in: finals)))
    let corrections = try Statement.corrections(of: finals, by: [present])
    var statement = try Statement.draft(from: basis).adding(corrections)
    statement.decisions = decided[1].filter { quote in
      guard let change = quote.decision.billChange else { return false }
      return change.touches(next.first, next.last)
        || corrections.contains {
          $0.installation == quote.decision.installation && change.covers($0.date)
        }
    }.map(\.jws)
    return try Samples.some(statement.finalised())
  }

  /// What an installation knows by itself, and of whose place was taken that it was.
  func own(_ name: Thumbprint, _ round: Int) throws -> OwnUsage {
    OwnUsage(
      installation: try Samples.some(installations.first { $0.thumbprint == name }), zone: zone,
      licenses: licenses, revoked: revoked, entries: chains[name] ?? [],
      receipted: received[round][name] ?? 0)
  }
}

/// Zones as they are read once.
private enum SimulatedZones {
  private static let all = Result {
    try Dictionary(
      ["UTC", "America/New_York", "Asia/Shanghai", "Australia/Lord_Howe"].map {
        ($0, try ZoneFiles.load($0))
      }, uniquingKeysWith: { first, _ in first })
  }

  static func named(_ name: String) throws -> Zone { try Samples.some(all.get()[name]) }
}
