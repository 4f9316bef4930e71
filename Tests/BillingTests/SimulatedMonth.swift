import Billing
import CivilTime
import Licensing
import Metering
import Platform
import Sealing

/// A made-up month of a line of licenses: outages, restarts, late records, a renewal in mid-month, a
/// revocation, an installation whose place another takes, and dates of 23 and 25 hours.
struct SimulatedMonth {
  let zone: Zone
  let month: Month
  let licenses: [License]
  let revoked: [LicenseID: Int64]
  let installations: [BilledInstallation]
  /// The whole chain of each installation, whether or not the vendor has it yet.
  private(set) var chains: [Thumbprint: [UsageEntry]] = [:]
  /// The last record of each chain that the vendor has.
  private(set) var received: [Thumbprint: Int64] = [:]
  let asOf: Int64

  private static let zones: [(zone: String, month: String)] = [
    ("UTC", "2026-11"), ("America/New_York", "2026-11"), ("America/New_York", "2026-03"),
    ("Asia/Shanghai", "2026-07"), ("Australia/Lord_Howe", "2026-04"),
  ]

  init(seed: UInt64) throws {
    var random = StatementPropertyTests.SeededRandom(state: seed)
    let place = Self.zones[Int(seed % UInt64(Self.zones.count))]
    zone = try ZoneFiles.load(place.zone)
    month = try Samples.month(place.month)
    let dates = month.dates
    let renewal = try Samples.some(dates.dropFirst(5).randomElement(using: &random))
    licenses = [
      try Samples.payg(grace: 3, zone: place.zone),
      try Samples.payg(
        revision: 2, from: renewal.description,
        price: Price(currency: "CNY", minorPerCollectorDay: 150), zone: place.zone),
    ]
    let isRevoked = Int.random(in: 0..<4, using: &random) == 0
    let middle = zone.day(of: dates[dates.count / 2]).lowerBound + 7777
    revoked = isRevoked ? [try Samples.license("r2"): middle] : [:]
    asOf = zone.day(of: dates[dates.count - 1]).upperBound + 5 * 86_400
    installations = try Self.installations(zone, dates, &random)
    for installation in installations {
      try simulate(installation, from: dates[0], renewal, &random)
    }
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
    _ installation: BilledInstallation, from first: CivilDate, _ renewal: CivilDate,
    _ random: inout StatementPropertyTests.SeededRandom
  ) throws {
    var chain: [UsageEntry] = []
    let early = try Samples.some(first.adding(days: -Int64.random(in: 0...9, using: &random)))
    var date = Bool.random(using: &random) ? early : zone.date(at: installation.activatedAt)
    let last = installation.replacedAt.map { zone.date(at: $0) } ?? month.last
    let lag = Int64.random(in: 0...2, using: &random)
    while date <= last {
      let installed = try Samples.some(date.adding(days: -lag)) >= renewal ? 2 : 1
      chain += try entries(
        of: installation.thumbprint, on: date, revision: Int64(installed), after: chain.count,
        &random)
      date = try Samples.some(date.adding(days: 1))
    }
    chains[installation.thumbprint] = chain
    let isLate = Int.random(in: 0..<3, using: &random) == 0
    received[installation.thumbprint] =
      isLate ? Int64.random(in: 0...Int64(chain.count), using: &random) : Int64(chain.count)
  }

  private func entries(
    of name: Thumbprint, on date: CivilDate, revision: Int64, after count: Int,
    _ random: inout StatementPropertyTests.SeededRandom
  ) throws -> [UsageEntry] {
    let span = zone.day(of: date)
    var list: [UsageEntry] = []
    func entry(_ kind: UsageEntry.Kind, to: Int64, unobserved: Int64, peak: Int64?) throws {
      let begin = span.lowerBound
      list.append(
        UsageEntry(
          installation: name, seq: Int64(count + list.count + 1), kind: kind, date: date,
          from: begin, to: to, peak: peak, peakAt: peak.map { _ in begin + unobserved },
          observed: to - begin - unobserved,
          gaps: unobserved > 0
            ? [UsageGap(from: begin, to: begin + unobserved, reason: "stopped")] : [],
          rule: UsageRecord.Rule(window: 300, dwell: 0, identity: "datakit:hostname"),
          license: try Samples.license("r\(revision)"), revision: revision))
    }
    let fate = Int.random(in: 0..<10, using: &random)
    guard fate > 0 else { return [] }
    for _ in 0..<Int.random(in: 0...2, using: &random) {
      let to = span.lowerBound + Int64.random(in: 10_000...80_000, using: &random)
      try entry(
        .sample, to: to, unobserved: 0, peak: Int64.random(in: 0...40, using: &random))
    }
    guard fate > 2 else { return list }
    let missing = try Samples.some([0, 0, 0, 3600, 3601, 50_000].randomElement(using: &random))
    let isBlind = Int.random(in: 0..<12, using: &random) == 0
    try entry(
      .day, to: span.upperBound, unobserved: isBlind ? Int64(span.count) : Int64(missing),
      peak: isBlind ? nil : Int64.random(in: 0...30, using: &random))
    return list
  }

  /// The final statement as the gateway writes it of what it has.
  func statement() throws -> Statement {
    let known = chains.values.flatMap { $0 }.filter { entry in
      (entry.seq ?? 0) <= received[entry.installation] ?? 0
    }
    var basis = StatementBasis(
      month: month, zone: zone, asOf: asOf, position: 1, licenses: licenses, revoked: revoked,
      installations: installations, entries: known)
    basis.entries += try basis.openDates().map(DateClosingTests.entry)
    return try Samples.some(try Statement.draft(from: basis).finalised())
  }

  /// What an installation knows by itself.
  func own(_ name: Thumbprint) throws -> OwnUsage {
    var installation = try Samples.some(installations.first { $0.thumbprint == name })
    installation.replacedAt = nil
    return OwnUsage(
      installation: installation, zone: zone, licenses: licenses, revoked: revoked,
      entries: chains[name] ?? [], receipted: received[name] ?? 0)
  }
}
