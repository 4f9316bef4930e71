internal import Billing
internal import CivilTime
internal import Metering
internal import Postgres
internal import Sealing

// What bills rest on: the embedded store's statements, with PostgreSQL's names for their values.
extension PostgresLedger {
  private static let closed = SQLiteLedger.closed.replacing("?", with: "$")
  private static let open = SQLiteLedger.open.replacing("?", with: "$")

  func usage(
    of installation: Thumbprint, from first: CivilDate, through last: CivilDate
  ) throws -> [UsageEntry] {
    guard let row = try row(of: installation) else { return [] }
    let values: [(any PostgresValue)?] = [
      row.number, first.daysSinceEpoch, last.daysSinceEpoch,
    ]
    let found =
      try rows("\(Self.closed) AND date BETWEEN $2 AND $3 ORDER BY date", values)
      + rows("\(Self.open) ORDER BY date", values)
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
    let well = "peak IS NOT NULL AND to_at - from_at - observed <= \(CarryHistory.tolerance)"
    let before = "\(Self.closed) AND date < $2"
    var found = try rows(
      "\(before) AND \(well) ORDER BY date DESC LIMIT \(CarryHistory.reach)", [row.number, day])
    found += try rows(
      """
      SELECT * FROM (\(before) AND peak IS NOT NULL) AS earlier
      ORDER BY greatest(peak, coalesce(sampled, 0)) DESC, date LIMIT 1
      """, [row.number, day])
    found += try rows("\(before) ORDER BY date DESC LIMIT 1", [row.number, day])
    found += try rows(
      Self.open, [row.number, max(0, day - SQLiteLedger.openReach), day - 1])
    var entries: [Int64: UsageEntry] = [:]
    for row in found {
      entries[try row.number("position")] = try row.usageEntry(of: installation)
    }
    return entries.sorted { $0.key < $1.key }.map(\.value)
  }
}
