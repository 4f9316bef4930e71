internal import Billing
internal import CivilTime
internal import Metering
internal import Sealing

// What bills rest on. A date has at most one day record and one closing; the day record counts.
private enum UsageSQL {
  private static let columns = """
    position, kind, coalesce(seq, sample) AS seq, date, from_at, to_at, peak, peak_at, observed, gaps, license, revision,
    "window", dwell, identity,
    (SELECT max(s.peak) FROM entries AS s WHERE s.installation = e.installation
      AND s.date = e.date AND s.kind = 'sample') AS sampled
    """
  /// Closed dates: the day record, or the closing where there is none.
  private static let closed = """
    SELECT \(columns) FROM entries AS e WHERE installation = $1 AND (kind = 'day' OR kind = 'closing'
      AND NOT EXISTS (SELECT 1 FROM entries AS d WHERE d.installation = $1 AND d.date = e.date
        AND d.kind = 'day'))
    """
  private static let well =
    "peak IS NOT NULL AND to_at - from_at - observed <= \(CarryHistory.tolerance)"
  private static let before = "\(closed) AND date < $2"

  static let closedBetween = "\(closed) AND date BETWEEN $2 AND $3 ORDER BY date"
  static let wellBefore = "\(before) AND \(well) ORDER BY date DESC LIMIT \(CarryHistory.reach)"
  static let highestBefore = """
    SELECT * FROM (\(before) AND peak IS NOT NULL) AS earlier
    ORDER BY CASE WHEN sampled > peak THEN sampled ELSE peak END DESC, date LIMIT 1
    """
  static let latestBefore = "\(before) ORDER BY date DESC LIMIT 1"
  /// The newest sample of each date between two that nothing closed.
  static let open = """
    SELECT \(columns) FROM entries AS e WHERE position IN (
      SELECT max(position) FROM entries AS o WHERE installation = $1 AND kind = 'sample'
        AND date BETWEEN $2 AND $3 AND NOT EXISTS (SELECT 1 FROM entries AS d
          WHERE d.installation = $1 AND d.date = o.date AND d.kind IN ('day', 'closing'))
      GROUP BY date) ORDER BY date
    """
}

extension SQLLedger {
  /// How many dates back an open date is looked for.
  private static var openReach: Int64 { 62 }

  func usage(
    of installation: Thumbprint, from first: CivilDate, through last: CivilDate
  ) throws -> [UsageEntry] {
    guard let row = try row(of: installation) else { return [] }
    let values: [(any LedgerValue)?] = [
      row.number, first.daysSinceEpoch, last.daysSinceEpoch,
    ]
    let found =
      try rows(UsageSQL.closedBetween, values) + rows(UsageSQL.open, values)
    return try found.map { try $0.usageEntry(of: installation) }
  }

  func entries(of installation: Thumbprint, on date: CivilDate) throws -> [TracedEntry] {
    guard let row = try row(of: installation) else { return [] }
    return try rows(
      """
      SELECT position, kind, seq, hash, at, received_at, peak, peak_at, observed, jws FROM entries
      WHERE installation = $1 AND date = $2 AND kind IN ('sample', 'day', 'closing')
      ORDER BY position
      """, [row.number, date.daysSinceEpoch]
    ).map { try $0.tracedEntry() }
  }

  func dateSoFar(of installation: Thumbprint, on date: CivilDate) throws -> DateSoFar {
    guard let row = try row(of: installation) else { return DateSoFar() }
    let found = try firstRow(
      """
      SELECT max(CASE kind WHEN 'sample' THEN peak END) AS peak,
        coalesce(max(CASE kind WHEN 'day' THEN 1 ELSE 0 END), 0) AS days
      FROM entries WHERE installation = $1 AND date = $2
      """, [row.number, date.daysSinceEpoch])
    guard let found else { return DateSoFar() }
    return DateSoFar(
      samplePeak: try found.optionalNumber("peak"), hasDay: try found.number("days") == 1)
  }

  func usageHistory(
    of installation: Thumbprint, before date: CivilDate
  ) throws -> [UsageEntry] {
    guard let row = try row(of: installation) else { return [] }
    let day = date.daysSinceEpoch
    var found = try rows(UsageSQL.wellBefore, [row.number, day])
    found += try rows(UsageSQL.highestBefore, [row.number, day])
    found += try rows(UsageSQL.latestBefore, [row.number, day])
    found += try rows(
      UsageSQL.open, [row.number, max(0, day - Self.openReach), day - 1])
    var entries: [Int64: UsageEntry] = [:]
    for row in found {
      entries[try row.number("position")] = try row.usageEntry(of: installation)
    }
    return entries.sorted { $0.key < $1.key }.map(\.value)
  }
}
