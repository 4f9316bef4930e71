internal import Billing
internal import CivilTime
internal import GRDB
internal import Licensing
internal import Metering
internal import Sealing
internal import Storage

// What bills rest on. A date has at most one day record and one closing; the day record counts.
extension SQLiteLedger {
  private static let columns = """
    position, kind, coalesce(seq, sample) AS seq, date, from_at, to_at, peak, peak_at, observed, gaps, license, revision,
    "window", dwell, identity,
    (SELECT max(s.peak) FROM entries AS s WHERE s.installation = e.installation
      AND s.date = e.date AND s.kind = 'sample') AS sampled
    """
  /// Closed dates: the day record, or the closing where there is none.
  private static let closed = """
    SELECT \(columns) FROM entries AS e WHERE installation = ?1 AND (kind = 'day' OR kind = 'closing'
      AND NOT EXISTS (SELECT 1 FROM entries AS d WHERE d.installation = ?1 AND d.date = e.date
        AND d.kind = 'day'))
    """
  /// The newest sample of each date between two that nothing closed.
  private static let open = """
    SELECT \(columns) FROM entries AS e WHERE position IN (
      SELECT max(position) FROM entries AS o WHERE installation = ?1 AND kind = 'sample'
        AND date BETWEEN ?2 AND ?3 AND NOT EXISTS (SELECT 1 FROM entries AS d
          WHERE d.installation = ?1 AND d.date = o.date AND d.kind IN ('day', 'closing'))
      GROUP BY date)
    """
  /// How many dates back an open date is looked for.
  private static let openReach: Int64 = 62

  func usage(
    of installation: Thumbprint, from first: CivilDate, through last: CivilDate
  ) throws -> [UsageEntry] {
    guard let row = try row(of: installation) else { return [] }
    let arguments: StatementArguments = [row.number, first.daysSinceEpoch, last.daysSinceEpoch]
    let found =
      try rows("\(Self.closed) AND date BETWEEN ?2 AND ?3 ORDER BY date", arguments)
      + rows("\(Self.open) ORDER BY date", arguments)
    return try found.map { try Self.entry($0, installation) }
  }

  func entries(of installation: Thumbprint, on date: CivilDate) throws -> [TracedEntry] {
    guard let row = try row(of: installation) else { return [] }
    return try rows(
      """
      SELECT position, kind, seq, hash, at, received_at, peak, peak_at, observed, jws FROM entries
      WHERE installation = ? AND date = ? AND kind IN ('sample', 'day', 'closing')
      ORDER BY position
      """, [row.number, date.daysSinceEpoch]
    ).map { row in
      TracedEntry(
        position: try row.number("position"), kind: try row.choice("kind"),
        seq: try row.optional("seq"), hash: try row.optionalDigest("hash"),
        at: try row.number("at"), receivedAt: try row.number("received_at"),
        peak: try row.optional("peak"), peakAt: try row.optional("peak_at"),
        observed: try row.number("observed"), jws: try row.text("jws"))
    }
  }

  func dateSoFar(of installation: Thumbprint, on date: CivilDate) throws -> DateSoFar {
    guard let row = try row(of: installation) else { return DateSoFar() }
    let found = try firstRow(
      """
      SELECT max(CASE kind WHEN 'sample' THEN peak END) AS peak,
        coalesce(max(kind = 'day'), 0) AS days
      FROM entries WHERE installation = ? AND date = ?
      """, [row.number, date.daysSinceEpoch])
    guard let found else { return DateSoFar() }
    return DateSoFar(
      samplePeak: try found.optional("peak"), hasDay: try found.number("days") == 1)
  }

  func usageHistory(
    of installation: Thumbprint, before date: CivilDate
  ) throws -> [UsageEntry] {
    guard let row = try row(of: installation) else { return [] }
    let day = date.daysSinceEpoch
    let well = "peak IS NOT NULL AND to_at - from_at - observed <= \(CarryHistory.tolerance)"
    let before = "\(Self.closed) AND date < ?2"
    var found = try rows(
      "\(before) AND \(well) ORDER BY date DESC LIMIT \(CarryHistory.reach)", [row.number, day])
    found += try rows(
      "\(before) AND peak IS NOT NULL ORDER BY max(peak, coalesce(sampled, 0)) DESC, date LIMIT 1",
      [row.number, day])
    found += try rows("\(before) ORDER BY date DESC LIMIT 1", [row.number, day])
    found += try rows(Self.open, [row.number, max(0, day - Self.openReach), day - 1])
    var entries: [Int64: UsageEntry] = [:]
    for row in found {
      entries[try row.number("position")] = try Self.entry(row, installation)
    }
    return entries.sorted { $0.key < $1.key }.map(\.value)
  }

  private static func entry(_ row: GRDB.Row, _ installation: Thumbprint) throws -> UsageEntry {
    let peak = try peak(row)
    return UsageEntry(
      installation: installation, seq: try row.optional("seq"), kind: try row.choice("kind"),
      date: try sound(CivilDate(daysSinceEpoch: try row.number("date"))),
      from: try row.number("from_at"), to: try row.number("to_at"), peak: peak?.count,
      peakAt: peak?.at, sampledPeak: try row.optional("sampled"),
      observed: try row.number("observed"),
      gaps: try gaps(try row.text("gaps")), rule: try rule(row),
      license: try row.identifier("license"),
      revision: try row.number("revision"))
  }

  static func rule(_ row: GRDB.Row) throws -> UsageRecord.Rule? {
    guard let window: Int64 = try row.optional("window"),
      let dwell: Int64 = try row.optional("dwell"),
      let identity: String = try row.optional("identity")
    else { return nil }
    return UsageRecord.Rule(window: window, dwell: dwell, identity: identity)
  }

  /// The unobserved stretches of a date; entries of length 0 tell of a shared second and are none.
  private static func gaps(_ text: String) throws -> [UsageGap] {
    let value = try sound(try? JSONScanner.scan(Array(text.utf8), maximumDepth: 2))
    guard case .array(let list) = value else {
      return try sound(nil)
    }
    return try list.compactMap { value in
      let from = try sound(value["from"]?.integer)
      let to = try sound(value["to"]?.integer)
      guard from < to else { return nil }
      return UsageGap(from: from, to: to, reason: try sound(value["reason"]?.string))
    }
  }
}
